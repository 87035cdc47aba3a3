import type { ComparedArm, ComparedRound, ComparedSeed, Comparison } from '../contract/compare.ts';
import type { Evaluation, Metrics } from '../contract/metrics.ts';
import { deviation, mean } from '../contract/statistics.ts';
import { withStatistics } from '../statistics/complete.ts';

/** Comparisons as an experiment would give them, for tests and for looking at reports. */
export interface FixtureOptions {
  readonly arms?: readonly FixtureArm[];
  readonly rounds?: number;
  readonly seeds?: readonly number[];
  /** Fraction pruned a round. */
  readonly fraction?: number;
  readonly validation?: boolean;
  readonly complete?: boolean;
  /** Spread of seeds and particles, in points; 0 makes every figure exact. */
  readonly noise?: number;
  /** Accuracy of dense IMP, as a fraction. */
  readonly base?: number;
}

export interface FixtureArm {
  readonly arm: string;
  readonly kind: string;
  readonly particles: number;
  /** Points of test accuracy above the common curve, by round and sparsity. */
  readonly above: (round: number, sparsity: number) => number;
  /** Rounds this arm has; all when absent. */
  readonly rounds?: readonly number[];
}

const weights = 266_200;

export const imp: FixtureArm = { arm: 'imp', kind: 'imp', particles: 1, above: () => 0 };
export const ensemble: FixtureArm = {
  arm: 'imp-ensemble(2)',
  kind: 'imp-ensemble',
  particles: 2,
  above: (_, sparsity) => 0.9 + 0.4 * sparsity,
};
export const swamp: FixtureArm = {
  arm: 'swamp(4)',
  kind: 'swamp',
  particles: 4,
  above: (_, sparsity) => -0.4 + 1.8 * sparsity,
};

/** An arm a constant number of points above the common curve. */
export function level(arm: FixtureArm, above: number): FixtureArm {
  return { ...arm, above: () => above };
}

/** Three arms, eight rounds, one seed, unless told otherwise. The same options give the same numbers. */
export function comparisonFixture(options: FixtureOptions = {}): Comparison {
  const { arms = [imp, ensemble, swamp], rounds = 8, fraction = 0.4, complete = true } = options;
  const remaining = Array.from(
    { length: rounds },
    (_, round) => Math.floor((1 - fraction) ** round * weights + 0.5) / weights,
  );
  return withStatistics({
    experiment: 'digits-3f9a',
    name: 'digits',
    dataset: 'digits',
    model: 'lenet-300-100',
    denominator: { words: 'conv and dense kernels', weights },
    complete,
    arms: arms.map((arm) => armFixture(arm, remaining, options)),
  });
}

function armFixture(arm: FixtureArm, remaining: readonly number[], options: FixtureOptions): ComparedArm {
  const rounds = arm.rounds ?? remaining.map((_, round) => round);
  return {
    arm: arm.arm,
    kind: arm.kind,
    rounds: rounds.map((round) => roundFixture(arm, round, remaining[round] ?? 1, options)),
  };
}

function roundFixture(
  arm: FixtureArm,
  round: number,
  remaining: number,
  options: FixtureOptions,
): ComparedRound {
  const { seeds = [1], validation = true, noise = 0.2, base = 0.64 } = options;
  const sparsity = 1 - remaining;
  // Flat at first, then falling faster and faster: the usual shape of such curves.
  const curve = 100 * base + 1.2 * sparsity - 5 * sparsity ** 12;
  const centre = curve + arm.above(round, sparsity);
  const compared = seeds.map((seed): ComparedSeed => {
    const own = noise * wobble(`${arm.kind}/${seed}/${round}`);
    const evaluation = (points: number, sharpness: number): Evaluation => ({
      test: metricsOf(points, sharpness),
      validation: validation
        ? metricsOf(points + 0.8 + noise * wobble(`v/${seed}/${round}`), sharpness)
        : null,
    });
    const particles = Array.from({ length: arm.particles }, (_, index) =>
      evaluation(
        arm.particles === 1
          ? centre + own
          : centre + own - 1.2 + 2 * noise * wobble(`${arm.arm}/${seed}/${round}/${index}`),
        1,
      ),
    );
    return {
      seed,
      run: `digits-3f9a/${arm.arm.replace(/\W+/g, '-').replace(/-$/, '')}/${seed}`,
      ...evaluation(centre + own, arm.particles === 1 ? 1 : 0.6),
      particles,
      ensemble: arm.particles === 1 ? null : evaluation(centre + own + (arm.kind === 'swamp' ? 0.5 : 0), 0.5),
    };
  });
  const models = arm.kind === 'imp-ensemble' ? arm.particles : 1;
  return {
    round,
    sparsity,
    remaining,
    inferenceFlops: 2 * models * Math.round(weights * remaining + 1000),
    trainingFlops: 6 * arm.particles * weights * 8500 * 20 * (round + 1),
    test: meanOf(compared.map((seed) => seed.test)) ?? metricsOf(centre, 1),
    validation: meanOf(compared.flatMap((seed) => (seed.validation ? [seed.validation] : []))),
    testDeviation:
      compared.length < 2 ? null : mapMetrics((name) => deviation(compared.map((seed) => seed.test[name]))),
    seeds: compared,
  };
}

/** Plausible metrics for an accuracy in percent. */
function metricsOf(points: number, sharpness: number): Metrics {
  const accuracy = points / 100;
  const error = 1 - accuracy;
  return { accuracy, nll: error * (2.4 + 0.6 * sharpness), ece: 0.02 + 0.2 * error * sharpness };
}

function meanOf(values: readonly Metrics[]): Metrics | null {
  return values.length === 0 ? null : mapMetrics((name) => mean(values.map((value) => value[name])));
}

function mapMetrics(value: (name: keyof Metrics) => number): Metrics {
  return { accuracy: value('accuracy'), nll: value('nll'), ece: value('ece') };
}

/** A number in −1…1 that depends on the text only. */
function wobble(text: string): number {
  let hash = 2166136261;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 2246822519);
  hash ^= hash >>> 13;
  return ((hash >>> 0) / 0xffffffff) * 2 - 1;
}

/** Replace one arm's metrics in one round by NaN, as after a training that diverged. */
export function diverge(comparison: Comparison, arm: string, round: number): Comparison {
  const nan: Metrics = { accuracy: Number.NaN, nll: Number.NaN, ece: Number.NaN };
  return withStatistics({
    ...comparison,
    arms: comparison.arms.map((candidate) =>
      candidate.arm !== arm
        ? candidate
        : {
            ...candidate,
            rounds: candidate.rounds.map((value) =>
              value.round !== round
                ? value
                : {
                    ...value,
                    test: nan,
                    validation: nan,
                    seeds: value.seeds.map((seed) => ({ ...seed, test: nan, validation: nan })),
                  },
            ),
          },
    ),
  });
}
