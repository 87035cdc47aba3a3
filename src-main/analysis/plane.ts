/** The plane through three solutions, by Gram–Schmidt: a point of it is origin + x·u + y·v, u and v of length 1 at a right angle. */
export interface Plane {
  readonly origin: Float32Array;
  readonly u: Float64Array;
  readonly v: Float64Array;
}

/** Where weights lie: coordinates of the nearest point of the plane, in the weights' own unit, and how far off that is. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly distance: number;
}

/**
 * What rounding to float32 can move weights by, as a share of their norm, with room: an average of two solutions is off their
 * line by 3e-8 of it. Trainings part by far more.
 */
const ROUNDING = 1e-6;

/**
 * The plane through a, which is its origin, b, to which x goes, and c, which lies at positive y.
 * @returns `null` where the three lie on one line but for rounding, or two of them are equal: no plane is given by them
 * @throws RangeError where they are not of one model
 */
export function planeThrough(a: Float32Array, b: Float32Array, c: Float32Array): Plane | null {
  if (a.length !== b.length || a.length !== c.length)
    throw new RangeError(`solutions of ${a.length}, ${b.length} and ${c.length} weights have no plane`);
  const least = ROUNDING * Math.max(norm(a), norm(b), norm(c));
  const u = difference(b, a);
  const width = norm(u);
  if (!(width > least)) return null;
  scale(u, 1 / width);
  const v = difference(c, a);
  // Twice: what rounding leaves of u the first time is as large as a short v.
  for (let time = 0; time < 2; time++) subtract(v, dot(v, u), u);
  const height = norm(v);
  if (!(height > least)) return null;
  scale(v, 1 / height);
  return { origin: a, u, v };
}

/** Where weights lie, seen from the plane. */
export function placeOf({ origin, u, v }: Plane, weights: Float32Array): Place {
  const from = difference(weights, origin);
  const x = dot(from, u);
  const y = dot(from, v);
  subtract(from, x, u);
  subtract(from, y, v);
  return { x, y, distance: norm(from) };
}

/** The weights at a point of the plane, computed in float64, one rounding. @param into what takes them, given back */
export function weightsAt({ origin, u, v }: Plane, x: number, y: number, into: Float32Array): Float32Array {
  for (let at = 0; at < into.length; at++)
    into[at] = (origin[at] as number) + x * (u[at] as number) + y * (v[at] as number);
  return into;
}

/**
 * Even steps of a grid's side, from one margin below the lowest value to one above the highest.
 * @param margin share of the values' extent
 */
export function gridSteps(values: readonly number[], size: number, margin: number): number[] {
  const low = Math.min(...values);
  const extent = Math.max(...values) - low;
  const step = (extent * (1 + 2 * margin)) / (size - 1);
  return Array.from({ length: size }, (_, at) => low - margin * extent + at * step);
}

function difference(a: Float32Array, b: Float32Array): Float64Array {
  const made = new Float64Array(a.length);
  for (let at = 0; at < made.length; at++) made[at] = (a[at] as number) - (b[at] as number);
  return made;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] as number) * (b[at] as number);
  return sum;
}

function norm(values: Float32Array | Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += (values[at] as number) ** 2;
  return Math.sqrt(sum);
}

function scale(values: Float64Array, factor: number): void {
  for (let at = 0; at < values.length; at++) values[at] = (values[at] as number) * factor;
}

/** a ← a − factor·b */
function subtract(a: Float64Array, factor: number, b: Float64Array): void {
  for (let at = 0; at < a.length; at++) a[at] = (a[at] as number) - factor * (b[at] as number);
}
