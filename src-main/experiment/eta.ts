import type { JobKey } from '../contract/ids.ts';
import type { JobKind, PlannedJob } from '../contract/job.ts';
import { isTraining, jobSeconds, type Timings } from './cost.ts';
import type { Plan, PlannedRun } from './plan.ts';
import { finishTimes, type TimedJob } from './schedule.ts';

/** How far an experiment is. */
export interface Progress {
  readonly done: ReadonlySet<JobKey>;
  /** Jobs that workers hold, and the share of each that is done, 0 to 1. */
  readonly running: ReadonlyMap<JobKey, number>;
}

/** What is left. */
export interface Remaining {
  /** Share of the work done, 0 to 1, weighted by time; 1 where there is nothing to do. */
  readonly done: number;
  /** Wall seconds until the round is done; `null` where nothing was timed or no round is asked for. */
  readonly roundSeconds: number | null;
  /** Wall seconds until the experiment is done; `null` where nothing was timed. */
  readonly experimentSeconds: number | null;
}

/** Steps count for nothing but themselves where nothing was timed: enough to weigh jobs against each other. */
const UNTIMED: Timings = { stepMs: 1, evaluationMs: 3 };

/**
 * Time left, from measured times and the progress of running jobs. Jobs start in the plan's order, on so many
 * workers, as soon as their inputs are there.
 * @param timings `null`: nothing measured yet; only the share done is known
 * @param of the run and round whose end is asked for
 */
export function remaining(
  plan: Plan,
  progress: Progress,
  timings: Timings | null,
  workers: number,
  of?: { readonly run: PlannedRun; readonly round: number },
): Remaining {
  const times = timings ?? UNTIMED;
  let total = 0;
  const left: TimedJob[] = [];
  // What an analysis looks at was done before it began.
  const own = plan.own && new Set(plan.own);
  for (const job of plan.jobs) {
    if (own && !own.has(job.key) && progress.done.has(job.key)) continue;
    const seconds = jobSeconds(plan, job, times);
    total += seconds;
    if (progress.done.has(job.key)) continue;
    const share = Math.min(1, Math.max(0, progress.running.get(job.key) ?? 0));
    left.push({
      key: job.key,
      after: job.inputs.map((input) => input.job),
      seconds: seconds * (1 - share),
    });
  }
  const done = total > 0 ? 1 - left.reduce((sum, { seconds }) => sum + seconds, 0) / total : 1;
  if (timings === null) return { done, roundSeconds: null, experimentSeconds: null };
  const ends = finishTimes(left, workers, new Set(progress.running.keys()));
  const latest = (keys: Iterable<JobKey>): number => {
    let last = 0;
    for (const key of keys) last = Math.max(last, ends.get(key) ?? 0);
    return last;
  };
  return {
    done,
    roundSeconds: of
      ? latest(of.run.links.filter(({ round }) => round === of.round).map(({ job }) => job))
      : null,
    experimentSeconds: latest(ends.keys()),
  };
}

/**
 * Time a step or an evaluation batch took lately: what has been measured since the start replaces the probe's
 * figure, and moves with the machine.
 */
export class MeasuredTimings {
  #stepMs: number | null;
  #evaluationMs: number | null;
  /** By kind of job, of those that train nothing. */
  readonly #factors: Partial<Record<JobKind, number>> = {};
  /** Whether a step was measured since the start. */
  #measured = false;

  /** @param probe figures to start from */
  constructor(probe: Timings | null = null) {
    this.#stepMs = probe?.stepMs ?? null;
    this.#evaluationMs = probe?.evaluationMs ?? null;
  }

  /** A progress report: mean milliseconds a step since the one before. */
  step(stepMs: number): void {
    this.#stepMs = this.#measured && this.#stepMs !== null ? blend(this.#stepMs, stepMs) : stepMs;
    this.#measured = true;
  }

  /** A finished job. @param seconds wall seconds in the worker */
  finished(plan: Plan, job: PlannedJob, seconds: number): void {
    if (isTraining(job)) return;
    this.#took(plan, job, seconds);
  }

  /**
   * A part of a running job, between two of its reports: what a worker's first job needs to load data and record programs
   * is not in it. @param share of the job. @param seconds that it took
   */
  advanced(plan: Plan, job: PlannedJob, share: number, seconds: number): void {
    if (!isTraining(job) && share > 0) this.#took(plan, job, seconds / share);
  }

  #took(plan: Plan, job: PlannedJob, seconds: number): void {
    const { kind } = job.spec;
    const { current } = this;
    // Nothing else may tell how long a batch takes: an analysis evaluates nothing in the usual way.
    if (kind === 'evaluate' || current === null) this.#evaluated(plan, job, seconds);
    else {
      const planned = jobSeconds(plan, job, { ...current, factors: {} });
      const known = this.#factors[kind];
      this.#factors[kind] = known === undefined ? seconds / planned : blend(known, seconds / planned);
    }
  }

  #evaluated(plan: Plan, job: PlannedJob, seconds: number): void {
    const fixed = jobSeconds(plan, job, { stepMs: 0, evaluationMs: 0 });
    const perMs = jobSeconds(plan, job, { stepMs: 0, evaluationMs: 1 }) - fixed;
    if (perMs <= 0) return;
    const measured = Math.max(0, seconds - fixed) / perMs;
    // Blended with the probe's from the start: a worker's first evaluation loads data and records.
    this.#evaluationMs = this.#evaluationMs === null ? measured : blend(this.#evaluationMs, measured);
  }

  /** Whether a step was ever timed: otherwise what `current` says of it is a guess. */
  get knowsSteps(): boolean {
    return this.#stepMs !== null;
  }

  /** `null` until a step or a batch was timed. An evaluation batch counts as four steps where only one of the two was. */
  get current(): Timings | null {
    const factors = { ...this.#factors };
    if (this.#stepMs !== null)
      return { stepMs: this.#stepMs, evaluationMs: this.#evaluationMs ?? 4 * this.#stepMs, factors };
    if (this.#evaluationMs === null) return null;
    return { stepMs: this.#evaluationMs / 4, evaluationMs: this.#evaluationMs, factors };
  }
}

/** Exponential mean: a new report counts a fifth. */
const blend = (old: number, measured: number): number => 0.8 * old + 0.2 * measured;
