import type { Metrics } from '../contract/metrics.ts';
import { interpolate } from './average.ts';
import { isBetter, type Judge } from './greedy.ts';

/** A network of the pool's sparsity: interpolated, and pruned again. */
export interface Pooled<Mask> {
  readonly weights: Float32Array;
  readonly mask: Mask;
}

/**
 * Lottery Pools (Yin et al. 2023), greedy interpolation: each neighbour θ_t in turn is tried at every coefficient α as
 * α·θ_t + (1 − α)·θ with the network so far; the best of these replaces it where it is better on validation.
 * @param again prunes an interpolant to the sparsity of the base
 * @returns the network, and for each neighbour the coefficient at which it was taken; 0 where it was not
 */
export async function lotteryPool<Mask>(
  base: Pooled<Mask>,
  neighbours: readonly Float32Array[],
  coefficients: readonly number[],
  again: (weights: Float32Array) => Pooled<Mask>,
  judge: Judge,
): Promise<Pooled<Mask> & { taken: number[] }> {
  let best = base;
  let metrics = await judge(base.weights);
  const taken: number[] = [];
  for (const neighbour of neighbours) {
    const from = best.weights;
    let found: { pooled: Pooled<Mask>; metrics: Metrics; coefficient: number } | null = null;
    for (const coefficient of coefficients) {
      const pooled = again(interpolate(from, neighbour, coefficient));
      const now = await judge(pooled.weights);
      if (isBetter(now, found?.metrics ?? metrics)) found = { pooled, metrics: now, coefficient };
    }
    taken.push(found?.coefficient ?? 0);
    if (found) ({ pooled: best, metrics } = found);
  }
  return { ...best, taken };
}
