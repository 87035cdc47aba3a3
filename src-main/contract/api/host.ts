import { z } from 'zod';
import { ExperimentId } from '../ids.ts';
import type { MethodSchema } from './client.ts';

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

/** The process that holds the library. */
export const hostMethods = {
  /** Who it is and what it does. */
  'host.info': { input: z.strictObject({}), output: HostInfo },
} as const satisfies Record<string, MethodSchema>;
