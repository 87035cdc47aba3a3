import type { Tensor, TensorMetadata, Tensors } from '../checkpoint/tensor.ts';
import type { Digest } from '../contract/ids.ts';
import type { JobOrder, JobProgress, JobResult } from '../contract/job.ts';
import type { Workspace } from './workspace.ts';

/** Where jobs read their inputs and put what they make; named by content. */
export interface Objects {
  read(digest: Digest): { readonly tensors: ReadonlyMap<string, Tensor>; readonly metadata: TensorMetadata };
  put(tensors: Tensors, metadata?: TensorMetadata): { readonly digest: Digest; readonly bytes: number };
}

/** Checkpoint of a training that is not finished, one a job. */
export interface Partial {
  load(): { readonly tensors: ReadonlyMap<string, Tensor>; readonly metadata: TensorMetadata } | null;
  save(tensors: Tensors, metadata: TensorMetadata): void;
  remove(): void;
}

/** What a job gets from the worker that runs it. */
export interface JobContext {
  readonly order: JobOrder;
  readonly workspace: Workspace;
  readonly objects: Objects;
  readonly partial: Partial;
  progress(progress: Omit<JobProgress, 'key'>): void;
  /** Whether the user asked to stop: save and throw {@link Stopped}. */
  stopRequested(): boolean;
  /** How old a training's last checkpoint gets, at the end of an epoch and anywhere. Default: CHECKPOINTS. */
  readonly checkpoints?: { readonly atEpochSeconds: number; readonly seconds: number } | undefined;
}

/** What a job gives back; the worker adds time and provenance. */
export type JobOutput = Pick<JobResult, 'outputs' | 'evaluation' | 'series' | 'steps'> & {
  /** Milliseconds inside Session calls. */
  readonly sessionMs: number;
};

/** The output of a job that does nothing, for others to lay theirs over. */
export const NOTHING = { outputs: {}, evaluation: null, series: {}, steps: 0, sessionMs: 0 } as const;

/** Thrown by a job that was asked to stop and has saved its checkpoint. */
export class Stopped extends Error {
  constructor() {
    super('stopped on request');
  }
}

/** The digests of input `name`, in order. */
export function inputs(order: JobOrder, name: string): readonly Digest[] {
  return order.inputs[name] ?? [];
}

/** The one digest of input `name`. */
export function input(order: JobOrder, name: string): Digest {
  const [digest, ...more] = inputs(order, name);
  if (digest === undefined || more.length > 0) throw new Error(`job ${order.key} wants one input ${name}`);
  return digest;
}
