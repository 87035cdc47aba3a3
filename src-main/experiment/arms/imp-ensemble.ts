import { z } from 'zod';
import type { ArmDefinition, Made } from './arm.ts';

const Spec = z.strictObject({
  kind: z.literal('imp-ensemble'),
  members: z
    .number()
    .int()
    .min(2)
    .max(64)
    .default(2)
    .meta({ title: 'members', description: 'Independent IMP runs whose probabilities are averaged.' }),
});

/**
 * Ensemble of IMP runs. Member 0 is the `imp` arm's run, job by job; the others have their own initialisation,
 * ticket and orders, hence masks. What it stands for is the ensemble: inference costs `members` networks.
 */
export const impEnsemble: ArmDefinition<z.infer<typeof Spec>> = {
  kind: 'imp-ensemble',
  title: 'Ensemble of independent IMP runs: probabilities averaged, inference costs every member',
  schema: Spec,
  label: ({ members }) => `imp-ensemble(${members})`,
  slug: ({ members }) => `imp-ensemble-${members}`,
  members: ({ members }) => members,
  plan(context, { members }) {
    const masks = Array.from({ length: members }, () => context.startMask);
    for (const { round } of context.rounds) {
      const predictions: Made[] = [];
      for (const [member, mask] of masks.entries()) {
        const solution = context.train({ round, member, particle: 0, index: member, swa: null, mask });
        predictions.push(context.evaluateParticle(round, member, solution));
        const next = context.rounds[round + 1];
        if (next) masks[member] = context.prune({ round: next.round, index: member, solution, mask });
      }
      context.ensemble(round, predictions, true);
    }
  },
};
