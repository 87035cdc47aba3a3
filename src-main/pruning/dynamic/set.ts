import { z } from 'zod';
import { cosineFraction, dropAndGrow, growAnywhere } from './drop-grow.ts';
import type { DynamicRule } from './rule.ts';
import { every, shareOf, until, updatesBefore } from './updates.ts';

/** What SET and RigL have in common. */
export const replacement = {
  every: every
    .default(100)
    .meta({ title: 'mask updated every', description: 'ΔT: iterations between two updates of the mask.' }),
  until: until.default(0.75).meta({
    title: 'mask updated until',
    description: 'Share of the training in which weights are replaced.',
  }),
  fraction: z.number().gt(0).lt(1).default(0.3).meta({
    title: 'replaced at an update',
    description: "α: share of a layer's weights that an update replaces at first; it falls to 0 as a cosine.",
  }),
};

export const SetOptions = z.strictObject({ kind: z.literal('set'), ...replacement });

/**
 * Sparse evolutionary training (Mocanu et al. 2018), with the schedule of Evci et al. 2020: each layer drops its
 * smallest weights and grows as many at random.
 */
export const set: DynamicRule<z.infer<typeof SetOptions>> = {
  kind: 'set',
  title: 'Drop by magnitude, grow at random',
  schema: SetOptions,
  takesGradient: false,
  feedback: false,
  updates: updatesBefore,
  count: (_options, { alive }) => alive.end,
  next({ fraction, until }, { iteration, iterations, weights, mask, layout, draw }) {
    const share = cosineFraction(fraction, iteration, shareOf(until, iterations));
    return dropAndGrow(weights, mask, layout, { share, grow: growAnywhere(draw) });
  },
};
