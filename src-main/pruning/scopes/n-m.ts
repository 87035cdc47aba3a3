import { z } from 'zod';
import { ConfigError } from '../../contract/errors.ts';
import type { Layout, PlacedParameter } from '../../contract/parameters.ts';
import { notANumber } from '../global.ts';
import { prunableOf, type Mask } from '../mask.ts';
import type { Scope } from './scope.ts';

const NM = z.strictObject({
  kind: z.literal('n-m'),
  m: z.number().int().min(2).max(64).default(4).meta({
    title: 'group, M',
    description: "Weights of a group. N is what the round's sparsity leaves of them.",
  }),
});

/** How far a sparsity may be from one that groups can have: what rounding counts of weights makes of it. */
const NEAR = 1e-3;

/**
 * N of every M consecutive inputs of an output stay (Zhou et al. 2021; Mishra et al. 2021: hardware is fast at 2:4).
 * Layers whose number of inputs M does not divide stay whole, as in Nvidia's tools; they count in the sparsity that is shown.
 */
export const nm: Scope<z.infer<typeof NM>> = {
  kind: 'n-m',
  title: 'N:M: N of every M consecutive inputs of an output stay',
  schema: NM,
  reach({ m }, alive, layout) {
    const { grouped, whole } = sizes(layout, m);
    if (grouped === 0)
      throw new ConfigError(
        `scope.m: no layer has a number of inputs that ${m} divides`,
        'Use another m, or scope "global".',
      );
    const exact = (m * alive) / layout.prunable;
    const n = Math.round(exact);
    if (n >= 1 && Math.abs(exact - n) <= NEAR * m) return whole + (grouped / m) * n;
    const reached = Array.from({ length: m - 1 }, (_, at) => Number(((at + 1) / m).toPrecision(4)));
    throw new ConfigError(
      `sparsity: a round prunes ${shareText(1 - alive / layout.prunable)}, which groups of ${m} weights cannot`,
      `Groups of ${m} reach these: sparsity {"kind": "explicit", "sparsities": [${reached.join(', ')}]} or some of them.`,
    );
  },
  densities({ m }, alive, layout) {
    const n = inGroup(layout, m, alive);
    return (layer) => (isGrouped(layer, m) ? n / m : 1);
  },
  choose({ m }, { scores, mask, layout, alive }) {
    const n = inGroup(layout, m, alive);
    const next = mask.slice();
    let kept = 0;
    for (const layer of prunableOf(layout)) {
      // NaN compares as equal: it would leave the order to chance. Of layers that stay whole it says the same.
      refuseNaN(layer, scores, mask);
      kept += chooseIn(layer, m, n, scores, mask, next);
    }
    if (kept !== alive)
      throw new ConfigError(
        `groups of ${m} weights would keep ${kept} weights, not ${alive}: the mask that is given has too few in some`,
        'Start from a mask of the same groups, or use scope "global".',
      );
    return next;
  },
};

/** Weights of layers in groups, and of those that stay whole. */
function sizes(layout: Layout, m: number): { grouped: number; whole: number } {
  const grouped = prunableOf(layout).reduce((sum, layer) => sum + (isGrouped(layer, m) ? layer.size : 0), 0);
  return { grouped, whole: layout.prunable - grouped };
}

/** N, of the number of weights that `reach` gives. */
function inGroup(layout: Layout, m: number, alive: number): number {
  const { grouped, whole } = sizes(layout, m);
  return Math.round((m * (alive - whole)) / grouped);
}

const isGrouped = ({ shape }: PlacedParameter, m: number): boolean => (shape.at(-2) ?? 0) % m === 0;

/** @throws SwampError on a NaN score of a weight that is alive, naming its layer. */
function refuseNaN({ name, offset, size }: PlacedParameter, scores: Float32Array, mask: Mask): void {
  for (let at = offset; at < offset + size; at++)
    if (mask[at] === 1 && Number.isNaN(scores[at])) throw notANumber(name, at - offset);
}

/** Prunes the groups of a layer, whose kernel is [(height, width,) inputs, outputs]. @returns weights alive. */
function chooseIn(
  layer: PlacedParameter,
  m: number,
  n: number,
  scores: Float32Array,
  mask: Mask,
  next: Mask,
): number {
  const { offset, size, shape } = layer;
  if (!isGrouped(layer, m)) {
    let alive = 0;
    for (let at = offset; at < offset + size; at++) alive += mask[at] as number;
    return alive;
  }
  const outputs = shape.at(-1) ?? 1;
  let kept = 0;
  // Inputs are consecutive in the last axis but one, so a group's weights lie `outputs` apart.
  for (let block = offset; block < offset + size; block += m * outputs)
    for (let first = block; first < block + outputs; first++) {
      const group = Array.from({ length: m }, (_, at) => first + at * outputs).filter((at) => mask[at] === 1);
      group.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
      for (const at of group.slice(n)) next[at] = 0;
      kept += Math.min(n, group.length);
    }
  return kept;
}

const shareText = (share: number): string => `${Number((100 * share).toPrecision(4))} %`;
