import type { ExperimentId } from '../contract/ids.ts';
import type { JobKind } from '../contract/job.ts';
import type { Store } from '../store/store.ts';

/** What jobs took in their workers. */
interface Spent {
  jobs: number;
  /** Wall seconds in workers, summed. */
  workerSeconds: number;
  /** Of them, seconds inside Session calls. */
  sessionSeconds: number;
  /** Training steps. */
  steps: number;
}

/** What an experiment took. Jobs it shares with others count in each of them; what a stopped or lost attempt did does not. */
export interface TimeSpent extends Spent {
  /** Seconds during which at least one of its jobs was being worked on, every attempt included. */
  readonly wallSeconds: number;
  readonly kinds: Partial<Record<JobKind, Spent>>;
}

export function timeSpent(store: Store, id: ExperimentId): TimeSpent {
  const total = nothing();
  const kinds: Partial<Record<JobKind, Spent>> = {};
  const spans: [number, number][] = [];
  for (const { key, kind } of store.plan(id).jobs) {
    for (const { started, ended } of store.attempts(key)) if (ended !== null) spans.push([started, ended]);
    const result = store.result(key);
    if (!result) continue;
    for (const sum of [total, (kinds[kind] ??= nothing())]) {
      sum.jobs++;
      sum.workerSeconds += result.seconds;
      sum.sessionSeconds += result.sessionSeconds;
      sum.steps += result.steps;
    }
  }
  return { wallSeconds: covered(spans) / 1000, ...total, kinds };
}

function nothing(): Spent {
  return { jobs: 0, workerSeconds: 0, sessionSeconds: 0, steps: 0 };
}

/** Length of the union of some spans. */
function covered(spans: readonly [number, number][]): number {
  let sum = 0;
  let until = -Infinity;
  for (const [start, end] of [...spans].sort(([a], [b]) => a - b)) {
    sum += Math.max(0, end - Math.max(start, until));
    until = Math.max(until, end);
  }
  return sum;
}
