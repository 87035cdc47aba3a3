import { z } from 'zod';
import type { ArmDefinition } from './arm.ts';
import { planDense } from './dense-round.ts';

const Spec = z.strictObject({ kind: z.literal('one-shot') });

/**
 * One magnitude prune of the trained dense network, then one training from the ticket (method.md, Other arms). Each round
 * is its own prune of round 0's solution; none builds on another.
 */
export const oneShot: ArmDefinition<z.infer<typeof Spec>> = {
  kind: 'one-shot',
  title: 'One-shot: the trained dense network pruned once, trained again from the ticket',
  schema: Spec,
  label: () => 'one-shot',
  slug: () => 'one-shot',
  members: () => 1,
  needsPruning: true,
  plan(context) {
    const dense = planDense(context);
    for (const { round } of context.rounds.slice(1)) {
      const mask = context.prune({ round, index: 0, solution: dense, mask: context.startMask });
      const solution = context.train({ round, member: 0, particle: 0, index: 0, swa: null, mask });
      context.evaluateParticle(round, 0, solution);
      context.evaluate(round, solution);
    }
  },
};
