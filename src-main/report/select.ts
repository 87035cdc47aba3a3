import type { ComparedArm, ComparedRound, ComparedSeed, Comparison } from '../contract/compare.ts';
import type { Evaluation, Metrics } from '../contract/metrics.ts';
import { deviation } from '../contract/statistics.ts';
import { counterpart, roundsGoTogether } from '../statistics/arms.ts';
import { denseArm } from '../statistics/smallest.ts';
import { count } from './format.ts';

/** Which figure is shown. Accuracy and ECE are shown in percent, NLL in nats. */
export type Metric = keyof Metrics;
export const metrics: readonly Metric[] = ['accuracy', 'nll', 'ece'];

/** Which data it was measured on. */
export type Split = 'test' | 'validation';
export const splits: readonly Split[] = ['test', 'validation'];

interface MetricStyle {
  /** In running text, `accuracy`. */
  readonly name: string;
  /** Unit as it follows a number, space included. */
  readonly unit: string;
  /** Stored value × factor = shown value. */
  readonly factor: number;
  /** Decimals in tables. */
  readonly digits: number;
  readonly better: 'higher' | 'lower';
}

export const metricStyle: Readonly<Record<Metric, MetricStyle>> = {
  accuracy: { name: 'accuracy', unit: ' %', factor: 100, digits: 2, better: 'higher' },
  nll: { name: 'NLL', unit: ' nats', factor: 1, digits: 3, better: 'lower' },
  ece: { name: 'ECE', unit: ' %', factor: 100, digits: 2, better: 'lower' },
};

/** Shown value (percent or nats) of an evaluation; `null` where the split does not exist. */
export function shown(evaluation: Evaluation | null, split: Split, metric: Metric): number | null {
  const found = evaluation?.[split];
  return found ? found[metric] * metricStyle[metric].factor : null;
}

/** Mean over seeds, as shown. */
export function shownMean(round: ComparedRound, split: Split, metric: Metric): number | null {
  return shown(round, split, metric);
}

/** n−1 standard deviation over seeds, as shown; `null` with one seed. */
export function shownDeviation(round: ComparedRound, split: Split, metric: Metric): number | null {
  if (split === 'test' && round.testDeviation) {
    return round.testDeviation[metric] * metricStyle[metric].factor;
  }
  const values = round.seeds
    .map((seed) => shown(seed, split, metric))
    .filter((value): value is number => value !== null);
  return values.length < 2 ? null : deviation(values);
}

/** A row of a table: a round of some arms. */
export interface SharedRound {
  /** `null` where rounds go together by sparsity, not by number. */
  readonly round: number | null;
  readonly sparsity: number;
  readonly remaining: number;
  readonly of: (arm: ComparedArm) => ComparedRound | undefined;
}

/** Every round any arm has, in order of sparsity; those of several arms that go together once. */
export function allRounds({ arms }: Pick<Comparison, 'arms'>): SharedRound[] {
  const byNumber = roundsGoTogether(arms);
  const met = new Set<ComparedRound>();
  const rows: SharedRound[] = [];
  for (const round of arms.flatMap(({ rounds }) => rounds)) {
    if (met.has(round)) continue;
    const of = (arm: ComparedArm): ComparedRound | undefined => counterpart(arm, round, byNumber);
    met.add(round);
    for (const arm of arms) {
      const other = of(arm);
      if (other) met.add(other);
    }
    const { sparsity, remaining } = round;
    rows.push({ round: byNumber ? round.round : null, sparsity, remaining, of });
  }
  return rows.sort((a, b) => (a.round ?? 0) - (b.round ?? 0) || a.sparsity - b.sparsity);
}

export function roundOf(arm: ComparedArm, round: number): ComparedRound | undefined {
  return arm.rounds.find((candidate) => candidate.round === round);
}

/** Has several particles (or members) in some round. */
export function hasParticles(arm: ComparedArm): boolean {
  return arm.rounds.some((round) => round.seeds.some((seed) => seed.particles.length > 1));
}

/** All seeds that appear, ascending. */
export function seedsOf(comparison: Comparison): number[] {
  const seeds = new Set<number>();
  for (const seed of comparison.arms.flatMap((arm) => arm.rounds).flatMap((round) => round.seeds)) {
    seeds.add(seed.seed);
  }
  return [...seeds].sort((a, b) => a - b);
}

/** Has validation figures at all. */
export function hasValidation(comparison: Comparison): boolean {
  return comparison.arms.some((arm) => arm.rounds.some((round) => round.validation !== null));
}

/**
 * Round 0 of `dense`, else of IMP, else of the first arm that has it: what pruning is measured against. Over several
 * experiments only where all have the same.
 */
export function denseRound(comparison: Comparison): ComparedRound | undefined {
  const { arms, experiments } = comparison;
  const [only, ...others] = new Set(arms.map((arm) => denseArm(comparison, arm)));
  if (experiments && others.length > 0) return undefined;
  const dense = only ?? others[0];
  return dense && roundOf(dense, 0);
}

/** Whether sparsity is a fraction of the same number of weights in every arm. */
export function oneDenominator({ denominator }: Comparison): boolean {
  return denominator.weights > 0;
}

/** `Sparsity is of 266,200 weights: conv and dense kernels.` */
export function denominatorSentence(comparison: Comparison): string {
  const { words, weights } = comparison.denominator;
  if (oneDenominator(comparison)) return `Sparsity is of ${count(weights)} weights: ${words}.`;
  const each = (comparison.experiments ?? []).map(
    ({ experiment, denominator }) => `${count(denominator.weights)} in ${experiment}`,
  );
  return `Sparsity is of each network's own weights (${words}): ${each.join(', ')}. Arms stand side by side by sparsity, not by weights left.`;
}

/** Shown values of a seed's particles, and of their ensemble. */
export function particleValues(
  seed: ComparedSeed,
  split: Split,
  metric: Metric,
): { readonly particles: number[]; readonly ensemble: number | null } {
  return {
    particles: seed.particles
      .map((particle) => shown(particle, split, metric))
      .filter((value): value is number => value !== null),
    ensemble: shown(seed.ensemble, split, metric),
  };
}
