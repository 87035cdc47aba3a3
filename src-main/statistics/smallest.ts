import type {
  ComparedArm,
  ComparedRound,
  ComparedSeed,
  MeasuredComparison,
  SmallNetwork,
  Smallest,
  SmallestOfArm,
} from '../contract/compare.ts';
import type { Metrics } from '../contract/metrics.ts';
import { armSeeds, networks } from './arms.ts';
import { inExperiment } from './pairs.ts';
import { allFinite, meanMetrics } from './student.ts';

/** Accuracies are counts over a count: allow for nothing but rounding. */
const ROUNDING = 1e-9;

/**
 * The sparsest round of each arm whose validation accuracy is at least the dense network's less `within` points.
 * Later rounds are looked at also where an earlier one fails: accuracy goes up and down from round to round, and
 * the failures before are told.
 */
export function smallestNetworks(measured: MeasuredComparison, within: number): Smallest {
  const judged = measured.arms.some(({ rounds }) => rounds.some(({ validation }) => validation !== null));
  const refused = measured.arms.every(({ rounds }) => rounds.length === 0)
    ? 'no round is finished yet'
    : judged
      ? null
      : 'there is no validation split, and the test set is not for choosing';
  return {
    within,
    refused,
    arms:
      refused === null
        ? measured.arms
            .filter(({ kind }) => kind !== 'dense')
            .map((arm) => smallestOfArm(measured, arm, within))
        : [],
  };
}

/** Round 0 of the arm `dense`, else of `imp`, of the same experiment; else of the arm itself. */
export function denseArm(
  { arms }: Pick<MeasuredComparison, 'arms'>,
  arm: ComparedArm,
): ComparedArm | undefined {
  const own = arms.filter((other) => inExperiment(other, arm.experiment));
  const candidates = [own.find(({ kind }) => kind === 'dense'), own.find(({ kind }) => kind === 'imp'), arm];
  return candidates.find((candidate) => candidate && denseRoundOf(candidate));
}

function denseRoundOf({ rounds }: ComparedArm): ComparedRound | undefined {
  return rounds.find(({ round, sparsity }) => round === 0 && sparsity === 0);
}

function smallestOfArm(measured: MeasuredComparison, arm: ComparedArm, within: number): SmallestOfArm {
  const reference = denseArm(measured, arm);
  const dense = reference && denseRoundOf(reference);
  const denseSeeds = new Map(dense?.seeds.map((seed) => [seed.seed, seed]));
  const seeds = armSeeds(arm).filter((seed) => denseSeeds.has(seed));
  const choose = (among: readonly number[]): SmallNetwork | null =>
    chooseNetwork(
      arm,
      among,
      among.flatMap((seed) => denseSeeds.get(seed) ?? []),
      { within, weights: weightsOf(measured, arm) },
    );
  const validation = overSeeds([...denseSeeds.values()], seeds, 'validation');
  const test = overSeeds([...denseSeeds.values()], seeds, 'test');
  return {
    arm: arm.arm,
    dense: reference && validation && test ? { arm: reference.arm, validation, test } : null,
    overSeeds: choose(seeds),
    seeds: seeds.map((seed) => ({ seed, network: choose([seed]) })),
  };
}

/** By the means over `seeds`; rounds that not all of them have finished are passed over. */
function chooseNetwork(
  arm: ComparedArm,
  seeds: readonly number[],
  dense: readonly ComparedSeed[],
  { within, weights }: { readonly within: number; readonly weights: number },
): SmallNetwork | null {
  const target = overSeeds(dense, seeds, 'validation');
  if (!target) return null;
  const failed: number[] = [];
  let chosen: SmallNetwork | null = null;
  for (const round of [...arm.rounds].sort((a, b) => a.sparsity - b.sparsity || a.round - b.round)) {
    const own = round.seeds.filter(({ seed }) => seeds.includes(seed));
    const validation = overSeeds(own, seeds, 'validation');
    const test = overSeeds(own, seeds, 'test');
    if (!validation || !test) continue;
    if (validation.accuracy < target.accuracy - within / 100 - ROUNDING) {
      failed.push(round.round);
      continue;
    }
    const best = own.reduce((a, b) => (judged(b) > judged(a) ? b : a));
    chosen = {
      round: round.round,
      sparsity: round.sparsity,
      remaining: round.remaining,
      networks: networks(arm),
      weights: networks(arm) * Math.round(round.remaining * weights),
      inferenceFlops: round.inferenceFlops,
      validation,
      test,
      run: best.run,
      seed: best.seed,
      failedBefore: [...failed],
    };
  }
  return chosen;
}

function judged({ validation }: ComparedSeed): number {
  return validation?.accuracy ?? 0;
}

/** Mean over exactly these seeds; `null` where one is missing or not finite. */
function overSeeds(
  found: readonly ComparedSeed[],
  seeds: readonly number[],
  split: 'test' | 'validation',
): Metrics | null {
  const values = seeds.flatMap((seed) => found.find((each) => each.seed === seed)?.[split] ?? []);
  const complete = values.length === seeds.length && values.length > 0 && values.every(allFinite);
  return complete ? meanMetrics(values) : null;
}

/** Prunable weights of one network of the arm. */
export function weightsOf({ denominator, experiments }: MeasuredComparison, arm: ComparedArm): number {
  const own = experiments?.find(({ experiment }) => experiment === arm.experiment);
  return (own?.denominator ?? denominator).weights;
}
