import type { Stream } from '../random/random.ts';
import { deviation, mean } from '../contract/statistics.ts';

/**
 * A probe: +1 or −1 with equal chance at every place, 32 places from each word of the stream. A place has the same sign whatever
 * the mask, so that what is compared under two masks is probed alike where both are alive.
 */
export function rademacher(stream: Stream, length: number): Float32Array {
  const signs = new Float32Array(length);
  let word = 0;
  for (let at = 0; at < length; at++) {
    if (at % 32 === 0) word = stream.next();
    signs[at] = (word & 1) === 1 ? 1 : -1;
    word >>>= 1;
  }
  return signs;
}

/** Inner product in float64. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] as number) * (b[at] as number);
  return sum;
}

/** A mean over probes and its standard error; `null` of a single one, which says nothing of it. */
export interface TraceEstimate {
  readonly mean: number;
  readonly standardError: number | null;
}

/**
 * The trace of H from z·Hz of several probes z (Hutchinson 1990): each is right on average, with a variance of twice the sum of
 * the squares beside H's diagonal.
 */
export function traceOf(products: readonly number[]): TraceEstimate {
  const several = products.length > 1;
  return {
    mean: mean(products),
    standardError: several ? deviation(products) / Math.sqrt(products.length) : null,
  };
}
