import type { SpecOf } from '../contract/job.ts';
import type { Layout } from '../contract/parameters.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import type { ModelDescription } from '../models/layers.ts';
import { openRule } from '../pruning/dynamic/registry.ts';
import { prunableOf } from '../pruning/mask.ts';
import { layerDensities } from '../pruning/scopes/registry.ts';

/** Backward costs about two forward passes: gradients of the weights and of the activations. */
export const PASSES_PER_STEP = 3;

/** Share of weights alive in a kernel, 0 to 1. */
export type Density = (kernel: string) => number;

const DENSE: Density = () => 1;

/** Forward FLOPs of one image, a multiply-add as 2, pruned weights free. */
export function forwardFlops(model: ModelDescription, density: Density): number {
  return model.layers.reduce((sum, { kernel, flops }) => sum + flops * density(kernel), model.otherFlops);
}

/** Share of weights alive by kernel in a mask of so many weights: of a scope that has a rule for layers, by that. */
export function densityIn(layout: Layout, scope: NamedSpec | undefined, alive: number): Density {
  return densitiesIn(layout, scope)(alive);
}

/** The same for many masks: the scope is read once. */
function densitiesIn(layout: Layout, scope: NamedSpec | undefined): (alive: number) => Density {
  const densities = layerDensities(scope, layout);
  const layers = prunableOf(layout);
  return (alive) => {
    const share = densities(alive);
    const shares = new Map(layers.map((layer) => [layer.name, share(layer)]));
    return (kernel) => shares.get(kernel) ?? 1;
  };
}

/** What FLOPs are counted of. */
export interface Counted {
  readonly model: ModelDescription;
  readonly layout: Layout;
  /** T. */
  readonly iterations: number;
  /** The mask that the training begins with. */
  readonly start: { readonly alive: number; readonly density: Density };
}

/**
 * FLOPs of a group's training with pruned weights free: by the mask of each stretch between two updates. A gradient with
 * respect to all weights costs its third of a dense step (Evci et al. 2020, appendix on FLOPs): RigL takes one in each
 * update, DPF in every step.
 */
export function sparseGroupFlops(
  { rule: spec, scope, alive: end, particles, recipe }: SpecOf<'train-group'>,
  { model, layout, iterations, start }: Counted,
): number {
  const rule = openRule(spec);
  const updates = rule.updates(iterations);
  const dense = forwardFlops(model, DENSE);
  let [flops, from, alive] = [0, 0, start.alive];
  let sparse = forwardFlops(model, start.density);
  const densities = densitiesIn(layout, scope);
  for (const to of [...updates, iterations]) {
    const whole = (PASSES_PER_STEP - 1) * sparse + dense;
    // An update that takes a gradient is the first iteration after it.
    const taken = rule.takesGradient && from > 0 ? 1 : 0;
    flops += taken * whole + (to - from - taken) * (rule.feedback ? whole : PASSES_PER_STEP * sparse);
    from = to;
    if (to === iterations) break;
    const next = rule.count({ iteration: to, iterations, alive: { start: start.alive, end } });
    if (next === alive) continue;
    alive = next;
    sparse = forwardFlops(model, densities(alive));
  }
  return particles * recipe.batch * flops;
}
