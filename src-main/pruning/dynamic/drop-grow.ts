import type { Layout, PlacedParameter } from '../../contract/parameters.ts';
import { pruneGlobally } from '../global.ts';
import { perLayerAlive, prunableOf, type Mask } from '../mask.ts';

/**
 * Share of a layer's weights that is replaced after `iteration` steps: α/2 · (1 + cos(π t / T_end)) (Dettmers and
 * Zettlemoyer 2019; Evci et al. 2020).
 * @param end T_end, the step at which updates end.
 */
export function cosineFraction(fraction: number, iteration: number, end: number): number {
  return (fraction / 2) * (1 + Math.cos((Math.PI * iteration) / end));
}

/**
 * Chooses the weights that grow in one layer.
 * @param kept 1: still alive after the drop, in the layer. @returns the layer with exactly `count` more ones.
 */
export type Grow = (layer: PlacedParameter, kept: Mask, count: number) => Mask;

/**
 * Drops in each layer the floor(share · alive) weights of the smallest magnitude (among equal ones the later) and
 * grows as many among all that are then not alive, those just dropped included: a weight that is dropped and grown at
 * once stays as it was. Every layer keeps its count.
 */
export function dropAndGrow(
  weights: Float32Array,
  mask: Mask,
  layout: Layout,
  { share, grow }: { share: number; grow: Grow },
): Mask {
  const next = mask.slice();
  const alive = perLayerAlive(mask, layout);
  for (const layer of prunableOf(layout)) {
    const { name, offset, size } = layer;
    const count = alive.get(name) ?? 0;
    const replaced = Math.floor(share * count);
    if (replaced === 0) continue;
    const magnitudes = weights.subarray(offset, offset + size).map(Math.abs);
    const kept = keepLargest(magnitudes, mask.subarray(offset, offset + size), layer, count - replaced);
    next.set(grow(layer, kept, replaced), offset);
  }
  return next;
}

/** Grows where a vector over the whole layout, a gradient say, is largest in magnitude; among equal ones the earlier. */
export function growLargest(vector: Float32Array): Grow {
  return (layer, kept, count) => {
    const { offset, size } = layer;
    const magnitudes = vector.subarray(offset, offset + size).map(Math.abs);
    const candidates = kept.map((alive) => 1 - alive);
    const grown = keepLargest(magnitudes, candidates, layer, count);
    return grown.map((one, at) => one | (kept[at] as number));
  };
}

/** Grows anywhere, every choice equally likely. @param draw a uniform integer in 0 … range − 1 */
export function growAnywhere(draw: (range: number) => number): Grow {
  return (_layer, kept, count) => {
    const free = Int32Array.from([...kept.keys()].filter((at) => kept[at] === 0));
    const grown = kept.slice();
    // Fisher and Yates's shuffle from the front, as far as it is needed.
    for (let at = 0; at < count; at++) {
      const chosen = at + draw(free.length - at);
      grown[free[chosen] as number] = 1;
      free[chosen] = free[at] as number;
    }
    return grown;
  };
}

/** The `count` largest of one layer's scores among those alive in its part of a mask. */
function keepLargest(scores: Float32Array, mask: Mask, layer: PlacedParameter, count: number): Mask {
  const { size } = layer;
  const alone = { parameters: [{ ...layer, offset: 0 }], total: size, prunable: size, denominator: '' };
  return pruneGlobally(scores, mask, alone, count);
}
