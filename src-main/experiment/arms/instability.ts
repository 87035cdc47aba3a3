import { z } from 'zod';
import type { ArmDefinition } from './arm.ts';

const Spec = z.strictObject({
  kind: z.literal('instability'),
  points: z.number().int().min(3).max(101).default(11).meta({
    title: 'points',
    description: 'Values of α along the line between the two solutions, both ends included.',
  }),
  trainingImages: z.number().int().positive().default(1000).meta({
    title: 'training images',
    description: 'On which loss and error are measured, besides the test set.',
  }),
});

/**
 * Instability analysis (Frankle et al. 2020): two dense trainings of one ticket that differ in their batch orders alone, and
 * loss and error along the line between them. Where there is no barrier the ticket is stable: T0 is long enough. What the
 * arm stands for is the middle of the line. `swamp ticket` runs it at several T0.
 */
export const instability: ArmDefinition<z.infer<typeof Spec>> = {
  kind: 'instability',
  title: 'Instability analysis: the barrier between two trainings of one ticket, to choose its length',
  schema: Spec,
  label({ points, trainingImages }) {
    const own = [
      ...(points === 11 ? [] : [String(points)]),
      ...(trainingImages === 1000 ? [] : [`${trainingImages} images`]),
    ];
    return own.length === 0 ? 'instability' : `instability(${own.join('; ')})`;
  },
  slug: ({ points, trainingImages }) => `instability-${points}-${trainingImages}`,
  members: () => 1,
  plan(context, { points, trainingImages }) {
    const solutions = [0, 1].map((particle) =>
      context.train({ round: 0, member: 0, particle, index: particle, swa: null, mask: context.startMask }),
    );
    for (const [index, solution] of solutions.entries()) context.evaluateParticle(0, index, solution);
    context.evaluate(0, context.average(0, solutions));
    context.connect(0, solutions, { points, trainingImages });
  },
};
