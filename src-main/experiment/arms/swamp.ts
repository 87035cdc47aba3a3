import { z } from 'zod';
import { Particles, particlesAt } from '../../averaging/particles.ts';
import type { ArmDefinition } from './arm.ts';
import { OwnSwa, phaseOf, swaLabels, swaSlug } from './own-swa.ts';
import { particlesLabel, particlesSlug } from './particles-text.ts';
import { planRounds } from './rounds.ts';

const Spec = z.strictObject({
  kind: z.literal('swamp'),
  particles: Particles.default(4).meta({
    title: 'particles',
    description: 'Of a round: a number, or steps by sparsity or round (SWAMP+).',
  }),
  swa: OwnSwa,
});

/** Sparse weight averaging with multiple particles (Choi et al. 2024; method.md, round r of SWAMP). */
export const swamp: ArmDefinition<z.infer<typeof Spec>> = {
  kind: 'swamp',
  title: 'SWAMP: particles with SWA, averaged, pruned by the average',
  schema: Spec,
  label: ({ particles, swa }) => `swamp(${[particlesLabel(particles), ...swaLabels(swa)].join('; ')})`,
  slug: ({ particles, swa }) => `swamp-${particlesSlug(particles)}${swaSlug(swa)}`,
  members: () => 1,
  swa: ({ swa }, base) => phaseOf(swa, base),
  plan(context, spec) {
    planRounds(context, context.rounds, {
      particles: ({ round, sparsity }) => particlesAt(spec.particles, round, sparsity),
      swa: phaseOf(spec.swa, context.swa),
    });
  },
};
