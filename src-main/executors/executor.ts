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
import type { UseOrder, UseResult } from '../contract/use.ts';

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
  /** Runs a network in a file on images. @throws SwampError where that fails. */
  use(order: UseOrder, onProgress: (done: number, total: number) => void): Promise<UseResult>;
  /** Asks running jobs to save and stop; their outcomes say `stopped`. */
  stop(): void;
  /** Ends the workers. */
  close(): Promise<void>;
}
