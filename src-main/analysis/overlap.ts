import type { Layout } from '../contract/parameters.ts';
import { checkLength, prunableOf, type Mask } from '../pruning/mask.ts';

/** Weights that masks have in common: all pairs of k masks, as k × k numbers by rows. */
export interface Overlaps {
  /** Alive in both. On the diagonal: alive. */
  readonly intersection: readonly number[];
  /** Alive in one of them or both. */
  readonly union: readonly number[];
  /** `intersection` of each prunable tensor by itself, one after another in layout order. */
  readonly layers: readonly number[];
}

/** Counts over the prunable tensors of a layout; what no mask may prune says nothing about masks. */
export function countOverlaps(masks: readonly Mask[], layout: Layout): Overlaps {
  for (const mask of masks) checkLength(mask.length, layout, 'mask');
  const k = masks.length;
  const intersection = new Array<number>(k * k).fill(0);
  const layers: number[] = [];
  for (const { offset, size } of prunableOf(layout)) {
    const parts = masks.map((mask) => mask.subarray(offset, offset + size));
    const own = new Array<number>(k * k).fill(0);
    for (const [row, a] of parts.entries()) {
      for (const [column, b] of parts.slice(0, row + 1).entries()) {
        const common = countCommon(a, b);
        own[row * k + column] = common;
        own[column * k + row] = common;
      }
    }
    for (const [at, common] of own.entries()) intersection[at] = (intersection[at] ?? 0) + common;
    layers.push(...own);
  }
  const alive = masks.map((_, at) => intersection[at * k + at] ?? 0);
  const union = intersection.map(
    (common, at) => (alive[Math.floor(at / k)] ?? 0) + (alive[at % k] ?? 0) - common,
  );
  return { intersection, union, layers };
}

function countCommon(a: Mask, b: Mask): number {
  let common = 0;
  for (let at = 0; at < a.length; at++) common += (a[at] as number) & (b[at] as number);
  return common;
}

/** Jaccard overlap, |A ∩ B| / |A ∪ B|; two masks that leave nothing are the same. */
export function jaccard(intersection: number, union: number): number {
  return union === 0 ? 1 : intersection / union;
}

/**
 * The overlap that chance gives masks of the same densities: drawn at random within each group of weights, E|A ∩ B| / E|A ∪ B|
 * over the groups. With all weights as one group: masks of the same sparsity; with a group a layer: masks that agree on
 * how much they keep of each layer, and on nothing else.
 */
export function jaccardByChance(
  groups: readonly { readonly size: number; readonly a: number; readonly b: number }[],
): number {
  let [common, either] = [0, 0];
  for (const { size, a, b } of groups) {
    const expected = size === 0 ? 0 : (a * b) / size;
    common += expected;
    either += a + b - expected;
  }
  return jaccard(common, either);
}
