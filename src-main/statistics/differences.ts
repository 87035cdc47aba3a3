import type { ComparedRound, Difference, Differences } from '../contract/compare.ts';
import type { Metrics } from '../contract/metrics.ts';
import { isFrom } from './arms.ts';
import { allFinite, meanMetrics, minus, spreadOf } from './student.ts';

/** What intervals and averages are taken with. */
export interface Level {
  /** Sparsity, a fraction. */
  readonly from: number;
  /** Of intervals, between 0 and 1. */
  readonly confidence: number;
}

/** Two solutions of one seed in one round. */
export interface SeedPair {
  readonly seed: number;
  readonly a: SplitMetrics;
  readonly b: SplitMetrics;
}
export interface SplitMetrics {
  readonly test: Metrics;
  readonly validation: Metrics | null;
}

/** One round's pairs. */
export interface RoundPairs {
  readonly round: ComparedRound;
  readonly otherRound: number;
  readonly pairs: readonly SeedPair[];
}

type SeedDifference = Difference['seeds'][number];

/** a − b in every round, and averaged over the rounds from a sparsity on. */
export function differencesOf(rounds: readonly RoundPairs[], { from, confidence }: Level): Differences {
  const found = rounds
    .map(({ round, otherRound, pairs }) => ({
      round: round.round,
      otherRound,
      sparsity: round.sparsity,
      seeds: pairs.map(difference).filter((each) => each !== null),
    }))
    .filter(({ seeds }) => seeds.length > 0)
    .sort((a, b) => a.sparsity - b.sparsity);
  return {
    rounds: found.map(({ seeds, ...round }) => ({ ...round, ...together(seeds, confidence) })),
    average: averageOf(
      found.filter(({ sparsity }) => isFrom(sparsity, from)),
      confidence,
    ),
  };
}

/** Each seed's mean over the rounds; seeds that lack one of them would be averages of something else. */
function averageOf(
  rounds: readonly { round: number; sparsity: number; seeds: readonly SeedDifference[] }[],
  confidence: number,
): Differences['average'] {
  const [first] = rounds;
  if (!first) return null;
  const bySeed = Map.groupBy(
    rounds.flatMap(({ seeds }) => seeds),
    ({ seed }) => seed,
  );
  const all = [...bySeed].map(([seed, values]) => ({ seed, values }));
  const complete = all.filter(({ values }) => values.length === rounds.length);
  if (complete.length === 0) return null;
  const seeds = complete.map(({ seed, values }): SeedDifference => {
    const validations = values.flatMap(({ validation }) => validation ?? []);
    return {
      seed,
      test: meanMetrics(values.map(({ test }) => test)),
      validation: validations.length === values.length ? meanMetrics(validations) : null,
    };
  });
  return {
    rounds: rounds.map(({ round }) => round),
    from: first.sparsity,
    leftOut: all.filter((each) => !complete.includes(each)).map(({ seed }) => seed),
    ...together(seeds, confidence),
  };
}

/** `null` where a figure is not a number, as after a training that diverged. */
function difference({ seed, a, b }: SeedPair): SeedDifference | null {
  const test = minus(a.test, b.test);
  const validation = a.validation && b.validation ? minus(a.validation, b.validation) : null;
  return allFinite(test) && (validation === null || allFinite(validation))
    ? { seed, test, validation }
    : null;
}

function together(seeds: SeedDifference[], confidence: number): Difference {
  const validations = seeds.flatMap(({ validation }) => validation ?? []);
  return {
    seeds,
    test: spreadOf(
      seeds.map(({ test }) => test),
      confidence,
    ),
    validation: validations.length === seeds.length ? spreadOf(validations, confidence) : null,
  };
}
