import type {
  CheckOrder,
  CheckResult,
  JobFailure,
  JobOrder,
  JobProgress,
  JobResult,
  ProbeOrder,
  ProbeResult,
} from '../contract/job.ts';

/** How a job ended. */
export type JobOutcome =
  | { readonly kind: 'done'; readonly result: JobResult }
  | { readonly kind: 'failed'; readonly failure: JobFailure }
  /** Stopped on request, with a checkpoint. */
  | { readonly kind: 'stopped' }
  /** The worker died: the job may be tried again from its last checkpoint. */
  | { readonly kind: 'lost'; readonly reason: string };

/** Runs jobs somewhere. */
export interface Executor {
  /** Jobs it runs at a time. */
  readonly size: number;
  /** Never throws: what went wrong is an outcome. */
  run(order: JobOrder, onProgress: (progress: JobProgress) => void): Promise<JobOutcome>;
  /** @throws SwampError where the step cannot be timed. */
  probe(order: ProbeOrder): Promise<ProbeResult>;
  /** Opens an exported file again and evaluates it. @throws SwampError where that fails. */
  check(order: CheckOrder): Promise<CheckResult>;
  /** Asks running jobs to save and stop; their outcomes say `stopped`. */
  stop(): void;
  /** Ends the workers. */
  close(): Promise<void>;
}
