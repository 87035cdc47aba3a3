import { z } from 'zod';
import type { ArmDefinition } from './arm.ts';
import { planRounds } from './rounds.ts';

const Spec = z.strictObject({
  kind: z.literal('imp-sam'),
  rho: z
    .number()
    .positive()
    .default(0.05)
    .meta({ title: 'sharpness, ρ', description: 'How far from the weights the gradient is taken.' }),
});

/**
 * IMP whose trainings are sharpness-aware (Foret et al. 2021; for pruning Na, Mehta and Strubell 2022): each step's
 * gradient is taken at w + ρ·g/‖g‖, the norm over the weights alive. From IMP's ticket, which is trained without.
 */
export const impSam: ArmDefinition<z.infer<typeof Spec>> = {
  kind: 'imp-sam',
  title: 'IMP with sharpness-aware minimisation: two gradients a step',
  schema: Spec,
  label: ({ rho }) => `imp-sam(${rho})`,
  slug: ({ rho }) => `imp-sam-${rho}`,
  members: () => 1,
  plan(context, { rho }) {
    const { recipe } = context;
    planRounds(context, context.rounds, {
      particles: () => 1,
      swa: null,
      recipe: { ...recipe, optimizer: { ...recipe.optimizer, sharpness: rho } },
    });
  },
};
