import { z } from 'zod';
import type { Layout, PlacedParameter } from '../../contract/parameters.ts';
import { perLayerAlive, prunableOf } from '../mask.ts';
import { chooseByLayer, refuseEmpty } from './by-layer.ts';
import type { Scope } from './scope.ts';

const Erk = z.strictObject({ kind: z.literal('erk') });

/**
 * Erdős–Rényi kernel densities (Mocanu et al. 2018; Evci et al. 2020): the share of its weights that a layer keeps is
 * proportional to the sum of its kernel's sides over their product, so that large layers become sparser than small
 * ones. A layer that would have to keep more than it has stays whole, and the others share what is left.
 */
export const erk: Scope<z.infer<typeof Erk>> = {
  kind: 'erk',
  title: 'ERK: large layers become sparser than small ones',
  schema: Erk,
  reach(_options, alive, layout) {
    refuseEmpty(layout, alive, erkDensity(layout, alive), 'ERK');
    return alive;
  },
  densities: (_options, alive, layout) => erkDensity(layout, alive),
  choose(_options, from) {
    return chooseByLayer(from, erkDensity(from.layout, from.alive, perLayerAlive(from.mask, from.layout)));
  },
};

/**
 * Share of its weights that each layer keeps: ε · (sum of sides / product of sides), at most what it has, with the ε
 * that makes it `alive` weights in all.
 * @param left Weights that a layer has, by name. Absent: all.
 */
export function erkDensity(
  layout: Layout,
  alive: number,
  left?: ReadonlyMap<string, number>,
): (layer: PlacedParameter) => number {
  const most = ({ name, size }: PlacedParameter): number => left?.get(name) ?? size;
  const sides = ({ shape }: PlacedParameter): number => shape.reduce((sum, side) => sum + side, 0);
  let open = prunableOf(layout);
  let rest = alive;
  for (;;) {
    const epsilon = rest / open.reduce((sum, layer) => sum + sides(layer), 0);
    const full = open.filter((layer) => epsilon * sides(layer) > most(layer));
    if (full.length === 0) {
      const shared = new Set(open.map(({ name }) => name));
      return (layer) => (shared.has(layer.name) ? epsilon * sides(layer) : most(layer)) / layer.size;
    }
    rest -= full.reduce((sum, layer) => sum + most(layer), 0);
    open = open.filter((layer) => !full.includes(layer));
  }
}
