import { z } from 'zod';
import { chooseMask } from '../scopes/registry.ts';
import { cubicAlive } from './cubic.ts';
import type { DynamicRule } from './rule.ts';
import { every, lastUpdate, until, updatesBefore } from './updates.ts';

export const Gmp = z.strictObject({
  kind: z.literal('gmp'),
  every: every
    .default(100)
    .meta({ title: 'pruned every', description: 'ΔT: iterations between two prunings.' }),
  until: until
    .default(0.75)
    .meta({ title: 'pruned until', description: 'Share of the training in which weights are pruned.' }),
});

/**
 * Gradual magnitude pruning (Zhu and Gupta 2018): in one training the smallest weights go, a few at a time; sparsity rises as a cubic and reaches its end with the last update. What was pruned stays pruned.
 */
export const gmp: DynamicRule<z.infer<typeof Gmp>> = {
  kind: 'gmp',
  title: 'Gradual magnitude pruning, cubic schedule',
  schema: Gmp,
  takesGradient: false,
  feedback: false,
  updates: updatesBefore,
  count(options, { iteration, iterations, alive }) {
    return cubicAlive(alive, iteration / lastUpdate(options, iterations));
  },
  next(options, inputs) {
    const { weights, mask, layout, scope } = inputs;
    const alive = gmp.count(options, inputs);
    return chooseMask(scope, { scores: weights.map(Math.abs), mask, layout, alive });
  },
};
