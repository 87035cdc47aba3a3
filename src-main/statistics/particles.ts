import type { ComparedArm, ComparedSeed, Differences, ParticleGains } from '../contract/compare.ts';
import type { Evaluation } from '../contract/metrics.ts';
import { isEnsemble } from './arms.ts';
import { differencesOf, type Level, type SplitMetrics } from './differences.ts';
import { meanMetrics } from './student.ts';

/** What averaging the weights gains over the particles it is made of; `null` for an arm that never has several. */
export function particleGains(arm: ComparedArm, level: Level): ParticleGains | null {
  const several = (seed: ComparedSeed): boolean => seed.particles.length > 1;
  if (!arm.rounds.some(({ seeds }) => seeds.some(several))) return null;
  const compare = (
    pick: (seed: ComparedSeed) => { readonly a: SplitMetrics; readonly b: SplitMetrics } | null,
  ): Differences =>
    differencesOf(
      arm.rounds.map((round) => ({
        round,
        otherRound: round.round,
        pairs: round.seeds.filter(several).flatMap((seed) => {
          const pair = pick(seed);
          return pair ? [{ seed: seed.seed, ...pair }] : [];
        }),
      })),
      level,
    );
  const judged = arm.rounds.some(({ seeds }) => seeds.some((seed) => several(seed) && bestParticle(seed)));
  return {
    arm: arm.arm,
    overMean: compare((seed) => ({ a: seed, b: meanParticle(seed.particles) })),
    overBest: judged
      ? compare((seed) => {
          const best = bestParticle(seed);
          return best && { a: seed, b: best };
        })
      : null,
    ensembleOver: isEnsemble(arm) ? null : compare((seed) => seed.ensemble && { a: seed.ensemble, b: seed }),
  };
}

function meanParticle(particles: readonly Evaluation[]): SplitMetrics {
  const validations = particles.flatMap(({ validation }) => validation ?? []);
  return {
    test: meanMetrics(particles.map(({ test }) => test)),
    validation: validations.length === particles.length ? meanMetrics(validations) : null,
  };
}

/** Highest validation accuracy, of equals the lowest validation NLL. The test set has no say. */
export function bestParticle({ particles }: ComparedSeed): SplitMetrics | null {
  let best: Evaluation | null = null;
  for (const particle of particles) {
    const { validation } = particle;
    if (!validation) return null;
    const against = best?.validation;
    const ahead = against ? validation.accuracy - against.accuracy || against.nll - validation.nll : 1;
    if (ahead > 0) best = particle;
  }
  return best;
}
