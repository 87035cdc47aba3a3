import { withReport, type CurvePoint } from '../../../src-main/contract/curve.ts';
import type { ErrorData } from '../../../src-main/contract/error-data.ts';
import type { ExperimentId, JobKey } from '../../../src-main/contract/ids.ts';
import type { EndState, RunEvent, Where } from '../../../src-main/contract/progress.ts';

// What the host tells while an experiment runs, as the page needs it. Events only say what is under way: states and
// figures that are stored are asked of the host, again after every change of them.

/** A job that a worker holds. */
export interface RunningJob {
  readonly key: JobKey;
  readonly kind: string;
  readonly where: Where;
  iteration: number;
  iterations: number;
  stepMs: number | null;
  /** Resident memory of the worker that has it. */
  memoryBytes: number | null;
  points: readonly CurvePoint[];
}

export interface Told {
  readonly where: Where | null;
  readonly message: string;
  readonly hint: string;
}

export type Phase = 'quiet' | 'queued' | 'running' | 'stopping' | 'ended' | 'broken';

export interface Live {
  phase: Phase;
  /** Experiments before it in the queue. */
  ahead: number;
  device: string;
  jobs: Map<JobKey, RunningJob>;
  /** Jobs that ended since what is stored was last asked for, and how. */
  settled: Map<JobKey, 'done' | 'failed' | 'waiting'>;
  eta: {
    readonly done: number;
    readonly roundSeconds: number | null;
    readonly experimentSeconds: number | null;
  } | null;
  warnings: Told[];
  failures: Told[];
  end: EndState | null;
  error: ErrorData | null;
  /** Counts events after which what is stored is another. */
  stale: number;
}

export function quiet(): Live {
  return {
    phase: 'quiet',
    ahead: 0,
    device: '',
    jobs: new Map(),
    settled: new Map(),
    eta: null,
    warnings: [],
    failures: [],
    end: null,
    error: null,
    stale: 0,
  };
}

/** Takes an event in, in place: there may be many between two drawings. */
export function take(live: Live, event: RunEvent): void {
  switch (event.type) {
    case 'queued':
      Object.assign(live, quiet(), { phase: 'queued', ahead: event.ahead, stale: live.stale + 1 });
      return;
    case 'planned':
      Object.assign(live, quiet(), { phase: 'running', device: event.device, stale: live.stale + 1 });
      return;
    case 'started': {
      const { key, kind, where } = event;
      live.settled.delete(key);
      live.jobs.set(key, { ...fresh(key, where), kind });
      return;
    }
    case 'curve': {
      const { key, where, points } = event;
      live.jobs.set(key, { ...(live.jobs.get(key) ?? fresh(key, where)), points });
      return;
    }
    case 'progress':
      progressed(live, event);
      return;
    case 'finished':
      settle(live, event.key, 'done');
      return;
    case 'round':
      if (!event.stored) live.stale++;
      return;
    case 'eta': {
      const { done, roundSeconds, experimentSeconds } = event;
      live.eta = { done, roundSeconds, experimentSeconds };
      return;
    }
    case 'warning':
      live.warnings.push({ where: event.where, message: event.message, hint: '' });
      return;
    case 'lost':
      settle(live, event.key, 'waiting');
      live.warnings.push({
        where: event.where,
        message: event.reason,
        hint: event.again ? 'Its job is tried again.' : '',
      });
      return;
    case 'repaired':
      settle(live, event.key, 'waiting');
      live.warnings.push({ where: event.where, message: event.message, hint: '' });
      return;
    case 'failed':
      settle(live, event.key, 'failed');
      live.failures.push({ where: event.where, message: event.message, hint: event.hint });
      return;
    case 'stopping':
      live.phase = 'stopping';
      return;
    case 'ended':
      over(live, 'ended');
      live.end = event.state;
      return;
    case 'broken':
      over(live, 'broken');
      live.error = event.error;
      return;
  }
}

function fresh(key: JobKey, where: Where): RunningJob {
  return { key, kind: '', where, iteration: 0, iterations: 0, stepMs: null, memoryBytes: null, points: [] };
}

function progressed(live: Live, { progress, where }: Extract<RunEvent, { type: 'progress' }>): void {
  const { key, iteration, iterations, stepMs, memoryBytes } = progress;
  // Whoever comes late may hear of a job's progress first.
  const job = live.jobs.get(key) ?? fresh(key, where);
  job.points = withReport(job.points, progress);
  job.iteration = iteration;
  job.iterations = iterations;
  job.stepMs = stepMs ?? job.stepMs;
  job.memoryBytes = memoryBytes ?? job.memoryBytes;
  live.jobs.set(key, job);
}

function settle(live: Live, key: JobKey, state: 'done' | 'failed' | 'waiting'): void {
  live.jobs.delete(key);
  live.settled.set(key, state);
  live.stale++;
}

function over(live: Live, phase: Phase): void {
  live.phase = phase;
  live.jobs.clear();
  live.eta = null;
  live.stale++;
}

/** Milliseconds a step, mean over the trainings under way, and steps a second of all of them together. */
export function throughput(live: Live): { readonly stepMs: number; readonly stepsPerSecond: number } | null {
  const times = [...live.jobs.values()].flatMap(({ stepMs }) =>
    stepMs !== null && stepMs > 0 ? [stepMs] : [],
  );
  if (times.length === 0) return null;
  return {
    stepMs: times.reduce((sum, each) => sum + each, 0) / times.length,
    stepsPerSecond: times.reduce((sum, each) => sum + 1000 / each, 0),
  };
}

/** Memory of the workers that have told of it. */
export function memoryOf(live: Live): { readonly workers: number; readonly bytes: number } | null {
  const known = [...live.jobs.values()].flatMap(({ memoryBytes }) => memoryBytes ?? []);
  if (known.length === 0) return null;
  return { workers: known.length, bytes: known.reduce((sum, each) => sum + each, 0) };
}

/** Which experiment, told by its events: a late one of another page does no harm. */
export interface Addressed {
  readonly experiment: ExperimentId;
  readonly event: RunEvent;
}
