import { availableParallelism } from 'node:os';
import { ConfigError } from '../../contract/errors.ts';
import type { AnalysisData, AnalysisRequest, Subject } from '../../contract/analysis.ts';
import type { ExperimentConfig } from '../../contract/experiment.ts';
import type { ExperimentId, JobKey, RunId } from '../../contract/ids.ts';
import type { JobSpec, PlannedJob } from '../../contract/job.ts';
import { choose } from '../../contract/registry.ts';
import { runId } from '../comparison.ts';
import { canonical, jobKey } from '../keys.ts';
import { planExperiment, type Plan, type PlannedRun } from '../plan.ts';
import { resolvedOf, StoredResolution } from '../resolve.ts';
import type {
  AnalysisContext,
  AnalysisDefinition,
  NamedInput,
  OpenSubject,
  Reading,
  SubjectRun,
} from './analysis.ts';
import { analyses } from './registry.ts';
import { openRun, type OpenExperiment } from './subjects.ts';

/** A planned analysis: its jobs with those that they build on, and how their results are read. */
export interface OpenAnalysis {
  readonly title: string;
  readonly plan: Plan;
  readonly read: Reading;
}

/** The configuration and resolution that an analysis is stored with: those of its first experiment. */
export function analysisOf(
  request: AnalysisRequest,
  of: readonly {
    readonly experiment: ExperimentId;
    readonly config: ExperimentConfig;
    readonly resolution: StoredResolution;
  }[],
): { config: ExperimentConfig; resolution: StoredResolution } {
  const [first] = of;
  if (!first) throw new ConfigError('an analysis looks at one run or more', 'Name a run.');
  return {
    config: first.config,
    resolution: { ...first.resolution, workers: workersOf(first), analysis: { ...request, of: [...of] } },
  };
}

/** Each holds the data, the networks and an engine of its own. */
const MOST_WORKERS = 4;

/**
 * Workers of an analysis: nearly all of its jobs wait for none, where a training may be one chain, and a forward pass keeps
 * one core busy whatever its threads (measured: docs/performance.md). The threads stay, as results go by them.
 */
function workersOf({
  config,
  resolution,
}: {
  config: ExperimentConfig;
  resolution: StoredResolution;
}): number {
  if (config.workers !== undefined || resolution.backend === 'tensorflow-cuda') return resolution.workers;
  return Math.max(resolution.workers, Math.min(MOST_WORKERS, availableParallelism()));
}

/**
 * Plans an analysis. Pure, as plans of experiments are.
 * @throws ConfigError on an unknown kind, wrong options, or subjects that are not there or do not go together
 */
export function openAnalysis(data: AnalysisData): OpenAnalysis {
  const { entry, options } = choose(analyses, data.analysis, 'analysis');
  const { least, most } = entry.subjects;
  const given = data.subjects.length;
  if (given < least || given > most) {
    throw new ConfigError(
      `${entry.kind} looks at ${least === most ? least : `${least} to ${most}`}, not at ${given}`,
      'Name as many runs, or solutions RUN@ROUND or RUN@ROUND:PARTICLE.',
    );
  }
  const experiments = new Map(data.of.map((each) => [each.experiment, openExperiment(each)]));
  requireOneData([...experiments.values()]);
  const runs = openRuns(data.subjects, experiments);
  const subjects = data.subjects.map((subject) => openSubject(subject, runs));
  requireWhole(entry, subjects);
  const book = new Book([...experiments.values()]);
  const context: AnalysisContext = {
    request: { analysis: data.analysis, subjects: data.subjects },
    subjects,
    runs: [...runs.values()],
    add: (spec, inputs, what) => book.add(spec, inputs, what),
  };
  const read = entry.plan(context, options);
  return { title: entry.title, plan: book.plan(entry.kind, data), read };
}

/** The jobs of the runs that an analysis looks at, as text: it is the same while they are. */
export function lookedAt({ of, subjects }: AnalysisData): string {
  const experiments = new Map(of.map((each) => [each.experiment, openExperiment(each)]));
  const runs = [...openRuns(subjects, experiments).values()];
  return canonical(runs.map(({ id, run: { rounds, links } }) => ({ id, rounds, links })));
}

/** The same without the reading: what the queue runs. */
export function planAnalysis(data: AnalysisData): Plan {
  return openAnalysis(data).plan;
}

function openExperiment({ experiment, config, resolution }: AnalysisData['of'][number]): OpenExperiment {
  const plan = planExperiment({ config, resolved: resolvedOf(StoredResolution.parse(resolution)) });
  return { experiment, config, plan, jobs: new Map(plan.jobs.map((job) => [job.key, job])) };
}

/** Workers get one data set for all jobs of an analysis, and results of one backend are not mixed with another's. */
function requireOneData(experiments: readonly OpenExperiment[]): void {
  const [first, ...others] = experiments;
  for (const other of others) {
    const [a, b] = [first, other].map((each) => each?.plan.resolved);
    if (a?.dataset.digest !== b?.dataset.digest) {
      throw new ConfigError(
        `${first?.experiment} and ${other.experiment} are on different data`,
        'Analyse runs on one data set together.',
      );
    }
    if (a?.backend !== b?.backend) {
      throw new ConfigError(
        `${first?.experiment} was trained on ${a?.backend}, ${other.experiment} on ${b?.backend}`,
        'Analyse runs of one kind of engine together.',
      );
    }
  }
}

function openRuns(
  subjects: readonly Subject[],
  experiments: ReadonlyMap<ExperimentId, OpenExperiment>,
): Map<RunId, SubjectRun> {
  const ids = [...new Set(subjects.map(({ run }) => run))];
  const found = ids.map((id) => {
    const [name] = id.split('/', 1);
    const of = experiments.get(name as ExperimentId);
    const run = of?.plan.runs.find((each) => runId(of.experiment, each) === id);
    if (!of || !run) throw new ConfigError(`there is no run ${id}`, '`swamp list` shows what there is.');
    return { id, of, run };
  });
  const labels = labelsOf(found.map(({ of, run }) => ({ experiment: of.experiment, run })));
  return new Map(found.map(({ id, of, run }, at) => [id, openRun(of, run, id, labels[at] ?? id)]));
}

/** What tells runs apart: the arm; the seed and the experiment where they differ. */
function labelsOf(
  runs: readonly { readonly experiment: ExperimentId; readonly run: PlannedRun }[],
): string[] {
  const several = (values: readonly unknown[]): boolean => new Set(values).size > 1;
  const seeds = several(runs.map(({ run }) => run.seed));
  const experiments = several(runs.map(({ experiment }) => experiment));
  return runs.map(({ experiment, run }) =>
    [run.arm, ...(seeds ? [`seed ${run.seed}`] : []), ...(experiments ? [experiment] : [])].join(', '),
  );
}

function openSubject(
  { run: id, round, particle }: Subject,
  runs: ReadonlyMap<RunId, SubjectRun>,
): OpenSubject {
  const run = runs.get(id);
  if (!run) throw new Error(`run ${id} was not opened`);
  // Whether they are there is asked at once, not where they are first used.
  if (round !== undefined) run.evaluation(round);
  if (round !== undefined && particle !== undefined) run.one(round, particle);
  const words = [
    run.label,
    ...(round === undefined ? [] : [`round ${round}`]),
    ...(particle === undefined ? [] : [`${run.run.members > 1 ? 'member' : 'particle'} ${particle}`]),
  ];
  return { run, round, particle, label: words.join(' ') };
}

/** @throws ConfigError where a particle or member is named of which the kind would look at the whole */
function requireWhole(
  { kind, subjects: { parts } }: AnalysisDefinition,
  subjects: readonly OpenSubject[],
): void {
  const taken = ({ run }: OpenSubject): boolean =>
    parts === 'particles' || (parts === 'members' && run.run.members > 1);
  const refused = subjects.find((each) => each.particle !== undefined && !taken(each));
  if (!refused) return;
  const { run, round, label } = refused;
  throw new ConfigError(
    parts === 'members'
      ? `${kind} looks at masks, and particles share theirs: it does not look at ${label} by itself`
      : `${kind} looks at what a run stands for in a round, not at ${label} by itself`,
    `Name ${round === undefined ? `the run, ${run.id}` : `the round, ${run.id}@${round}`}.`,
  );
}

/** Jobs of an analysis, each once, and whatever they build on. */
class Book {
  readonly #own = new Set<JobKey>();
  readonly #experiments: readonly OpenExperiment[];
  readonly #jobs = new Map<JobKey, PlannedJob>();
  /** What its own jobs are called while they run, in the order of being asked for. */
  readonly #words = new Map<JobKey, string>();

  constructor(experiments: readonly OpenExperiment[]) {
    this.#experiments = experiments;
  }

  add(spec: JobSpec, inputs: readonly NamedInput[], what: string): JobKey {
    const given = inputs.map(({ name, made }) => ({ name, job: made.job, output: made.output }));
    const key = jobKey(spec, given);
    if (this.#jobs.has(key)) return key;
    for (const { job } of given) this.#need(job);
    // A run may have made the same.
    if (!this.#known(key)) {
      this.#own.add(key);
      this.#words.set(key, what);
      this.#jobs.set(key, { key, spec, inputs: given });
    } else this.#need(key);
    return key;
  }

  plan(kind: string, data: AnalysisData): Plan {
    const [first] = this.#experiments;
    if (!first) throw new Error('an analysis of nothing');
    // Every job has its place, those of the runs that may have to be made again among them.
    const byWords = Map.groupBy(this.#jobs.keys(), (key) => this.#words.get(key) ?? 'what it looks at');
    const runs = [...byWords].map(([arm, keys]): PlannedRun => ({
      ...{ arm, slug: kind, kind, spec: data.analysis, members: 1, rounds: 0 },
      seed: first.plan.runs[0]?.seed ?? 0,
      links: keys.map((job, index) => ({ job, round: 0, role: 'analyse', index })),
    }));
    const stepsPerEpoch = new Map(this.#experiments.flatMap(({ plan }) => [...plan.stepsPerEpoch]));
    return { ...first.plan, jobs: [...this.#jobs.values()], runs, stepsPerEpoch, own: [...this.#own] };
  }

  /** Takes a job of the runs in, and whatever it builds on before it. */
  #need(key: JobKey): void {
    if (this.#jobs.has(key)) return;
    const job = this.#known(key);
    if (!job) throw new Error(`job ${key} is of no run that is looked at`);
    for (const input of job.inputs) this.#need(input.job);
    this.#jobs.set(key, job);
  }

  #known(key: JobKey): PlannedJob | undefined {
    for (const { jobs } of this.#experiments) {
      const job = jobs.get(key);
      if (job) return job;
    }
    return undefined;
  }
}
