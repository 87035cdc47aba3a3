import type { ExperimentId } from '../contract/ids.ts';
import type { JobKind } from '../contract/job.ts';
import type { Store } from '../store/store.ts';

/** What jobs took in their workers. */
interface Spent {
  readonly jobs: number;
  /** Wall seconds in workers, summed. */
  readonly workerSeconds: number;
  /** Of them, seconds inside Session calls. */
  readonly sessionSeconds: number;
  /** Training steps. */
  readonly steps: number;
}

/** What an experiment took. Jobs it shares with others count in each of them; what a stopped or lost attempt did does not. */
export interface TimeSpent extends Spent {
  /** Seconds during which at least one of its jobs was being worked on, every attempt included. */
  readonly wallSeconds: number;
  readonly kinds: Partial<Record<JobKind, Spent>>;
}

export function timeSpent(store: Store, id: ExperimentId): TimeSpent {
  const { kinds: byKind, spans } = store.spent(id);
  const total = { jobs: 0, workerSeconds: 0, sessionSeconds: 0, steps: 0 };
  const kinds: Partial<Record<JobKind, Spent>> = {};
  for (const { kind, ...spent } of byKind) {
    kinds[kind] = spent;
    total.jobs += spent.jobs;
    total.workerSeconds += spent.workerSeconds;
    total.sessionSeconds += spent.sessionSeconds;
    total.steps += spent.steps;
  }
  return { wallSeconds: covered(spans) / 1000, ...total, kinds };
}

/** Length of the union of some spans, by their starts. */
function covered(spans: ReturnType<Store['spent']>['spans']): number {
  let sum = 0;
  let until = -Infinity;
  for (const { started, ended } of spans) {
    sum += Math.max(0, ended - Math.max(started, until));
    until = Math.max(until, ended);
  }
  return sum;
}
