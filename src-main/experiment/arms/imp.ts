import { z } from 'zod';
import type { ArmDefinition } from './arm.ts';
import { planRounds } from './rounds.ts';

const Spec = z.strictObject({ kind: z.literal('imp') });

/** Iterative magnitude pruning with rewinding to the ticket: one particle, no SWA, the recipe's own schedule. */
export const imp: ArmDefinition<z.infer<typeof Spec>> = {
  kind: 'imp',
  title: 'Iterative magnitude pruning: one training a round, rewound to the ticket',
  schema: Spec,
  label: () => 'imp',
  slug: () => 'imp',
  members: () => 1,
  plan: (context) => planRounds(context, context.rounds, { particles: () => 1, swa: null }),
};
