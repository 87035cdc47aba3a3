import { ConfigError } from '../../contract/errors.ts';
import type { ExperimentConfig } from '../../contract/experiment.ts';
import type { ExperimentId, JobKey, RunId } from '../../contract/ids.ts';
import type { PlannedJob, Task } from '../../contract/job.ts';
import type { JobRole } from '../../contract/states.ts';
import type { Made } from '../arms/arm.ts';
import { maskJob, type Plan, type PlannedRun } from '../plan.ts';
import type { SubjectRun } from './analysis.ts';

/** An experiment that is looked at, as it was planned. */
export interface OpenExperiment {
  readonly experiment: ExperimentId;
  readonly config: ExperimentConfig;
  readonly plan: Plan;
  readonly jobs: ReadonlyMap<JobKey, PlannedJob>;
}

/** A run of it, with what its jobs made by round. */
export function openRun(of: OpenExperiment, run: PlannedRun, id: RunId, label: string): SubjectRun {
  const { experiment, config, plan, jobs } = of;
  const rounds = plan.rounds.slice(0, run.rounds);
  const linked = (role: JobRole, round: number): JobKey[] =>
    run.links
      .filter((link) => link.role === role && link.round === round)
      .toSorted((a, b) => a.index - b.index)
      .map(({ job }) => job);
  const job = (key: JobKey): PlannedJob => {
    const found = jobs.get(key);
    if (!found) throw new Error(`job ${key} is not in the plan of ${experiment}`);
    return found;
  };
  const evaluation = (round: number): JobKey => {
    requireRound(id, run, round);
    const [judge] = linked('evaluate', round);
    if (judge === undefined) throw new Error(`${id} evaluates nothing in round ${round}`);
    return judge;
  };
  /** Jobs that evaluate one network each: of what the arm stands for, or of a particle. */
  const judgeOf = (round: number, particle: number | undefined): JobKey => {
    const stands = evaluation(round);
    const each = linked('evaluate-particle', round);
    if (particle === undefined) {
      if (job(stands).spec.kind === 'evaluate') return stands;
      throw new ConfigError(
        `${id}: ${run.arm} stands for ${each.length} networks, not for one`,
        `Name one of them: ${id}@${round}:0 … ${id}@${round}:${each.length - 1}.`,
      );
    }
    const chosen = each[particle] ?? (particle === 0 && each.length === 0 ? stands : undefined);
    if (chosen !== undefined) return chosen;
    throw new ConfigError(
      `${id}@${round}:${particle}: ${run.arm} has ${each.length || 1} in a round`,
      `Count from 0${each.length > 1 ? ` to ${each.length - 1}` : ''}.`,
    );
  };
  const solutionOf = (judge: JobKey): Made => {
    const from = job(judge).inputs.find(({ name }) => name === 'solution');
    if (!from) throw new Error(`job ${judge} evaluates no solution`);
    return { job: from.job, output: from.output };
  };
  const one = (round: number, particle: number | undefined): Made => solutionOf(judgeOf(round, particle));
  return {
    ...{ id, experiment, config, plan, run, label, rounds },
    arm: run.arm,
    seed: run.seed,
    task: taskOf(job(evaluation(0))),
    solution: (round) => one(round, undefined),
    particles(round) {
      const each = linked('evaluate-particle', round);
      return each.length > 0 ? each.map(solutionOf) : [one(round, undefined)];
    },
    one,
    mask(round, particle) {
      requireRound(id, run, round);
      if (particle !== undefined && run.members === 1) {
        const trained = job(one(round, particle).job);
        // What an arm stands for may have a mask of its own, as a pool has: not that which its particle trained under.
        if (trained.spec.kind === 'train-particle') {
          const under = trained.inputs.find(({ name }) => name === 'mask');
          return under ? { job: under.job, output: under.output } : null;
        }
      }
      const made = maskJob(run, round, run.members > 1 ? (particle ?? 0) : 0);
      return made === null ? null : { job: made, output: 'mask' };
    },
    statistics: (round, particle) => ({ job: judgeOf(round, particle), output: 'statistics' }),
    predictions: (round, particle) => ({ job: judgeOf(round, particle), output: 'predictions' }),
    evaluation,
    evaluations: (round) => linked('evaluate-particle', round),
    ensemble: (round) => linked('ensemble', round)[0] ?? null,
  };
}

function requireRound(id: RunId, { rounds }: PlannedRun, round: number): void {
  if (Number.isInteger(round) && round >= 0 && round < rounds) return;
  throw new ConfigError(
    `${id} has no round ${round}`,
    rounds === 1 ? 'It has round 0 alone.' : `It has rounds 0 to ${rounds - 1}.`,
  );
}

function taskOf({ spec }: PlannedJob): Task {
  if ('task' in spec) return spec.task;
  throw new Error(`a job of kind ${spec.kind} has no task`);
}
