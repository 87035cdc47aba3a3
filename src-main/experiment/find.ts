import type { ExperimentId } from '../contract/ids.ts';
import type { Store } from '../store/store.ts';

/** What an id can mean beside a run. */
export interface Found {
  /** `null`: one experiment by its own id. */
  readonly sweep: string | null;
  /** One, or those of the sweep in their order. */
  readonly experiments: readonly ExperimentId[];
}

/**
 * An experiment, or all of a sweep.
 * @param text an id, or the beginning of just one. @param analyses whether it may be an analysis.
 * @throws ConfigError with candidates.
 */
export function findExperiments(store: Store, text: string, analyses: 'without' | 'with' = 'without'): Found {
  const sweep = store.findSweep(text);
  if (sweep === null) return { sweep, experiments: [store.findExperiment(text, 'without', analyses)] };
  return { sweep, experiments: membersOf(store, sweep) };
}

/** Experiments of a sweep in their order. */
export function membersOf(store: Store, sweep: string): ExperimentId[] {
  return store
    .experiments({ sweep })
    .map(({ id }) => id)
    .reverse();
}
