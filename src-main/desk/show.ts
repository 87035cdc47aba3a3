import type { ShownExperiment, ShownJob, ShownRound, ShownRun } from '../contract/api/details.ts';
import type { ExperimentId, JobKey } from '../contract/ids.ts';
import type { PlannedJob } from '../contract/job.ts';
import type { JobState } from '../contract/states.ts';
import { runId } from '../experiment/comparison.ts';
import { trainingIterations, trainingsIn } from '../experiment/cost.ts';
import { describeConfig } from '../experiment/describe.ts';
import { modelTitle } from '../experiment/own-choice.ts';
import type { Plan, PlannedRun } from '../experiment/plan.ts';
import { deviceText } from '../experiment/resolve.ts';
import type { Prepared } from '../experiment/studio.ts';
import { timeSpent } from '../experiment/time.ts';
import type { Library } from '../store/library.ts';
import type { RunRow } from '../store/rows.ts';
import type { JobStanding } from '../store/shown.ts';

/** What the pieces of an experiment are shown from. */
interface Sources {
  readonly id: ExperimentId;
  readonly plan: Plan;
  readonly jobs: ReadonlyMap<JobKey, PlannedJob>;
  readonly standings: ReadonlyMap<JobKey, JobStanding>;
}

/** An experiment with all that is shown of it but series and log. */
export function showExperiment({ store }: Library, id: ExperimentId, prepared: Prepared): ShownExperiment {
  const { config, resolution, plan } = prepared;
  const row = store.experiment(id);
  const { name, created, state, counts, tags, note, origin, sweep, removed } = row;
  const sources = {
    id,
    plan,
    jobs: new Map(plan.jobs.map((job) => [job.key, job])),
    standings: store.standings(id),
  };
  const rows = new Map(store.runs({ experiment: id }).map((run) => [run.id, run]));
  const { wallSeconds, workerSeconds, steps } = timeSpent(store, id);
  return {
    experiment: id,
    name,
    created,
    state,
    counts: { ...counts },
    tags: [...tags],
    note,
    origin,
    sweep,
    removed,
    config,
    about: describeConfig(config),
    dataset: resolution.dataset.title,
    model: modelTitle(config.model),
    denominator: { ...plan.denominator },
    device: `${deviceText(resolution.backend)}, ${resolution.workers} × ${resolution.threads} threads`,
    runs: plan.runs.flatMap((run) => {
      const stored = rows.get(runId(id, run));
      return stored ? [showRun(sources, run, stored)] : [];
    }),
    time: { wallSeconds, workerSeconds, steps },
    disk: { ...store.used(id) },
  };
}

function showRun(sources: Sources, run: PlannedRun, { id, state, tags, note }: RunRow): ShownRun {
  const { arm, kind, seed, rounds } = run;
  return {
    run: id,
    arm,
    kind,
    seed,
    state,
    tags: [...tags],
    note,
    rounds: Array.from({ length: rounds }, (_, round) => showRound(sources, run, round)),
  };
}

function showRound(sources: Sources, { links }: PlannedRun, round: number): ShownRound {
  const here = links.filter((link) => link.round === round);
  const stands = here.find(({ role }) => role === 'evaluate');
  const evaluation = stands && sources.standings.get(stands.job)?.evaluation;
  const jobs = here.map(({ job, role, index }) => showJob(sources, job, role, index));
  return {
    round,
    sparsity: sources.plan.rounds[round]?.sparsity ?? 0,
    state: roundState(jobs.map(({ state }) => state)),
    test: evaluation?.test ?? null,
    validation: evaluation?.validation ?? null,
    jobs,
  };
}

function showJob({ plan, jobs, standings }: Sources, key: JobKey, role: string, index: number): ShownJob {
  const planned = jobs.get(key);
  const standing = standings.get(key);
  return {
    key,
    kind: planned?.spec.kind ?? '',
    role,
    index,
    state: standing?.state ?? 'waiting',
    attempts: standing?.attempts ?? 0,
    seconds: standing?.seconds ?? null,
    ...trainingOf(plan, planned),
    failure: standing?.failure ?? null,
    test: standing?.evaluation?.test ?? null,
    validation: standing?.evaluation?.validation ?? null,
  };
}

/** How long a job trains, and how many particles. */
function trainingOf(
  plan: Plan,
  job: PlannedJob | undefined,
): Pick<ShownJob, 'iterations' | 'iterationsPerEpoch' | 'particles'> {
  const particles = job ? trainingsIn(job) : 0;
  if (!job || particles === 0) return { iterations: 0, iterationsPerEpoch: 0, particles: 0 };
  const { spec } = job;
  return {
    iterations: trainingIterations(plan, job) / particles,
    iterationsPerEpoch: 'seed' in spec ? (plan.stepsPerEpoch.get(spec.seed) ?? 0) : 0,
    particles,
  };
}

/** What needs attention first. */
function roundState(states: readonly JobState[]): JobState {
  const order: readonly JobState[] = ['running', 'failed', 'cancelled', 'waiting', 'done'];
  return order.find((state) => states.includes(state)) ?? 'waiting';
}
