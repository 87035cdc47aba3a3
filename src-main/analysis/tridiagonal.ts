/** Eigenvalues of a symmetric tridiagonal matrix, the largest first, with the last component of each unit eigenvector. */
export interface TridiagonalEigen {
  readonly values: readonly number[];
  readonly last: readonly number[];
}

/** Far more sweeps than an eigenvalue ever took. */
const MOST_SWEEPS = 60;

/**
 * Implicit QL iteration with Wilkinson's shift (Dubrulle, Martin and Wilkinson 1968), in float64. Of the eigenvectors the last
 * row alone is carried along: Lanczos needs no more for its error bounds, and n values take n² steps.
 * @param diagonal n numbers
 * @param beside the n − 1 numbers beside it
 */
export function tridiagonalEigen(diagonal: readonly number[], beside: readonly number[]): TridiagonalEigen {
  const n = diagonal.length;
  const d = Float64Array.from(diagonal);
  const e = new Float64Array(n);
  e.set(beside.slice(0, Math.max(0, n - 1)));
  const row = new Float64Array(n);
  if (n > 0) row[n - 1] = 1;
  for (let low = 0; low < n; low++) {
    for (let sweep = 0; ; sweep++) {
      const high = splitAfter(d, e, low);
      if (high === low) break;
      if (sweep === MOST_SWEEPS) throw new Error(`eigenvalue ${low} of ${n} does not settle`);
      chase(d, e, row, low, high);
    }
  }
  const order = Array.from(d.keys()).sort((a, b) => (d[b] as number) - (d[a] as number) || a - b);
  return { values: order.map((at) => d[at] as number), last: order.map((at) => row[at] as number) };
}

/** Where the block that begins at `low` ends: what is beside the diagonal there is nothing but rounding. */
function splitAfter(d: Float64Array, e: Float64Array, low: number): number {
  let at = low;
  for (; at < d.length - 1; at++) {
    const size = Math.abs(d[at] as number) + Math.abs(d[at + 1] as number);
    if (Math.abs(e[at] as number) <= Number.EPSILON * size) break;
  }
  return at;
}

/** One QL sweep over the rows low … high: rotations from the bottom up that leave the matrix tridiagonal. */
function chase(d: Float64Array, e: Float64Array, row: Float64Array, low: number, high: number): void {
  const at = (values: Float64Array, index: number): number => values[index] as number;
  const half = (at(d, low + 1) - at(d, low)) / (2 * at(e, low));
  const length = Math.hypot(half, 1);
  let g = at(d, high) - at(d, low) + at(e, low) / (half + (half < 0 ? -length : length));
  let [sine, cosine, lifted] = [1, 1, 0];
  for (let i = high - 1; i >= low; i--) {
    const f = sine * at(e, i);
    const b = cosine * at(e, i);
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      // The matrix falls into two: the next sweep begins below.
      d[i + 1] = at(d, i + 1) - lifted;
      e[high] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = at(d, i + 1) - lifted;
    const turned = (at(d, i) - g) * sine + 2 * cosine * b;
    lifted = sine * turned;
    d[i + 1] = g + lifted;
    g = cosine * turned - b;
    const [upper, lower] = [at(row, i), at(row, i + 1)];
    row[i + 1] = sine * upper + cosine * lower;
    row[i] = cosine * upper - sine * lower;
  }
  d[low] = at(d, low) - lifted;
  e[low] = g;
  e[high] = 0;
}
