import type { Layout } from '../contract/parameters.ts';
import { prunableOf } from '../pruning/mask.ts';

const FLOAT_BYTES = 4;

/** Bytes that a network's numbers take, by how they are written; names and headers aside. */
export interface NetworkBytes {
  /** Every weight and batch-norm statistic as float32, pruned or not. */
  readonly dense: number;
  /** Pruned weights left out, and a bit a prunable weight that says which; each tensor's bits fill whole bytes. */
  readonly bitmap: number;
  /** Pruned weights left out, and an index a weight alive in a pruned tensor: 2 bytes where those do, else 4. */
  readonly indices: number;
}

/**
 * @param alive weights alive by prunable tensor, in layout order
 * @param statistics numbers of its batch-norm statistics
 */
export function networkBytes(layout: Layout, alive: readonly number[], statistics: number): NetworkBytes {
  const dense = FLOAT_BYTES * (layout.total + statistics);
  let [bitmap, indices] = [dense, dense];
  for (const [at, { size }] of prunableOf(layout).entries()) {
    const left = alive[at] ?? size;
    const pruned = FLOAT_BYTES * (size - left);
    bitmap += Math.ceil(size / 8) - pruned;
    indices += (size <= 2 ** 16 ? 2 : 4) * left - pruned;
  }
  return { dense, bitmap, indices };
}
