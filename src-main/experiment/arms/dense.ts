import { z } from 'zod';
import type { ArmDefinition } from './arm.ts';
import { planRounds } from './rounds.ts';

const Spec = z.strictObject({ kind: z.literal('dense') });

/** No pruning: round 0 only, from the ticket, with the recipe's own schedule. The same jobs as round 0 of IMP. */
export const dense: ArmDefinition<z.infer<typeof Spec>> = {
  kind: 'dense',
  title: 'No pruning: one training of the whole network',
  schema: Spec,
  label: () => 'dense',
  slug: () => 'dense',
  members: () => 1,
  plan: (context) => planRounds(context, context.rounds.slice(0, 1), { particles: () => 1, swa: null }),
};
