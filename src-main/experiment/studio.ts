import { createHash, randomBytes } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ConfigError, LibraryError } from '../contract/errors.ts';
import { ExperimentConfig } from '../contract/experiment.ts';
import type { PlanEstimate, SweepEstimate } from '../contract/estimate.ts';
import type { ExperimentId, RunId } from '../contract/ids.ts';
import type { EngineBuild } from '../contract/job.ts';
import type { Comparison, MeasuredComparison } from '../contract/compare.ts';
import type { EndState, RunEvent } from '../contract/progress.ts';
import { LocalExecutor } from '../executors/local.ts';
import { withStatistics, type StatisticsOptions } from '../statistics/complete.ts';
import type { Library } from '../store/library.ts';
import type { ExtendedExperiment, NewExperiment } from '../store/rows.ts';
import { planAnalysis } from './analyses/plan.ts';
import { cancelExperiment, planOf, type StopWish } from './care.ts';
import { compareExperiment, compareSeed, runId, type ComparisonSources } from './comparison.ts';
import { estimate, estimateSweep, type Timings } from './cost.ts';
import { MeasuredTimings } from './eta.ts';
import { Orchestrator } from './orchestrator.ts';
import { planExperiment, planNew, type Plan, type PlannedRun } from './plan.ts';
import {
  backendOf,
  deviceText,
  resolvedOf,
  resolveExperiment,
  StoredResolution,
  type ResolvedData,
} from './resolve.ts';
import { startFiles } from './start.ts';
import { summariseRun } from './summary.ts';
import { groupOf, titlesOf } from './titles.ts';
import { stepOptions } from '../training/programs.ts';

/** Steps that a time is taken from before anything runs. */
const PROBE_STEPS = 10;
/** A measured step counts for this long. */
const TIMING_LASTS_MS = 7 * 24 * 3600 * 1000;
/** Free disk space that must remain beside what the plan needs. */
const SPARE_BYTES = 64 * 2 ** 20;

export interface RunOptions {
  readonly emit: (event: RunEvent) => void;
  /** Asks to stop. */
  readonly signal: AbortSignal;
  /** What the experiment then is; looked at when everything has stopped. */
  readonly stopAs?: () => StopWish;
  /** Only what this run needs. */
  readonly only?: RunId | undefined;
}

/** An experiment that could run: nothing of it is stored yet. */
export interface Prepared {
  readonly config: ExperimentConfig;
  readonly resolution: StoredResolution;
  readonly plan: Plan;
}

/**
 * What clients do with experiments: plan, start, go on, compare. The command line holds one in its own process;
 * a host serves one to windows.
 */
export class Studio {
  readonly library: Library;
  readonly #engine: EngineBuild;
  readonly #app: string;
  /** Kept between a probe, a run and the check of its export: a worker takes seconds to load TensorFlow and the data. */
  #warm: { readonly executor: LocalExecutor; readonly workers: number; readonly threads: number } | null =
    null;

  /** Times taken here: a library that is only read keeps none. */
  readonly #probed = new Map<string, Timings & { readonly at: number }>();

  constructor(library: Library, engine: EngineBuild, app: string) {
    this.library = library;
    this.#engine = engine;
    this.#app = app;
  }

  /** Ends the workers. */
  async close(): Promise<void> {
    const { executor } = this.#warm ?? {};
    this.#warm = null;
    await executor?.close();
  }

  /** Milliseconds of a step on this machine: measured lately, or measured now. @throws the signal's reason. */
  async timings(
    { config, resolution, plan }: Prepared,
    { signal, onProbe }: { signal?: AbortSignal; onProbe?: () => void } = {},
  ): Promise<Timings> {
    const signature = timingSignature(config, resolution);
    const known = this.#probed.get(signature) ?? timingsBy(this.library, signature);
    if (known && Date.now() - known.at < TIMING_LASTS_MS) return known;
    const [job] = plan.jobs.filter(({ spec }) => spec.kind === 'train-ticket');
    if (job?.spec.kind !== 'train-ticket') throw new Error('the plan trains nothing');
    const { task, recipe } = job.spec;
    onProbe?.();
    const order = { task, recipe, source: config.dataset, steps: PROBE_STEPS };
    const { stepMs, evaluationMs } = await this.withExecutor(resolution, signal, (executor) =>
      executor.probe(order),
    );
    this.#probed.set(signature, { stepMs, evaluationMs, at: Date.now() });
    if (!this.library.readOnly) this.#keepTimings(signature, { stepMs, evaluationMs });
    return { stepMs, evaluationMs };
  }

  /** What the plan costs and what of it is stored. */
  estimate(prepared: Prepared, timings: Timings | null): PlanEstimate {
    return estimatePlan(this.library, prepared, timings);
  }

  /**
   * Runs an experiment, or what one run of it needs, to its end or until `signal` asks to stop.
   * @throws ConfigError where it was planned for another kind of engine; LibraryError where the library fails.
   */
  async run(
    id: ExperimentId,
    prepared: Prepared,
    { emit, signal, stopAs = () => 'stopped', only }: RunOptions,
  ): Promise<EndState> {
    const { config, resolution } = prepared;
    const plan = only ? planOf(prepared.plan, id, only) : prepared.plan;
    const backend = backendOf(this.#engine);
    if (resolution.backend !== backend) {
      throw new ConfigError(
        `experiment ${id} was planned for ${resolution.backend}, this engine is ${backend}`,
        'Results of one are not continued on the other: start it anew here, or resume it where it began.',
      );
    }
    const { store, objects } = this.library;
    // Plans hold all jobs of what is stored.
    await store.resumeInPieces(
      id,
      plan.jobs.map(({ key }) => key),
    );
    const executor = await this.#executor(resolution);
    const signature = timingSignature(config, resolution);
    const timings = new MeasuredTimings(timingsBy(this.library, signature));
    const runs = new Map(plan.runs.map((run) => [`${run.arm}/${run.seed}`, run]));
    const orchestrator = new Orchestrator({
      store,
      objects,
      executor,
      experiment: id,
      plan,
      source: config.dataset,
      files: startFiles(config, resolution.start),
      timings,
      device: `${deviceText(resolution.backend)}, ${resolution.workers} × ${resolution.threads} threads`,
      emit: (event) => {
        if (event.type === 'round') {
          const run = runs.get(`${event.where.arm}/${event.where.seed}`);
          if (run) this.#summarise(id, prepared, run);
        }
        emit(event);
      },
    });
    const stop = (): void => orchestrator.stop();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    let ended = false;
    try {
      const end = await orchestrator.run();
      ended = end !== 'stopped';
      if (end === 'done') store.applyRetention();
      const { current, knowsSteps } = timings;
      if (current && knowsSteps) this.#keepTimings(signature, current);
      return this.#conclude(id, end, signal.aborted ? stopAs() : null);
    } finally {
      signal.removeEventListener('abort', stop);
      if (!ended) await this.close();
    }
  }

  /** Stores what the user wishes for now that nothing of the experiment runs. */
  #conclude(id: ExperimentId, end: EndState, wish: StopWish | null): EndState {
    if (wish === null || end === 'done') {
      // A retry of one run leaves what other runs still want.
      const { waiting } = this.library.store.experiment(id).counts;
      this.library.store.setExperimentWish(id, waiting > 0 && end === 'done' ? 'stopped' : 'run');
      return end;
    }
    if (wish === 'cancelled') cancelExperiment(this.library, id);
    else this.library.store.setExperimentWish(id, wish);
    return end === 'failed' && wish !== 'cancelled' ? 'failed' : wish;
  }

  /** A worker for probes and checks beside experiments; ended when `signal` is raised. @throws its reason. */
  async withExecutor<T>(
    resolution: StoredResolution,
    signal: AbortSignal | undefined,
    use: (executor: LocalExecutor) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const executor = await this.#executor(resolution);
    const end = (): void => void this.close();
    signal?.addEventListener('abort', end, { once: true });
    try {
      return await use(executor);
    } catch (error) {
      // What the end of its worker made of the request says nothing that the reason does not.
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', end);
    }
  }

  async #executor({ workers, threads }: StoredResolution): Promise<LocalExecutor> {
    if (this.#warm?.workers === workers && this.#warm.threads === threads) return this.#warm.executor;
    await this.close();
    const executor = new LocalExecutor({
      entry: fileURLToPath(new URL('../worker.ts', import.meta.url)),
      engine: this.#engine,
      library: this.library.dir,
      workers,
      threads,
      app: this.#app,
    });
    this.#warm = { executor, workers, threads };
    return executor;
  }

  #keepTimings(signature: string, { stepMs, evaluationMs }: Timings): void {
    this.library.store.putTiming(`${signature}/step`, stepMs);
    this.library.store.putTiming(`${signature}/evaluation`, evaluationMs);
  }

  #summarise(id: ExperimentId, { plan }: Prepared, run: PlannedRun): void {
    const { store } = this.library;
    // Series only of those jobs whose are looked at: those of a training are long.
    const result: ComparisonSources['result'] = (key) => ({
      evaluation: store.evaluation(key),
      get series() {
        return store.series(key);
      },
    });
    const sources = { experiment: id, result };
    const summary = summariseRun(plan, run, (round) => compareSeed(sources, run, round));
    if (summary) store.updateRunSummary(runId(id, run), summary);
  }
}

/** Settles what defaults leave open, and plans every job. Stores nothing. @throws ConfigError where that cannot be. */
export function prepareExperiment(
  config: ExperimentConfig,
  data: ResolvedData,
  engine: Pick<EngineBuild, 'variant'>,
): Prepared {
  const resolution = resolveExperiment(config, data, engine);
  return { config, resolution, plan: planNew({ config, resolved: resolvedOf(resolution) }) };
}

/**
 * Stores a prepared experiment, piece by piece; it waits.
 * @param origin the experiment it was forked from
 */
export async function createExperiment(
  library: Library,
  prepared: Prepared,
  origin: ExperimentId | null = null,
): Promise<ExperimentId> {
  const { name } = prepared.config;
  const id = newId(name, (each) => library.store.isTaken(each));
  await library.store.createInPieces([{ id, name, origin, ...storedForm(id, prepared) }]);
  return id;
}

/**
 * Stores the experiments of a sweep, piece by piece, all or none; they wait.
 * @param name of the sweep; its id begins with it
 * @param experiments each asked for when its turn comes: all of them at once can be much.
 */
export async function createSweep(
  library: Library,
  name: string,
  experiments: AsyncIterable<Prepared>,
  origin: ExperimentId | null = null,
): Promise<{ readonly sweep: string; readonly experiments: readonly ExperimentId[] }> {
  const made: ExperimentId[] = [];
  const taken = (id: string): boolean => library.store.isTaken(id);
  const sweep = newId(`${name}-sweep`, taken);
  async function* rows(): AsyncGenerator<NewExperiment> {
    for await (const prepared of experiments) {
      const { name: own } = prepared.config;
      const id = newId(own, (each) => each === sweep || taken(each));
      made.push(id);
      yield { id, name: own, origin, sweep, ...storedForm(id, prepared) };
    }
  }
  await library.store.createInPieces(rows());
  return { sweep, experiments: made };
}

/**
 * Puts more into a stored experiment, as `planExtension` planned it; what is new waits.
 * @param requireIdle throws while it runs: a run goes on with the plan that it began with.
 */
export async function extendExperiment(
  library: Library,
  id: ExperimentId,
  prepared: Prepared,
  requireIdle: () => void,
): Promise<void> {
  await library.store.extendInPieces(id, storedForm(id, prepared), requireIdle);
}

/** What a plan costs and what of it is stored. */
export function estimatePlan(
  { store }: Library,
  { plan, resolution }: Prepared,
  timings: Timings | null,
): PlanEstimate {
  const stored = store.settledKeys(plan.jobs);
  return estimate(plan, stored, timings, resolution.workers);
}

/** What plans cost that run one after another. */
export function estimatePlans(
  { store }: Library,
  experiments: readonly { readonly prepared: Prepared; readonly timings: Timings | null }[],
): SweepEstimate {
  const jobs = experiments.flatMap(({ prepared }) => prepared.plan.jobs);
  const costed = experiments.map(({ prepared: { plan, resolution }, timings }) => ({
    plan,
    workers: resolution.workers,
    timings,
  }));
  return estimateSweep(costed, store.settledKeys(jobs));
}

/**
 * @param diskBytes what experiments need, as `estimatePlans` tells it
 * @throws LibraryError where the disk cannot take their results.
 */
export async function checkDisk(library: Library, diskBytes: number, experiments: number): Promise<void> {
  const { bavail, bsize } = await statfs(library.dir);
  const free = bavail * bsize;
  if (free >= diskBytes + SPARE_BYTES) return;
  const mega = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MB`;
  throw new LibraryError(
    `The library's disk has ${mega(free)} free; ${experiments === 1 ? 'this experiment needs' : 'these experiments need'} ${mega(diskBytes + SPARE_BYTES)}.`,
    'Free some space, or put the library elsewhere (--library DIR).',
  );
}

/** A plan in the form the store takes. */
export function storedForm(id: ExperimentId, { config, resolution, plan }: Prepared): ExtendedExperiment {
  return {
    config,
    resolved: resolution,
    titles: titlesOf(config, resolution),
    runs: plan.runs.map((run) => ({
      id: runId(id, run),
      arm: run.arm,
      slug: run.slug,
      kind: run.kind,
      spec: run.spec,
      seed: run.seed,
      rounds: run.rounds,
      group: groupOf(config, resolution, run.spec),
    })),
    jobs: plan.jobs,
    runJobs: plan.runs.flatMap((run) => run.links.map((link) => ({ run: runId(id, run), ...link }))),
  };
}

/** `<name>-<4 to 8 hex digits>`, none of those taken. */
export function newId(name: string, taken: (id: string) => boolean): ExperimentId {
  for (let bytes = 2; ; bytes = 4) {
    const id = `${name}-${randomBytes(bytes).toString('hex')}` as ExperimentId;
    if (!taken(id)) return id;
  }
}

/** Plans what was resolved before. @throws ConfigError where that cannot be. */
export function prepareStored(config: ExperimentConfig, resolution: StoredResolution): Prepared {
  const { analysis } = resolution;
  if (analysis) return { config, resolution, plan: planAnalysis(analysis) };
  return { config, resolution, plan: planExperiment({ config, resolved: resolvedOf(resolution) }) };
}

/** A stored experiment as it was planned; needs no engine. */
export function storedExperiment(library: Library, id: ExperimentId): Prepared {
  const row = library.store.experiment(id);
  return prepareStored(ExperimentConfig.parse(row.config), StoredResolution.parse(row.resolved));
}

/** Compares the arms of a stored experiment. @throws ConfigError where an option is out of range. */
export function compareStored(
  library: Library,
  id: ExperimentId,
  prepared: Prepared = storedExperiment(library, id),
  options?: StatisticsOptions,
): Comparison {
  return withStatistics(measureStored(library, id, prepared), options);
}

/** What was measured in a stored experiment. */
export function measureStored(
  library: Library,
  id: ExperimentId,
  { config, resolution, plan }: Prepared = storedExperiment(library, id),
): MeasuredComparison {
  const { store } = library;
  // All evaluations at once; series only of those jobs whose are looked at.
  const standings = store.standings(id);
  return compareExperiment({
    experiment: id,
    name: config.name,
    dataset: resolution.dataset.title,
    model: config.model,
    plan,
    result: (key) => ({
      evaluation: standings.get(key)?.evaluation ?? null,
      get series() {
        return store.series(key);
      },
    }),
  });
}

/** Milliseconds of a step on this machine as they were last measured; `null` where they never were. */
export function knownTimings(
  library: Library,
  { config, resolution }: Pick<Prepared, 'config' | 'resolution'>,
): Timings | null {
  return timingsBy(library, timingSignature(config, resolution));
}

function timingsBy({ store }: Library, signature: string): (Timings & { readonly at: number }) | null {
  const step = store.timing(`${signature}/step`);
  const evaluation = store.timing(`${signature}/evaluation`);
  return step && evaluation ? { stepMs: step.ms, evaluationMs: evaluation.ms, at: step.at } : null;
}

/** What a step's time depends on. */
function timingSignature({ model, recipe, dataset }: ExperimentConfig, resolution: StoredResolution): string {
  const { threads, backend, dataset: data } = resolution;
  const text = JSON.stringify([
    dataset.kind,
    data.shape,
    model,
    recipe.batch,
    recipe.augment,
    stepOptions(recipe),
    threads,
    backend,
  ]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
