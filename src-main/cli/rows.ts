import type { ExperimentId, RunId } from '../contract/ids.ts';
import type { RunState } from '../contract/states.ts';
import type { ExperimentRow, JobCounts, RunRow, Wish } from '../store/rows.ts';

/** Rows of a store that nobody holds still say what a dead host left behind; they are told as the next host will find them. */
export interface Standing {
  /** Whether a host holds the library. */
  readonly held: boolean;
  /** The experiment's. */
  readonly wish: Wish;
}

export function stateOf(state: RunState, { held, wish }: Standing): RunState {
  const leftBehind = state === 'running' || (state === 'waiting' && wish === 'run');
  return leftBehind && !held ? 'interrupted' : state;
}

function countsOf({ running, waiting, ...rest }: JobCounts, { held }: Standing): JobCounts {
  return held ? { ...rest, running, waiting } : { ...rest, running: 0, waiting: waiting + running };
}

export function experimentJson(
  row: ExperimentRow,
  held: boolean,
): { id: ExperimentId; [key: string]: unknown } {
  const { id, name, created, state, counts, runs, note, tags, removed, origin, sweep, wish } = row;
  const at = { held, wish };
  return {
    id,
    name,
    created: new Date(created).toISOString(),
    state: stateOf(state, at),
    jobs: countsOf(counts, at),
    runs,
    note,
    tags,
    removed: removed === null ? null : new Date(removed).toISOString(),
    origin,
    sweep,
  };
}

export function runJson(row: RunRow, at: Standing): { id: RunId; [key: string]: unknown } {
  const { id, experiment, arm, kind, seed, rounds, state, counts, summary, tags, note } = row;
  const [told, jobs] = [stateOf(state, at), countsOf(counts, at)];
  return { id, experiment, arm, kind, seed, rounds, state: told, jobs, summary, tags, note };
}
