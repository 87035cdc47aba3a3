/** How sparsity is drawn upwards: by itself, or by what is left, where each geometric round is one step. */
export type Scale = 'sparsity' | 'remaining';

/** The plot's place in the picture, pixels. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Between places in the picture and rounds and sparsities. */
export interface Mapping {
  readonly x: (round: number) => number;
  readonly y: (sparsity: number) => number;
  readonly sparsityAt: (y: number) => number;
  readonly roundAt: (x: number) => number;
}

/** @param last the last round drawn @param most the highest sparsity drawn, below 1 */
export function mapping(frame: Frame, last: number, most: number, scale: Scale): Mapping {
  const { left, top, width, height } = frame;
  const rounds = Math.max(1, last);
  const depth = Math.log(1 - most);
  const share = (sparsity: number): number =>
    scale === 'sparsity' ? sparsity : Math.log(1 - Math.min(sparsity, most)) / depth;
  const value = (share: number): number => (scale === 'sparsity' ? share : 1 - Math.exp(share * depth));
  const within = (number: number): number => Math.min(1, Math.max(0, number));
  return {
    x: (round) => left + (width * round) / rounds,
    y: (sparsity) => top + height * (1 - within(share(sparsity))),
    sparsityAt: (y) => value(within(1 - (y - top) / height)),
    roundAt: (x) => Math.round(((x - left) / width) * rounds),
  };
}

const LEVELS = [0, 0.25, 0.5, 0.75, 1];
const DEEP = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999];

/** Sparsities that get a line. */
export function levels(scale: Scale, most: number): readonly number[] {
  return scale === 'sparsity' ? LEVELS : DEEP.filter((level) => level <= most);
}

/** Rounds that get a number: not too many. */
export function roundTicks(last: number): number[] {
  const step = [1, 2, 5, 10, 20, 50, 100, 200].find((each) => last / each <= 14) ?? 500;
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, index) => index * step);
}
