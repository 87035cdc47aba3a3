import { contours } from 'd3-contour';
import type { FigureOf, Value } from '../../contract/figures.ts';
import { niceStep, tidy, type Scale } from '../axes.ts';

// Contours of a value over a plane, in the numbers of its axes.

export type Ring = readonly (readonly [number, number])[];

export interface Level {
  /** The area has this value or more; `-Infinity`: all that has a value. */
  readonly from: number;
  /** Outlines of the area, holes among them: the other way round. */
  readonly area: readonly Ring[];
  /** The line along which the value is `from`: the outline without the edges of the picture and of holes in the data. */
  readonly lines: readonly Ring[];
}

type Grid = Pick<FigureOf<'surface'>, 'x' | 'y' | 'values'>;

/** Aimed at when levels are chosen. */
const LEVELS = 12;
/** Of levels that keep a ratio. */
const FEWEST_LEVELS = 4;
/** From this ratio of the largest to the smallest value on, even steps would show one slope and nothing of the valley. */
const LARGE_RATIO = 20;

/** Whether levels keep a ratio rather than a distance: where that is wanted or the range is large, and gives levels enough. */
export function levelScale(values: readonly number[], wanted: Scale): Scale {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (!(low > 0)) return 'linear';
  const ratio = wanted === 'log' || high / low >= LARGE_RATIO;
  return ratio && roundRatios(low, high) !== null ? 'log' : 'linear';
}

/** Round numbers strictly between the smallest and the largest value, about a dozen. */
export function levelsOf(values: readonly number[], scale: Scale): number[] {
  if (values.length === 0) return [];
  const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  if (!(high - low > 1e-9 * Math.max(Math.abs(low), Math.abs(high)))) return [];
  const levels = (scale === 'log' && low > 0 ? roundRatios(low, high) : null) ?? evenly(low, high);
  return levels.filter((level) => level > low && level < high);
}

function evenly(low: number, high: number): number[] {
  const step = niceStep((high - low) / LEVELS);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, index) =>
    tidy((first + index) * step),
  );
}

/** Numbers that begin each power of ten: the more decades, the fewer. */
const leads = [
  [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2, 2.2, 2.5, 2.8, 3.2, 3.6, 4, 4.5, 5, 5.6, 6.3, 7, 8, 9],
  [1, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 4, 5, 6, 7.5],
  [1, 1.5, 2, 3, 4, 5, 7],
  [1, 1.5, 2, 3, 5, 7],
  [1, 2, 3, 5],
  [1, 2, 5],
  [1, 3],
  [1],
] as const;

/** `null` where these are too few to show anything. */
function roundRatios(low: number, high: number): number[] | null {
  const within = (steps: readonly number[]): number[] => {
    const found: number[] = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
      for (const step of steps) found.push(tidy(step * 10 ** power));
    }
    return found.filter((level) => level > low && level < high);
  };
  const choices = leads.map(within);
  const fitting = choices.find(({ length }) => length <= LEVELS + 2);
  if (fitting) return fitting.length >= FEWEST_LEVELS ? fitting : null;
  // Very many decades: every so many.
  const powers = within([1]);
  const every = Math.ceil(powers.length / LEVELS);
  return powers.filter((_, index) => index % every === 0);
}

/** Filled areas from the lowest level to the highest, to be painted one over the other. */
export function contoursOf({ x, y, values }: Grid, levels: readonly number[]): Level[] {
  const across = x.values.length;
  const down = y.values.length;
  if (across < 2 || down < 2) return [];
  const flat = y.values.flatMap((_, row) => x.values.map((_at, column) => values[row]?.[column] ?? null));
  const known = flat.filter((value): value is number => value !== null);
  if (known.length === 0) return [];
  const base = known.reduce((a, b) => Math.min(a, b));
  const made = contours().size([across, down]);
  // What is missing is below every level: areas end before it.
  const numbers = flat.map((value) => value ?? NaN);
  const xAt = along(x.values);
  const yAt = along(y.values);
  return [base, ...levels].map((level, index) => {
    const rings = made.contour(numbers, level).coordinates.flat();
    const placed = rings.map((ring) =>
      ring.map(([h = 0, v = 0]): [number, number] => [held(h, across), held(v, down)]),
    );
    const inValues = (ring: Ring): Ring => ring.map(([h, v]) => [xAt(h), yAt(v)]);
    return {
      from: index === 0 ? -Infinity : level,
      area: placed.map(inValues),
      lines: index === 0 ? [] : placed.flatMap((ring) => inner(ring, flat, across, down)).map(inValues),
    };
  });
}

/** d3 has the sample i at i + ½ and goes half a step beyond the last: held within the samples, counted from 0. */
function held(at: number, count: number): number {
  return Math.min(count - 1, Math.max(0, at - 0.5));
}

/** Pieces of an outline that are neither an edge of the picture nor of a hole in the data. */
function inner(ring: Ring, flat: readonly Value[], across: number, down: number): Ring[] {
  const pieces: (readonly [number, number])[][] = [[]];
  ring.forEach((to, index) => {
    const from = ring[index - 1];
    if (from === undefined) return;
    if (isEdge(from, to, flat, across, down)) {
      pieces.push([]);
      return;
    }
    const piece = pieces.at(-1);
    if (piece?.length === 0) piece.push(from);
    piece?.push(to);
  });
  return pieces.filter(({ length }) => length > 1);
}

function isEdge(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  flat: readonly Value[],
  across: number,
  down: number,
): boolean {
  const along = (a: number, b: number, last: number): boolean => a === b && (a === 0 || a === last);
  if (along(x1, x2, across - 1) || along(y1, y2, down - 1)) return true;
  // Around the middle of the piece stand four samples: an outline that stops at a missing one is no contour.
  const column = Math.min(across - 2, Math.floor((x1 + x2) / 2));
  const row = Math.min(down - 2, Math.floor((y1 + y2) / 2));
  return [0, 1].some((h) => [0, 1].some((v) => (flat[(row + v) * across + column + h] ?? null) === null));
}

/** From places between samples to the numbers of an axis. */
function along(values: readonly number[]): (at: number) => number {
  return (at) => {
    const before = Math.min(values.length - 2, Math.floor(at));
    const [a = 0, b = 0] = [values[before], values[before + 1]];
    return a + (b - a) * (at - before);
  };
}
