import type { ExperimentId, JobKey } from './ids.ts';
import type { JobKind, JobProgress } from './job.ts';
import type { Metrics } from './metrics.ts';

/** What the orchestrator tells its clients while an experiment runs. */
export type RunEvent =
  | {
      readonly type: 'planned';
      readonly experiment: ExperimentId;
      readonly jobs: number;
      /** Jobs whose result the store already holds. */
      readonly stored: number;
      readonly trainings: number;
      readonly trainingsStored: number;
      readonly device: string;
    }
  | {
      readonly type: 'started';
      readonly key: JobKey;
      readonly kind: JobKind;
      readonly where: Where;
    }
  | { readonly type: 'progress'; readonly progress: JobProgress; readonly where: Where }
  | {
      readonly type: 'finished';
      readonly key: JobKey;
      readonly kind: JobKind;
      readonly where: Where;
      readonly seconds: number;
    }
  /** All of a round's jobs of one run are done. */
  | {
      readonly type: 'round';
      readonly where: Where;
      readonly sparsity: number;
      readonly test: Metrics;
      readonly validation: Metrics | null;
    }
  /** Sent with every `started`, `progress` and `finished`, at most a few times a second. */
  | {
      readonly type: 'eta';
      /** Share of the experiment's work done, 0 to 1. */
      readonly done: number;
      readonly roundSeconds: number | null;
      readonly experimentSeconds: number | null;
    }
  /** Something the user should know that stops nothing, for example a layer pruned to nothing. */
  | { readonly type: 'warning'; readonly where: Where; readonly message: string }
  | { readonly type: 'failed'; readonly where: Where; readonly message: string; readonly hint: string }
  | { readonly type: 'stopping' }
  | { readonly type: 'ended'; readonly state: 'done' | 'stopped' | 'failed' };

/** Which part of an experiment a job belongs to (the first of its runs, where several share it). */
export interface Where {
  readonly arm: string;
  readonly seed: number;
  readonly round: number;
  readonly rounds: number;
  /** Particle or member, where the role has one. */
  readonly index: number;
}
