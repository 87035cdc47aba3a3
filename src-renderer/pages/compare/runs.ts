import type {
  ComparedArm,
  ComparedSeed,
  Comparison,
  SmallNetwork,
} from '../../../src-main/contract/compare.ts';
import { mean } from '../../../src-main/contract/statistics.ts';
import { shown, type Metric, type Split } from '../../../src-main/report/select.ts';
import { isFrom } from '../../../src-main/statistics/arms.ts';

/** One run as a whole: what it came to, in numbers that stand for all its rounds. */
export interface RunResult {
  readonly run: string;
  readonly experiment: string;
  readonly arm: string;
  /** Place of the arm in the comparison. */
  readonly index: number;
  readonly seed: number;
  readonly finalSparsity: number;
  /** Mean over the rounds from a sparsity on, as shown (percent, nats); `null` where there is none. */
  readonly average: (metric: Metric, split: Split) => number | null;
  readonly trainingFlops: number;
  /** The smallest about as good as dense, of this seed; `null` where none is or can be chosen. */
  readonly smallest: SmallNetwork | null;
}

/** Every run of the comparison, arm by arm. */
export function runResults(comparison: Comparison): RunResult[] {
  return comparison.arms.flatMap((arm, index) =>
    runsOf(arm).map(({ run, seed }) => resultOf(comparison, { arm, index, run, seed })),
  );
}

function runsOf(arm: ComparedArm): { run: string; seed: number }[] {
  const found = new Map<string, number>();
  for (const { run, seed } of arm.rounds.flatMap(({ seeds }) => seeds)) found.set(run, seed);
  return [...found].map(([run, seed]) => ({ run, seed })).sort((a, b) => a.seed - b.seed);
}

function resultOf(
  { statistics, smallest }: Comparison,
  { arm, index, run, seed }: { arm: ComparedArm; index: number; run: string; seed: number },
): RunResult {
  const own = arm.rounds.flatMap((round) => {
    const found: ComparedSeed | undefined = round.seeds.find((each) => each.run === run);
    return found ? [{ round, seed: found }] : [];
  });
  const last = own[own.length - 1];
  const late = own.filter(({ round }) => isFrom(round.sparsity, statistics.from));
  return {
    run,
    experiment: run.split('/')[0] ?? '',
    arm: arm.arm,
    index,
    seed,
    finalSparsity: last?.round.sparsity ?? 0,
    average: (metric, split) => {
      const values = late.flatMap(({ seed: each }) => shown(each, split, metric) ?? []);
      return values.length === late.length && values.length > 0 && values.every(Number.isFinite)
        ? mean(values)
        : null;
    },
    trainingFlops: last?.round.trainingFlops ?? 0,
    smallest:
      smallest.arms.find((each) => each.arm === arm.arm)?.seeds.find((each) => each.seed === seed)?.network ??
      null,
  };
}
