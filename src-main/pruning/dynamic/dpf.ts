import { z } from 'zod';
import { chooseMask } from '../scopes/registry.ts';
import { cubicAlive } from './cubic.ts';
import type { DynamicRule } from './rule.ts';
import { every, shareOf, until, updatesBefore } from './updates.ts';

export const Dpf = z.strictObject({
  kind: z.literal('dpf'),
  /** Steps between two updates of the mask. */
  every: every.default(16),
  /** Share of the training in which sparsity rises. */
  ramp: until.default(0.5),
  /** Share of the training in which the mask is updated. */
  until: until.default(1),
});

/**
 * Dynamic pruning with feedback (Lin et al. 2020): the gradient is taken at w ∘ m and applied to all of w, so that a
 * pruned weight goes on learning and may return. The mask is that of the largest weights, at a sparsity
 * that rises as the cubic of Zhu and Gupta 2018.
 */
export const dpf: DynamicRule<z.infer<typeof Dpf>> = {
  kind: 'dpf',
  title: 'Dynamic pruning with feedback, cubic schedule',
  schema: Dpf,
  takesGradient: false,
  feedback: true,
  updates: updatesBefore,
  count(options, { iteration, iterations, alive }) {
    const updates = updatesBefore(options, iterations);
    const [first = iteration] = updates;
    const end = shareOf(options.ramp, iterations);
    const last = updates.findLast((each) => each <= end) ?? first;
    return cubicAlive(alive, iteration / last);
  },
  next(options, inputs) {
    const { weights, first, layout, scope } = inputs;
    const alive = dpf.count(options, inputs);
    return chooseMask(scope, { scores: weights.map(Math.abs), mask: first, layout, alive });
  },
};
