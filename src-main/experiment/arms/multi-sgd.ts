import { z } from 'zod';
import { Particles, particlesAt } from '../../averaging/particles.ts';
import type { ArmDefinition } from './arm.ts';
import { particlesLabel, particlesSlug } from './particles-text.ts';
import { planRounds } from './rounds.ts';

const Spec = z.strictObject({
  kind: z.literal('multi-sgd'),
  particles: Particles.default(4).meta({
    title: 'particles',
    description: 'Of a round; with one it is imp, job by job.',
  }),
});

/**
 * Several particles with plain SGD, averaged: the fourth corner of the ablation {SGD, SWA} × {1, N particles},
 * whose others are `imp`, `swamp(1)` and `swamp(N)`.
 */
export const multiSgd: ArmDefinition<z.infer<typeof Spec>> = {
  kind: 'multi-sgd',
  title: 'Particles with plain SGD, averaged: SWAMP without SWA',
  schema: Spec,
  label: ({ particles }) => `multi-sgd(${particlesLabel(particles)})`,
  slug: ({ particles }) => `multi-sgd-${particlesSlug(particles)}`,
  members: () => 1,
  plan(context, { particles }) {
    planRounds(context, context.rounds, {
      particles: ({ round, sparsity }) => particlesAt(particles, round, sparsity),
      swa: null,
    });
  },
};
