import { ExitCode, SwampError } from '../contract/errors.ts';
import type { JobKey } from '../contract/ids.ts';
import type { JobState } from '../contract/states.ts';
import type { JobCounts } from './rows.ts';

/** Tables that say which jobs a run or an experiment has. */
const links = { run: 'run_jobs', experiment: 'experiment_jobs' } as const;

/**
 * State of a run or experiment (contract/states.ts) in SQL, from its counts of jobs and the experiment's wish. A
 * failure shows even where the user stopped as well: it is what needs attention; but not where the user gave up. A
 * done job that runs again (for released outputs) counts where others wait for it, and nowhere else.
 * @param counted the table with the counts. @param wished the table with the wish.
 */
export function stateSql(kind: 'run' | 'experiment', counted: string, wished: string): string {
  const again = (state: 'running' | 'failed'): string =>
    `(${counted}.waiting > 0 AND EXISTS (SELECT 1 FROM jobs JOIN ${links[kind]} AS link ON link.job = jobs.number
      WHERE jobs.again = '${state}' AND link.${kind} = ${counted}.number))`;
  return `CASE
    WHEN ${counted}.running > 0 OR ${again('running')} THEN 'running'
    WHEN ${counted}.waiting = 0 AND ${counted}.failed = 0 AND ${counted}.cancelled = 0 THEN 'done'
    WHEN ${wished}.wish = 'cancelled' THEN 'cancelled'
    WHEN ${counted}.failed > 0 OR ${again('failed')} THEN 'failed'
    WHEN ${wished}.wish = 'interrupted' THEN 'interrupted'
    WHEN ${wished}.wish = 'paused' THEN 'paused'
    WHEN ${wished}.wish = 'stopped' OR ${counted}.cancelled > 0 THEN 'stopped'
    ELSE 'waiting' END`;
}

export const countNames = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const satisfies JobState[];

/** The counts out of a row. */
export function countsOf(row: JobCounts): JobCounts {
  const { waiting, running, done, failed, cancelled } = row;
  return { waiting, running, done, failed, cancelled };
}

/** A job was asked to go where it cannot go from its state: a fault of ours, nothing was changed. */
export class TransitionError extends SwampError {
  readonly key: JobKey;
  readonly from: JobState | 'unknown';
  constructor(key: JobKey, from: JobState | 'unknown', what: string) {
    super(
      `job ${key.slice(0, 12)} cannot ${what}: it is ${from}`,
      'This is a fault of Swamp Studio. Nothing stored was changed; `swamp resume` goes on.',
      ExitCode.internal,
    );
    this.key = key;
    this.from = from;
  }
}
