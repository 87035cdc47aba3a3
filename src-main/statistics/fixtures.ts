import type {
  ComparedArm,
  ComparedExperiment,
  ComparedSeed,
  MeasuredComparison,
} from '../contract/compare.ts';
import type { Evaluation, Metrics } from '../contract/metrics.ts';
import { meanMetrics } from './student.ts';

/** Comparisons of given figures, for tests. */
export interface GivenArm {
  readonly arm: string;
  readonly kind?: string;
  readonly experiment?: string;
  readonly label?: string;
  /** Test accuracy by seed, then by round; `null` where a round is missing. */
  readonly test: Readonly<Record<number, readonly (number | null)[]>>;
  /** Validation accuracy; the test accuracy where absent, none at all where `null`. */
  readonly validation?: Readonly<Record<number, readonly number[]>> | null;
  /** Of every round, seed and split alike. */
  readonly particles?: readonly { readonly test: number; readonly validation: number }[];
  readonly ensemble?: number;
  /** By round; default: 0, 0.5, 0.8, 0.9. */
  readonly sparsities?: readonly number[];
}

/** NLL and ECE follow the accuracy, so that a figure taken from the wrong one shows. */
export function metricsOf(accuracy: number): Metrics {
  return { accuracy, nll: 3 - 2 * accuracy, ece: accuracy / 10 };
}

function evaluation(test: number, validation: number | null): Evaluation {
  return { test: metricsOf(test), validation: validation === null ? null : metricsOf(validation) };
}

export function measured(
  arms: readonly GivenArm[],
  experiments?: readonly (Pick<ComparedExperiment, 'experiment' | 'data' | 'splits'> &
    Partial<ComparedExperiment>)[],
): MeasuredComparison {
  const common = {
    name: 'given',
    dataset: 'data',
    model: 'net',
    denominator: { words: 'kernels', weights: 1000 },
    complete: true,
  };
  return {
    ...common,
    experiment: 'given-0000',
    arms: arms.map(armOf),
    ...(experiments
      ? { experiments: experiments.map((each) => ({ ...common, settings: {}, ...each })) }
      : {}),
  };
}

function armOf(given: GivenArm): ComparedArm {
  const { arm, kind = arm.replace(/\W.*/, ''), test, sparsities = [0, 0.5, 0.8, 0.9] } = given;
  const rounds = Math.max(...Object.values(test).map((values) => values.length));
  return {
    arm,
    kind,
    ...(given.experiment === undefined ? {} : { experiment: given.experiment }),
    ...(given.label === undefined ? {} : { label: given.label }),
    rounds: Array.from({ length: rounds }, (_, round) => {
      const seeds = Object.entries(test).flatMap(([seed, values]) => {
        const value = values[round];
        return typeof value === 'number' ? [seedOf(given, Number(seed), round, value)] : [];
      });
      const sparsity = sparsities[round] ?? 0;
      const validations = seeds.flatMap(({ validation }) => validation ?? []);
      return {
        round,
        sparsity,
        remaining: 1 - sparsity,
        inferenceFlops: 2000 * (1 - sparsity),
        trainingFlops: 1e6 * (round + 1),
        test: meanMetrics(seeds.map((seed) => seed.test)),
        validation: validations.length > 0 ? meanMetrics(validations) : null,
        testDeviation: null,
        seeds,
      };
    }),
  };
}

function seedOf(given: GivenArm, seed: number, round: number, test: number): ComparedSeed {
  const { arm, validation, particles = [], ensemble } = given;
  const judged = validation === null ? null : (validation?.[seed]?.[round] ?? test);
  return {
    seed,
    run: `${given.experiment ?? 'given-0000'}/${arm}/${seed}`,
    ...evaluation(test, judged),
    particles: particles.map((each) => evaluation(each.test, validation === null ? null : each.validation)),
    ensemble: ensemble === undefined ? null : evaluation(ensemble, ensemble),
  };
}
