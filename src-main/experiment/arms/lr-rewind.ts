import { z } from 'zod';
import type { ArmDefinition } from './arm.ts';
import { planRetraining } from './retrain.ts';

const Spec = z.strictObject({ kind: z.literal('lr-rewind') });

/** Iterative pruning that rewinds the learning rate alone: every round trains on under the whole schedule (Renda et al. 2020). */
export const lrRewind: ArmDefinition<z.infer<typeof Spec>> = {
  kind: 'lr-rewind',
  title: 'Learning-rate rewinding: pruned weights trained on under the whole schedule',
  schema: Spec,
  label: () => 'lr-rewind',
  slug: () => 'lr-rewind',
  members: () => 1,
  needsPruning: true,
  plan: (context) => planRetraining(context, context.recipe),
};
