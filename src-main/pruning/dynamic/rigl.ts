import { z } from 'zod';
import { cosineFraction, dropAndGrow, growLargest } from './drop-grow.ts';
import type { DynamicRule } from './rule.ts';
import { replacement } from './set.ts';
import { every, shareOf, updatesBefore } from './updates.ts';

export const Rigl = z.strictObject({
  kind: z.literal('rigl'),
  ...replacement,
  every: every.min(2).default(100).meta({
    title: 'mask updated every',
    description:
      'ΔT: iterations between two updates of the mask. At least 2: an update takes the place of a step.',
  }),
});

/**
 * RigL (Evci et al. 2020, algorithm 1): each layer drops its smallest weights and grows as many where the gradient
 * of the loss is largest.
 */
export const rigl: DynamicRule<z.infer<typeof Rigl>> = {
  kind: 'rigl',
  title: 'Drop by magnitude, grow by gradient',
  schema: Rigl,
  takesGradient: true,
  feedback: false,
  updates: updatesBefore,
  count: (_options, { alive }) => alive.end,
  next({ fraction, until }, { iteration, iterations, weights, gradient, mask, layout }) {
    if (gradient === null) throw new Error('RigL grows by a gradient, and was given none');
    const share = cosineFraction(fraction, iteration, shareOf(until, iterations));
    return dropAndGrow(weights, mask, layout, { share, grow: growLargest(gradient) });
  },
};
