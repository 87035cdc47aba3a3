import { ConfigError } from '../../contract/errors.ts';
import type { Layout, PlacedParameter } from '../../contract/parameters.ts';
import { pruneGlobally } from '../global.ts';
import { perLayerAlive, prunableOf, type Mask } from '../mask.ts';
import type { Choosing } from './scope.ts';

/**
 * A mask in which each layer keeps its own number of weights: those with the layer's largest scores.
 * @param density Share of its weights that a layer should keep; the numbers are rounded so that their sum is `alive`.
 */
export function chooseByLayer(
  { scores, mask, layout, alive }: Choosing,
  density: (layer: PlacedParameter) => number,
): Mask {
  const layers = prunableOf(layout);
  const left = perLayerAlive(mask, layout);
  const counts = layerCounts(
    layers.map((layer) => ({ wanted: density(layer) * layer.size, most: left.get(layer.name) ?? 0 })),
    alive,
  );
  return layers.reduce(
    (next, layer, at) => pruneGlobally(scores, next, only(layout, layer), counts[at] ?? 0),
    mask,
  );
}

/** @throws ConfigError where shares of `alive` weights, rounded, leave a layer none. @param rule for the message */
export function refuseEmpty(
  layout: Layout,
  alive: number,
  density: (layer: PlacedParameter) => number,
  rule: string,
): void {
  const layers = prunableOf(layout);
  const counts = layerCounts(
    layers.map((layer) => ({ wanted: density(layer) * layer.size, most: layer.size })),
    alive,
  );
  const empty = layers.find((_, at) => counts[at] === 0);
  if (!empty) return;
  throw new ConfigError(
    `sparsity: of ${alive} of ${layout.prunable} weights, ${rule} densities would leave ${empty.name} none`,
    'End at a lower sparsity.',
  );
}

/**
 * Whole numbers with a given sum, as near as they may be to what each layer wants: rounded down, the rest to those that
 * lost most by it (largest remainder; the earlier of equal ones), and never more than `most`.
 * @throws ConfigError where all together have fewer.
 */
export function layerCounts(
  layers: readonly { readonly wanted: number; readonly most: number }[],
  sum: number,
): number[] {
  const there = layers.reduce((total, { most }) => total + most, 0);
  if (sum > there)
    throw new ConfigError(
      `${sum} weights are to stay, but only ${there} are alive`,
      'A pruned weight stays pruned: give a schedule whose sparsity rises from round to round.',
    );
  const counts = layers.map(({ wanted, most }) => Math.min(Math.floor(wanted), most));
  let rest = sum - counts.reduce((total, count) => total + count, 0);
  const lost = (at: number): number => (layers[at]?.wanted ?? 0) - (counts[at] ?? 0);
  const order = layers.map((_, at) => at);
  // Each time around a layer gets one; more than once only where others are full.
  while (rest > 0) {
    order.sort((a, b) => lost(b) - lost(a) || a - b);
    for (const at of order) {
      if (rest === 0) break;
      if ((counts[at] ?? 0) >= (layers[at]?.most ?? 0)) continue;
      counts[at] = (counts[at] ?? 0) + 1;
      rest--;
    }
  }
  // Wishes that sum to more than there is to give: back from those that are furthest above theirs.
  while (rest < 0) {
    order.sort((a, b) => lost(a) - lost(b) || b - a);
    for (const at of order) {
      if (rest === 0) break;
      if ((counts[at] ?? 0) === 0) continue;
      counts[at] = (counts[at] ?? 0) - 1;
      rest++;
    }
  }
  return counts;
}

/** The layout as if one layer alone could be pruned. */
function only(layout: Layout, layer: PlacedParameter): Layout {
  const parameters = layout.parameters.map((each) => ({ ...each, prunable: each === layer }));
  return { ...layout, parameters, prunable: layer.size };
}
