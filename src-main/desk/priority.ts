import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';

/** As `nice` counts: a tenth of the processor, where the host's own thread wants it too. */
const NICE = 10;

/**
 * Lets the host's own thread go first where the processor is wanted by more than it can serve. On Linux, where threads
 * have priorities of their own; what this thread starts later has the same. Elsewhere nothing happens.
 */
export function stepBack(): void {
  if (process.platform !== 'linux') return;
  try {
    // `PID/task/TID`, of the thread that reads it.
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    if (thread > 0) setPriority(thread, NICE);
  } catch {
    // Without a /proc, or not allowed: then it goes on as it is.
  }
}
