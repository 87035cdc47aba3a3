import { z } from 'zod';
import type { ArmDefinition } from './arm.ts';
import { At, planScored, scoredLabel, scoredSlug } from './scored.ts';

const Spec = z.strictObject({
  kind: z.literal('random'),
  at: At.meta({ title: 'mask drawn at' }),
});

/** A random mask at the same sparsity: what every other mask should beat. */
export const random: ArmDefinition<z.infer<typeof Spec>> = {
  kind: 'random',
  title: 'Random mask at the initialisation, trained once',
  schema: Spec,
  label: (spec) => scoredLabel(spec),
  slug: (spec) => scoredSlug(spec),
  members: () => 1,
  needsPruning: true,
  plan: planScored,
};
