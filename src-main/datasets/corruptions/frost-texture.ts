import { streamFor, uniform, uniformInt, type Stream } from '../../random/random.ts';
import { gaussianBlur } from './filter.ts';
import { plasma } from './plasma.ts';

/** Different textures, and the side of one in pixels. */
export const FROSTS = 6;
export const FROST_SIDE = 256;

/** Of bare glass and of thick ice: red, green, blue. */
const GLASS = [35, 60, 95] as const;
const ICE = [235, 245, 255] as const;

/** Places from which crystals grow. */
const SEEDS = 26;
/** Length of a crystal's arms in pixels, and how much shorter a branch is than what it grows from. */
const ARM = 46;
const SHORTER = 0.45;
/** Branches of branches. */
const DEPTH = 2;
/** Pixels between branches. */
const SPACING = 5;
/** The angle at which ice branches. */
const BRANCH = Math.PI / 3;

const made: (Float64Array | undefined)[] = [];

/** Texture `index` of 0 … FROSTS − 1: [side, side, 3] on the scale of bytes. Always the same. */
export function frostTexture(index: number): Float64Array {
  return (made[index] ??= drawFrost(streamFor({ seed: 0, purpose: 'corrupt-frost-texture', member: index })));
}

/** Feathery crystals, six arms each, over a film of ice of uneven thickness. */
function drawFrost(stream: Stream): Float64Array {
  const shape = [FROST_SIDE, FROST_SIDE, 1] as const;
  const lines = new Float64Array(FROST_SIDE * FROST_SIDE);
  for (let seed = 0; seed < SEEDS; seed++) {
    const [y, x] = [uniformInt(stream, FROST_SIDE), uniformInt(stream, FROST_SIDE)];
    const turn = uniform(stream) * BRANCH;
    const length = ARM * (0.4 + 0.6 * uniform(stream));
    for (let arm = 0; arm < 6; arm++)
      grow(lines, stream, { y, x, angle: turn + arm * BRANCH, length, depth: DEPTH });
  }
  const crystals = gaussianBlur({ shape, values: lines }, 0.6, { edge: 'nearest', truncate: 4 }).values;
  const film = plasma(stream, FROST_SIDE, 1.6);
  const texture = new Float64Array(3 * lines.length);
  for (let i = 0; i < lines.length; i++) {
    // Ice on ice adds less and less.
    const thickness = 1 - Math.exp(-1.1 * (film[i] as number) ** 2 - 0.9 * (crystals[i] as number));
    for (let c = 0; c < 3; c++)
      texture[3 * i + c] = (GLASS[c] as number) + thickness * ((ICE[c] as number) - (GLASS[c] as number));
  }
  return texture;
}

interface Needle {
  readonly y: number;
  readonly x: number;
  readonly angle: number;
  readonly length: number;
  /** Generations of branches that still grow from it. */
  readonly depth: number;
}

/** Draws a needle of ice, thinner towards its end, with shorter ones on both of its sides; the texture is a torus. */
function grow(lines: Float64Array, stream: Stream, { y, x, angle, length, depth }: Needle): void {
  const [down, right] = [Math.sin(angle), Math.cos(angle)];
  for (let at = 0; at < length; at += 0.5) {
    const row = Math.round(y + at * down);
    const column = Math.round(x + at * right);
    const place = wrap(row) * FROST_SIDE + wrap(column);
    lines[place] = (lines[place] as number) + (0.9 * (1 - at / length) * (depth + 1)) / (DEPTH + 1);
  }
  if (depth === 0) return;
  for (let at = SPACING; at < length; at += SPACING * (0.6 + 0.8 * uniform(stream)))
    for (const side of [-BRANCH, BRANCH])
      grow(lines, stream, {
        y: y + at * down,
        x: x + at * right,
        angle: angle + side,
        length: SHORTER * (length - at) * (0.5 + uniform(stream)),
        depth: depth - 1,
      });
}

function wrap(place: number): number {
  return ((place % FROST_SIDE) + FROST_SIDE) % FROST_SIDE;
}
