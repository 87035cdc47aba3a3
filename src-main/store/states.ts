import { ExitCode, SwampError } from '../contract/errors.ts';
import type { JobKey } from '../contract/ids.ts';
import type { JobState } from '../contract/states.ts';
import type { JobCounts } from './rows.ts';

/**
 * State of a run or experiment (contract/states.ts) in SQL, from its counts of jobs and the experiment's wish. A
 * failure shows even where the user stopped as well: it is what needs attention.
 * @param counted the table with the counts. @param wished the table with the wish.
 */
export function stateSql(counted: string, wished: string): string {
  return `CASE
    WHEN ${counted}.running > 0 THEN 'running'
    WHEN ${counted}.failed > 0 THEN 'failed'
    WHEN ${counted}.waiting = 0 AND ${counted}.cancelled = 0 THEN 'done'
    WHEN ${wished}.wish = 'interrupted' THEN 'interrupted'
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
