import { z } from 'zod';
import { chooseMask } from '../scopes/registry.ts';
import { cubicAlive } from './cubic.ts';
import type { DynamicRule } from './rule.ts';
import { every, lastUpdate, shareOf, until, updatesBefore } from './updates.ts';

export const Dpf = z.strictObject({
  kind: z.literal('dpf'),
  every: every
    .default(16)
    .meta({ title: 'mask updated every', description: 'Iterations between two updates of the mask.' }),
  ramp: until
    .default(0.5)
    .meta({ title: 'sparsity rises until', description: 'Share of the training in which sparsity rises.' }),
  until: until.default(1).meta({
    title: 'mask updated until',
    description: 'Share of the training in which the mask is updated.',
  }),
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
    const { every, ramp } = options;
    // The last update within the ramp; where it holds none, the first.
    const end = Math.max(every, every * Math.floor(shareOf(ramp, iterations) / every));
    return cubicAlive(alive, iteration / Math.min(lastUpdate(options, iterations), end));
  },
  next(options, inputs) {
    const { weights, first, layout, scope } = inputs;
    const alive = dpf.count(options, inputs);
    return chooseMask(scope, { scores: weights.map(Math.abs), mask: first, layout, alive });
  },
};
