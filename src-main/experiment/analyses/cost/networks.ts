import type { JobKey } from '../../../contract/ids.ts';
import { prunableOf as prunableFields } from '../../builder.ts';
import type { AnalysisContext, SubjectRun } from '../analysis.ts';
import { byArm, roundsOf, type ArmRuns } from '../seeds.ts';

/** What a run stands for in a round, and the jobs that weigh and time it: one a network. */
export interface CostedRound {
  readonly run: SubjectRun;
  readonly round: number;
  readonly sizes: readonly JobKey[];
  /** Empty where it is not timed. */
  readonly latencies: readonly JobKey[];
}

/** An arm's rounds by number, seeds together. */
export interface CostedArm extends Pick<ArmRuns, 'label' | 'arm'> {
  readonly rounds: readonly CostedRound[];
}

/** How predictions are timed. */
export interface Timing {
  /** In which rounds: the first and the last looked at, all, or none. */
  readonly latency: 'ends' | 'all' | 'none';
  readonly batches: readonly number[];
  readonly repetitions: number;
  readonly measurement: number;
}

/** Predictions before the clock counts: the first records the program. */
const WARM_UP = 3;

/** Asks for the jobs of every arm, run, round and network. */
export function planCosts(context: AnalysisContext, timing: Timing): CostedArm[] {
  return byArm(context.runs).map(({ label, arm, runs }) => ({
    label,
    arm,
    rounds: runs.flatMap((run) => {
      const rounds = roundsOf(context, run);
      const timed = timedRounds(rounds, timing.latency);
      return rounds.map((round): CostedRound => ({
        run,
        round,
        sizes: networksOf(run).map((member) => planSize(context, run, round, member)),
        latencies: timed.has(round)
          ? networksOf(run).map((member) => planLatency(context, run, round, { member, timing }))
          : [],
      }));
    }),
  }));
}

function timedRounds(rounds: readonly number[], latency: Timing['latency']): ReadonlySet<number> {
  switch (latency) {
    case 'all':
      return new Set(rounds);
    case 'none':
      return new Set();
    case 'ends':
      return new Set([rounds[0] ?? 0, rounds.at(-1) ?? 0]);
  }
}

/** Members of an ensemble; `undefined`: the one network of other arms. */
function networksOf({ run }: SubjectRun): (number | undefined)[] {
  return run.members === 1 ? [undefined] : Array.from({ length: run.members }, (_, at) => at);
}

function planSize(
  context: AnalysisContext,
  run: SubjectRun,
  round: number,
  member: number | undefined,
): JobKey {
  const { config, plan } = run;
  const { shape, classes } = plan.resolved.dataset;
  const mask = run.mask(round, member);
  return context.add(
    { kind: 'size', model: config.model, shape: [...shape], classes, ...prunableFields(config) },
    [
      { name: 'solution', made: run.one(round, member) },
      { name: 'statistics', made: run.statistics(round, member) },
      ...(mask === null ? [] : [{ name: 'mask', made: mask }]),
    ],
    what(run, round, member),
  );
}

function planLatency(
  context: AnalysisContext,
  run: SubjectRun,
  round: number,
  { member, timing }: { member: number | undefined; timing: Timing },
): JobKey {
  const { batches, repetitions, measurement } = timing;
  return context.add(
    {
      kind: 'latency',
      task: run.task,
      batches: [...batches],
      warmUp: WARM_UP,
      repetitions,
      measurement,
    },
    [
      { name: 'solution', made: run.one(round, member) },
      { name: 'statistics', made: run.statistics(round, member) },
    ],
    what(run, round, member),
  );
}

function what({ label }: SubjectRun, round: number, member: number | undefined): string {
  return `${label} round ${round}${member === undefined ? '' : ` member ${member}`}`;
}
