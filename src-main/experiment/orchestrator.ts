import { crashPoint } from '../checkpoint/crash.ts';
import { LibraryError } from '../contract/errors.ts';
import type { ExperimentId, JobKey } from '../contract/ids.ts';
import type { JobFailure, JobKind, JobOrder, JobProgress, JobResult, PlannedJob } from '../contract/job.ts';
import type { EndState, RunEvent, Where } from '../contract/progress.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import type { Executor, JobOutcome } from '../executors/executor.ts';
import { ObjectError, type ObjectStore } from '../store/objects.ts';
import type { Store } from '../store/store.ts';
import { collapsedLayers } from './comparison.ts';
import { countTrainings, stepWeight } from './cost.ts';
import { remaining, type MeasuredTimings } from './eta.ts';
import type { Plan, PlannedRun } from './plan.ts';

/** A job whose worker dies is tried again from its last checkpoint, so many times in all; so is one whose inputs are damaged. */
const ATTEMPTS = 3;
/** Least time between two estimates of the time left. */
const ETA_MS = 500;
/** Kinds that run while nothing else does: what they measure is time. */
const ALONE: ReadonlySet<JobKind> = new Set<JobKind>(['latency']);

export interface OrchestratorOptions {
  readonly store: Store;
  readonly objects: ObjectStore;
  readonly executor: Executor;
  readonly experiment: ExperimentId;
  readonly plan: Plan;
  /** The data set with its location. */
  readonly source: NamedSpec;
  /** Where files lie that jobs import, by their digest. */
  readonly files: Readonly<Record<string, string>>;
  readonly timings: MeasuredTimings;
  readonly device: string;
  readonly emit: (event: RunEvent) => void;
}

type End = Extract<EndState, 'done' | 'stopped' | 'failed'>;

/**
 * Runs an experiment's jobs in the plan's order, each as soon as its inputs are there, as many at a time as the
 * executor takes; a latency is measured with no other beside it. Whatever the store holds already, of this experiment or another, is not run again.
 */
export class Orchestrator {
  readonly #o: OrchestratorOptions;
  readonly #done = new Set<JobKey>();
  readonly #failed = new Set<JobKey>();
  readonly #running = new Map<JobKey, number>();
  /** When running jobs last told how far they are. */
  readonly #reported = new Map<JobKey, { readonly job: PlannedJob; readonly at: number | null }>();
  readonly #where = new Map<JobKey, { where: Where; run: PlannedRun }>();
  /** Rounds that were told of, as `run index/round`. */
  readonly #told = new Set<string>();
  readonly #attempts = new Map<JobKey, number>();
  #stopping = false;
  /** What ends the experiment whatever the job: a library that cannot be written. */
  #fatal: unknown = null;
  #etaAt = 0;

  constructor(options: OrchestratorOptions) {
    this.#o = options;
    for (const run of options.plan.runs) {
      const particles = particlesOf(run);
      for (const { job, round, index } of run.links) {
        if (this.#where.has(job)) continue;
        const { arm, seed, rounds } = run;
        const where = { arm, seed, round, rounds, index, particles: particles.get(round) ?? 0 };
        this.#where.set(job, { where, run });
      }
    }
  }

  /**
   * Finishes what can be finished. A failed job stops what builds on it and nothing else.
   * @throws LibraryError where the library can no longer be written; running jobs were stopped and wait.
   */
  async run(): Promise<End> {
    const { store, plan, experiment, device, emit } = this.#o;
    for (const key of await store.settledInPieces(plan.jobs)) this.#done.add(key);
    emit({
      type: 'planned',
      experiment,
      jobs: plan.jobs.length,
      stored: this.#done.size,
      trainings: countTrainings(plan.jobs),
      trainingsStored: countTrainings(plan.jobs.filter(({ key }) => this.#done.has(key))),
      device,
    });
    this.#tellRounds({ stored: true });
    await this.#work();
    if (this.#fatal !== null) throw this.#fatal as Error;
    if (this.#failed.size > 0) return 'failed';
    return this.#done.size === plan.jobs.length ? 'done' : 'stopped';
  }

  /** Lets running jobs save and stop, and starts no more. */
  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#o.emit({ type: 'stopping' });
    this.#o.executor.stop();
  }

  /** Ends everything for a reason that no other job would escape. */
  #giveUp(reason: unknown): void {
    this.#fatal ??= reason;
    this.stop();
  }

  /** Resolves when nothing runs and nothing more can start. */
  async #work(): Promise<void> {
    const { executor } = this.#o;
    const active = new Set<Promise<void>>();
    for (;;) {
      while (active.size < executor.size) {
        const job = this.#stopping ? undefined : this.#nextJob(active.size === 0);
        if (!job) break;
        const running: Promise<void> = this.#start(job)
          .catch((error: unknown) => this.#giveUp(error))
          .finally(() => active.delete(running));
        active.add(running);
      }
      if (active.size === 0) return;
      await Promise.race(active);
    }
  }

  /** @param idle no job runs */
  #nextJob(idle: boolean): PlannedJob | undefined {
    const { jobs } = this.#o.plan;
    const startable = ({ key, inputs }: PlannedJob): boolean =>
      !this.#done.has(key) &&
      !this.#failed.has(key) &&
      !this.#running.has(key) &&
      inputs.every(({ job }) => this.#done.has(job));
    if (jobs.some(({ key, spec }) => ALONE.has(spec.kind) && this.#running.has(key))) return undefined;
    // Those that must be alone come last: waiting for one keeps every other worker idle.
    return (
      jobs.find((job) => !ALONE.has(job.spec.kind) && startable(job)) ??
      (idle ? jobs.find(startable) : undefined)
    );
  }

  async #start(job: PlannedJob): Promise<void> {
    const { store, executor, emit } = this.#o;
    const { key } = job;
    const order = this.#order(job);
    if (!order) return;
    this.#running.set(key, 0);
    this.#reported.set(key, { job, at: null });
    this.#attempts.set(key, (this.#attempts.get(key) ?? 0) + 1);
    store.startJob(key, 'local');
    emit({ type: 'started', key, kind: job.spec.kind, where: this.#whereOf(key) });
    const outcome = await executor.run(order, (progress) => this.#progress(key, progress));
    this.#running.delete(key);
    this.#reported.delete(key);
    this.#settle(job, outcome);
    this.#tellEta(key);
  }

  #settle(job: PlannedJob, outcome: JobOutcome): void {
    const { store } = this.#o;
    const { key } = job;
    switch (outcome.kind) {
      case 'done':
        this.#finish(job, outcome.result);
        return;
      case 'stopped':
        store.releaseJob(key);
        return;
      case 'lost':
        this.#lost(key, outcome.reason);
        return;
      case 'failed':
        if (outcome.failure.name === ObjectError.name && this.#mayTryAgain(key)) {
          store.releaseJob(key);
          this.#repair(job);
        } else if (outcome.failure.name === LibraryError.name) {
          // A full disk is no fault of the job: it waits until the disk is mended.
          const { message, hint } = outcome.failure;
          this.#giveUp(new LibraryError(message, hint));
          store.releaseJob(key);
        } else this.#fail(key, outcome.failure);
        return;
    }
  }

  #finish(job: PlannedJob, result: JobResult): void {
    const { store, timings, plan, emit } = this.#o;
    const { differences } = store.finishJob(job.key, result);
    this.#done.add(job.key);
    timings.finished(plan, job, result.seconds);
    const { seconds } = result;
    const where = this.#whereOf(job.key);
    emit({ type: 'finished', key: job.key, kind: job.spec.kind, where, seconds });
    if (differences.length > 0) {
      const outputs = differences.map(({ output }) => output).join(', ');
      emit({
        type: 'warning',
        where,
        message: `a job made again gave other bits than the first time for: ${outputs}. Another machine, engine or number of threads can be why`,
      });
    }
    const collapsed = collapsedLayers(plan, result);
    if (collapsed.length > 0) {
      emit({
        type: 'warning',
        where,
        message: `the ${maskOf(job)} leaves nothing of ${collapsed.join(', ')}`,
      });
    }
    this.#tellRounds();
  }

  #lost(key: JobKey, reason: string): void {
    const { store, emit } = this.#o;
    const again = this.#stopping || this.#mayTryAgain(key);
    emit({ type: 'lost', key, where: this.#whereOf(key), reason, again });
    if (again) store.releaseJob(key, 'crashed');
    else this.#fail(key, { name: 'WorkerLost', message: reason, hint: 'Run `swamp doctor`.', stack: '' });
  }

  #fail(key: JobKey, failure: JobFailure): void {
    this.#o.store.failJob(key, failure);
    this.#failed.add(key);
    const { message, hint, stack } = failure;
    this.#o.emit({ type: 'failed', key, where: this.#whereOf(key), message, hint, stack });
  }

  /** The job with its inputs; `null` where one was not there and is computed again first. */
  #order(planned: PlannedJob): JobOrder | null {
    const { store, objects, source, files } = this.#o;
    const { key, spec, inputs } = planned;
    const digests: JobOrder['inputs'] = {};
    for (const { name, job, output } of inputs) {
      const digest = store.output(job, output);
      if (!digest || !objects.has(digest)) {
        this.#recompute(job, 'the stored result is missing');
        return null;
      }
      (digests[name] ??= []).push(digest);
    }
    return { key, spec, inputs: digests, source, files };
  }

  /**
   * A worker could not read an input: what is damaged or gone is computed again, and the job after it. One damaged file
   * must not end an experiment of days.
   */
  #repair({ inputs }: PlannedJob): void {
    const { store, objects } = this.#o;
    for (const { job, output } of inputs) {
      const digest = store.output(job, output);
      const health = digest ? objects.verify(digest) : 'missing';
      if (health === 'sound') continue;
      // The same bytes come again under the same name; a file of the right size would pass for them.
      if (digest) objects.remove(digest);
      this.#recompute(job, `the stored result is ${health}`);
    }
  }

  #mayTryAgain(key: JobKey): boolean {
    return (this.#attempts.get(key) ?? 0) < ATTEMPTS;
  }

  /** A stored result cannot be used: its job waits again. What it needs itself is looked at when it starts. */
  #recompute(key: JobKey, why: string): void {
    if (!this.#done.delete(key)) return;
    this.#o.store.requeue([key]);
    const message = `${why}, and is computed again`;
    this.#o.emit({ type: 'repaired', key, where: this.#whereOf(key), message });
  }

  #progress(key: JobKey, progress: JobProgress): void {
    // A training's first report holds the recording of the step, which says nothing about the steps to come.
    const first = this.#running.get(key) === 0;
    const { plan, timings } = this.#o;
    if (progress.stepMs !== undefined && !first) timings.step(progress.stepMs / stepWeight(plan, key));
    this.#pace(key, progress.iteration / progress.iterations);
    crashPoint('progress');
    this.#o.emit({ type: 'progress', progress, where: this.#whereOf(key) });
    this.#tellEta(key);
  }

  /** How far a job is, and how fast it has come there since it last told. */
  #pace(key: JobKey, share: number): void {
    const reported = this.#reported.get(key);
    const before = this.#running.get(key) ?? 0;
    const now = performance.now();
    this.#running.set(key, share);
    if (!reported) return;
    const { job, at } = reported;
    if (at !== null) this.#o.timings.advanced(this.#o.plan, job, share - before, (now - at) / 1000);
    this.#reported.set(key, { job, at: now });
  }

  #tellEta(key: JobKey): void {
    const now = performance.now();
    if (now - this.#etaAt < ETA_MS) return;
    this.#etaAt = now;
    const { plan, timings, executor, emit } = this.#o;
    const place = this.#where.get(key);
    const of = place && { run: place.run, round: place.where.round };
    const progress = { done: this.#done, running: this.#running };
    emit({ type: 'eta', ...remaining(plan, progress, timings.current, executor.size, of) });
  }

  /** Tells of each round whose jobs are all done, once. */
  #tellRounds(since: { readonly stored?: true } = {}): void {
    const { plan, store, emit } = this.#o;
    for (const [at, run] of plan.runs.entries()) {
      for (let round = 0; round < run.rounds; round++) {
        const id = `${at}/${round}`;
        if (this.#told.has(id)) continue;
        const links = run.links.filter((link) => link.round === round);
        if (!links.every(({ job }) => this.#done.has(job))) break;
        this.#told.add(id);
        const judge = links.find(({ role }) => role === 'evaluate');
        const evaluation = judge && store.evaluation(judge.job);
        if (!evaluation) continue;
        const { arm, seed, rounds } = run;
        const where: Where = { arm, seed, round, rounds, index: 0 };
        emit({ type: 'round', where, sparsity: plan.rounds[round]?.sparsity ?? 0, ...evaluation, ...since });
      }
    }
  }

  #whereOf(key: JobKey): Where {
    const place = this.#where.get(key);
    if (!place) throw new Error(`job ${key} belongs to no run`);
    return place.where;
  }
}

/** Particles or members by round: each is evaluated by itself. */
function particlesOf({ links }: PlannedRun): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { round, role } of links)
    if (role === 'evaluate-particle') counts.set(round, (counts.get(round) ?? 0) + 1);
  return counts;
}

/** What the mask that a job makes is to its round. */
function maskOf({ spec }: PlannedJob): string {
  switch (spec.kind) {
    case 'import':
      return 'given mask';
    case 'train-group':
    case 'pool':
      return 'mask of this round';
    default:
      return 'next mask';
  }
}
