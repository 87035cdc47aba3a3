import { z } from 'zod';
import { ErrorData } from '../error-data.ts';
import { ExperimentId } from '../ids.ts';
import { SMALLEST_PIECE } from '../names.ts';
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
  kind: z.enum(['engine', 'data', 'timing', 'export', 'pack', 'import', 'use', 'check', 'collect']),
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

/** A folder of the engine cache: an engine, or libraries of one. */
export const CachedEngine = z.object({
  name: z.string(),
  bytes: z.number(),
  /** What went into it, for example `TensorFlow 2.21.0 (cpu)`. */
  title: z.string(),
  /** What is wrong with it; empty where nothing is. */
  fault: z.string(),
  /** What computes here now, or libraries it takes. */
  inUse: z.boolean(),
});
export type CachedEngine = z.infer<typeof CachedEngine>;

/** An engine in pieces in a folder, to be carried to another machine. */
export const EnginePack = z.object({
  folder: z.string(),
  variant: z.enum(['cpu', 'cuda']),
  tensorflow: z.string(),
  /** What machines it runs on, for example `linux x64, glibc 2.28 or newer`. */
  runsOn: z.string(),
  pieces: z.number(),
  bytes: z.number(),
  unpackedBytes: z.number(),
});
export type EnginePack = z.infer<typeof EnginePack>;

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
  /** Engines that are on this machine. */
  'host.engines': {
    input: z.strictObject({}),
    output: z.object({ cache: z.string(), engines: z.array(CachedEngine) }),
  },
  /** Makes the engine ready from a folder that `host.packEngine` wrote. Tells of itself in a task. */
  'host.installEngine': {
    input: z.strictObject({ folder: z.string().min(1) }),
    output: z.object({ engine: z.string(), already: z.boolean() }),
  },
  /**
   * Writes an engine into a folder, which is made. What was interrupted goes on. Tells of itself in a task.
   * @param piece the largest that a file may be, in bytes.
   */
  'host.packEngine': {
    input: z.strictObject({
      variant: z.enum(['auto', 'cpu', 'cuda']),
      folder: z.string().min(1),
      piece: z.number().int().min(SMALLEST_PIECE).default(1e9),
    }),
    output: EnginePack,
  },
  /** What this machine needs and has, as `swamp doctor` tells it. */
  'host.diagnose': {
    input: z.strictObject({}),
    output: z.object({
      ok: z.boolean(),
      checks: z.array(
        z.object({
          name: z.string(),
          state: z.enum(['ok', 'warn', 'missing']),
          detail: z.string(),
          /** A command that mends it; empty where none does. */
          fix: z.string(),
        }),
      ),
    }),
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
