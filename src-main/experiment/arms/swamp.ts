import { z } from 'zod';
import { Particles, particlesAt } from '../../averaging/particles.ts';
import { Swa } from '../../contract/recipe.ts';
import type { ArmDefinition } from './arm.ts';
import { particlesLabel, particlesSlug } from './particles-text.ts';
import { planRounds } from './rounds.ts';

const Spec = z.strictObject({
  kind: z.literal('swamp'),
  /** Particles of a round: a number, or steps by sparsity or round (SWAMP+). */
  particles: Particles.default(4),
  /** What this arm does differently from the experiment's SWA phase. */
  swa: z
    .strictObject({
      start: Swa.shape.start.unwrap().optional(),
      learningRate: Swa.shape.learningRate.unwrap().optional(),
      every: Swa.shape.every.unwrap().optional(),
    })
    .optional(),
});
type Spec = z.infer<typeof Spec>;

/** The experiment's SWA phase with the arm's own fields over it. */
function phase({ swa }: Spec, base: Swa): Swa {
  return {
    start: swa?.start ?? base.start,
    learningRate: swa?.learningRate ?? base.learningRate,
    every: swa?.every ?? base.every,
  };
}

/** Sparse weight averaging with multiple particles (Choi et al. 2024; method.md, round r of SWAMP). */
export const swamp: ArmDefinition<Spec> = {
  kind: 'swamp',
  title: 'SWAMP: particles with SWA, averaged, pruned by the average',
  schema: Spec,
  label({ particles, swa = {} }) {
    const own = [
      swa.start === undefined ? [] : `SWA from ${swa.start}`,
      swa.learningRate === undefined ? [] : `SWA rate ${swa.learningRate}`,
      swa.every === undefined ? [] : `SWA every ${swa.every}`,
    ].flat();
    return `swamp(${[particlesLabel(particles), ...own].join('; ')})`;
  },
  slug({ particles, swa = {} }) {
    const own = [
      swa.start === undefined ? '' : `-start${swa.start}`,
      swa.learningRate === undefined ? '' : `-rate${swa.learningRate}`,
      swa.every === undefined ? '' : `-every${swa.every}`,
    ];
    return `swamp-${particlesSlug(particles)}${own.join('')}`;
  },
  members: () => 1,
  swa: phase,
  plan(context, spec) {
    planRounds(context, context.rounds, {
      particles: ({ round, sparsity }) => particlesAt(spec.particles, round, sparsity),
      swa: phase(spec, context.swa),
    });
  },
};
