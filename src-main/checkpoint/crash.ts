import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/*
 * Lets tests end a process without a word at a chosen place, as a power cut would:
 *   SWAMP_CRASH_AT=worker:training-step:100,host:commit:2
 * kills the worker at its 100th training step and the host at its second commit. Each of them happens once, where
 * SWAMP_CRASH_MARK names a file that keeps which have happened. Without the variable nothing is counted.
 */

interface Crash {
  readonly text: string;
  readonly place: string;
  /** Passages until it happens. */
  left: number;
}

const role = process.env['SWAMP_WORKER'] === undefined ? 'host' : 'worker';
const mark = process.env['SWAMP_CRASH_MARK'] ?? '';
const crashes = armed(process.env['SWAMP_CRASH_AT'] ?? '');

/** A place where a process may be made to die. */
export function crashPoint(place: string): void {
  if (crashes === null) return;
  for (const crash of crashes) {
    if (crash.place !== place) continue;
    crash.left -= 1;
    if (crash.left !== 0) continue;
    if (mark !== '') appendFileSync(mark, `${crash.text}\n`);
    process.kill(process.pid, 'SIGKILL');
    // The signal comes at once, but not before this line on every system.
    for (;;);
  }
}

/** `null` where nothing is asked of this process. */
function armed(text: string): Crash[] | null {
  if (text === '') return null;
  const happened = existsSync(mark) ? readFileSync(mark, 'utf8').split('\n') : [];
  const ours = text.split(',').flatMap((each): Crash[] => {
    const [who, place = '', count] = each.split(':');
    return who === role && !happened.includes(each) ? [{ text: each, place, left: Number(count) }] : [];
  });
  return ours.length === 0 ? null : ours;
}
