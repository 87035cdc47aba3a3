import { z } from 'zod';
import { ErrorData } from '../error-data.ts';
import { ExperimentId } from '../ids.ts';
import type { EventSchema, MethodSchema } from './client.ts';

/** One that the host runs or that waits for its turn. */
export const Queued = z.object({
  experiment: ExperimentId,
  phase: z.enum(['running', 'waiting']),
});
export type Queued = z.infer<typeof Queued>;

export const HostInfo = z.object({
  pid: z.number(),
  /** Version of the app. */
  app: z.string(),
  library: z.string(),
  /** ISO time of its start. */
  since: z.string(),
  queue: z.array(Queued),
});
export type HostInfo = z.infer<typeof HostInfo>;

/** What computes. */
export const EngineState = z.object({
  /** `missing`: nothing is prepared yet; what trains first prepares it. */
  state: z.enum(['ready', 'missing', 'preparing', 'failed']),
  variant: z.enum(['cpu', 'cuda', 'stock', 'wasm']).nullable(),
  tensorflow: z.string().nullable(),
  /** The GPU that was found. */
  gpu: z.string().nullable(),
  /** The processor's name. */
  processor: z.string(),
  cores: z.number(),
  memoryBytes: z.number(),
  /** What is wrong, or how to get a faster one; empty where nothing is to be said. */
  advice: z.string(),
});
export type EngineState = z.infer<typeof EngineState>;

/** Something under way beside experiments, or just ended: an export, an engine being prepared, data being read. */
export const Task = z.object({
  id: z.string(),
  kind: z.enum(['engine', 'data', 'timing', 'export', 'pack', 'import', 'check', 'collect']),
  /** What it does, for people. */
  title: z.string(),
  /** What it is at. */
  step: z.string(),
  /** 0 to 1; `null` where it is not known. */
  done: z.number().nullable(),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  /** Seconds left; `null` where it is not known. */
  seconds: z.number().nullable(),
  /** Of one that failed. */
  error: ErrorData.nullable(),
});
export type Task = z.infer<typeof Task>;

/** The process that holds the library. */
export const hostMethods = {
  /** Who it is and what it does. */
  'host.info': { input: z.strictObject({}), output: HostInfo },
  'host.engine': { input: z.strictObject({}), output: EngineState },
  /** Prepares the engine now. Tells of itself in a task. */
  'host.prepareEngine': {
    input: z.strictObject({ variant: z.enum(['auto', 'cpu', 'cuda', 'wasm']) }),
    output: EngineState,
  },
  /** Stops a task. */
  'host.cancelTask': { input: z.strictObject({ id: z.string() }), output: z.object({}) },
} as const satisfies Record<string, MethodSchema>;

export const hostEvents = {
  /** Rows, states, labels or the queue changed: what shows them asks again. At most some times a second. */
  changes: {
    filter: z.strictObject({}),
    payload: z.object({
      /** Experiments that changed; `null`: any may have. */
      experiments: z.array(ExperimentId).nullable(),
      queue: z.array(Queued),
    }),
    coalesce: () => 'changes',
  },
  /** Tasks; first those under way. */
  tasks: {
    filter: z.strictObject({}),
    payload: Task,
    coalesce: ({ id }: { readonly id: string }): string => id,
  },
} as const satisfies Record<string, EventSchema>;
