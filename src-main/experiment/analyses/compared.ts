import type { ComparedArm, ComparedRound } from '../../contract/compare.ts';
import { deviation, mean } from '../../contract/statistics.ts';
import { meanMetrics, overMetrics } from '../../statistics/student.ts';
import { compareSeed, inferenceFlopsOf } from '../comparison.ts';
import { cumulativeTrainingFlops } from '../cost.ts';
import type { Results, SubjectRun } from './analysis.ts';
import type { ArmRuns } from './seeds.ts';

/**
 * The runs of an arm as a comparison has them: rounds that are evaluated, seed by seed.
 * @param rounds of a run that are looked at
 */
export function comparedArm(
  { label, arm, runs }: ArmRuns,
  rounds: (run: SubjectRun) => readonly number[],
  results: Results,
): ComparedArm {
  const cost = new Map(runs.map((run) => [run, cumulativeTrainingFlops(run.plan, run.run)]));
  const every = [...new Set(runs.flatMap((run) => [...rounds(run)]))].sort((a, b) => a - b);
  return {
    arm: label,
    label: arm,
    kind: runs[0]?.run.kind ?? '',
    rounds: every.flatMap((round): ComparedRound[] => {
      const seeds = runs.flatMap((run) => {
        if (!rounds(run).includes(round)) return [];
        const seed = compareSeed({ result: results, experiment: run.experiment }, run.run, round);
        return seed ? [seed] : [];
      });
      const done = runs.filter(({ seed }) => seeds.some((each) => each.seed === seed));
      const flops = done.flatMap(
        (run) => inferenceFlopsOf({ plan: run.plan, result: results }, run.run, round) ?? [],
      );
      const planned = done[0]?.rounds[round];
      if (!planned) return [];
      const tests = seeds.map(({ test }) => test);
      const validations = seeds.flatMap(({ validation }) => validation ?? []);
      const { sparsity } = planned;
      return [
        {
          round,
          sparsity,
          remaining: 1 - sparsity,
          // Not a number before all of its masks are there.
          inferenceFlops: flops.length === done.length ? mean(flops) : NaN,
          trainingFlops: mean(done.map((run) => cost.get(run)?.[round] ?? NaN)),
          test: meanMetrics(tests),
          validation: validations.length > 0 ? meanMetrics(validations) : null,
          testDeviation: tests.length > 1 ? overMetrics(tests, deviation) : null,
          seeds,
        },
      ];
    }),
  };
}

/** Test accuracy of a seed's run in a round; `undefined` where it is not there. */
export function accuracyOf({ rounds }: ComparedArm, round: number, seed: number): number | undefined {
  const seeds = rounds.find((each) => each.round === round)?.seeds;
  return seeds?.find((each) => each.seed === seed)?.test.accuracy;
}

/** Mean test accuracy of a seed's run over rounds; `undefined` where one of them is not there. */
export function averagedAccuracy(
  arm: ComparedArm,
  rounds: readonly number[],
  seed: number,
): number | undefined {
  const values = rounds.map((round) => accuracyOf(arm, round, seed));
  return values.length > 0 && values.every((value) => value !== undefined) ? mean(values) : undefined;
}
