/** Elements added up at a time: the float64 sums of a chunk stay in the processor's cache. */
const CHUNK = 4096;

/**
 * Mean of N flat vectors with equal weights: summed in float64 in the order given, divided by N, one rounding to
 * float32. A weight that is zero in all of them is zero in the mean.
 * @throws RangeError on no vectors, or where their lengths differ.
 */
export function average(vectors: readonly Float32Array[]): Float32Array {
  const [first] = vectors;
  if (first === undefined) throw new RangeError('there is nothing to average');
  for (const [index, vector] of vectors.entries())
    if (vector.length !== first.length)
      throw new RangeError(
        `vector ${index} has ${vector.length} elements, the first ${first.length}: they are not of one model`,
      );
  const mean = new Float32Array(first.length);
  const sums = new Float64Array(CHUNK);
  for (let from = 0; from < mean.length; from += CHUNK) {
    const length = Math.min(CHUNK, mean.length - from);
    sums.fill(0);
    for (const vector of vectors)
      for (let i = 0; i < length; i++) sums[i] = (sums[i] as number) + (vector[from + i] as number);
    for (let i = 0; i < length; i++) mean[from + i] = (sums[i] as number) / vectors.length;
  }
  return mean;
}

/**
 * The same mean, one vector at a time: for SWA's snapshots, of which there are too many to keep. To go on after
 * a checkpoint, store `sums` and `count` and give them to the constructor: the bits are the same.
 */
export class RunningAverage {
  /** Sums so far, float64. */
  readonly sums: Float64Array;
  #count: number;

  constructor(start: { readonly length: number } | { readonly sums: Float64Array; readonly count: number }) {
    this.sums = 'sums' in start ? start.sums : new Float64Array(start.length);
    this.#count = 'sums' in start ? start.count : 0;
  }

  /** Vectors added so far. */
  get count(): number {
    return this.#count;
  }

  /** @throws RangeError where the length differs. */
  add(vector: Float32Array): void {
    const { sums } = this;
    if (vector.length !== sums.length)
      throw new RangeError(`a vector of ${vector.length} elements cannot join an average of ${sums.length}`);
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + (vector[i] as number);
    this.#count++;
  }

  /** @throws RangeError before the first vector. */
  mean(): Float32Array {
    if (this.#count === 0) throw new RangeError('there is nothing to average');
    const mean = new Float32Array(this.sums.length);
    for (let i = 0; i < mean.length; i++) mean[i] = (this.sums[i] as number) / this.#count;
    return mean;
  }
}

/** (1 − α)·a + α·b, computed in float64. @param into what takes it, given back */
export function interpolate(
  a: Float32Array,
  b: Float32Array,
  alpha: number,
  into = new Float32Array(a.length),
): Float32Array {
  for (let at = 0; at < a.length; at++)
    into[at] = (1 - alpha) * (a[at] as number) + alpha * (b[at] as number);
  return into;
}
