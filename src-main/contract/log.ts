import { z } from 'zod';
import { Where } from './progress.ts';

/** One line of an experiment's log. */
export const LogEntry = z.object({
  /** ISO time. */
  time: z.string(),
  level: z.enum(['info', 'warning', 'error']),
  /** What happened, one word: `planned`, `round`, `failed`, … */
  what: z.string(),
  message: z.string(),
  where: Where.optional(),
  hint: z.string().optional(),
  stack: z.string().optional(),
});
export type LogEntry = z.infer<typeof LogEntry>;
