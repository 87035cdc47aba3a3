import type { ExperimentId, JobKey, RunId } from '../contract/ids.ts';
import type { EndState } from '../contract/progress.ts';
import type { Library } from '../store/library.ts';
import { runId } from './comparison.ts';
import type { Plan } from './plan.ts';

/** What an experiment is when it ends early, as the user asked. */
export type StopWish = Extract<EndState, 'stopped' | 'paused' | 'cancelled'>;

/**
 * Gives up what waits in an experiment of which nothing runs, as far as no other experiment needs it, and drops its
 * checkpoints. Results stay. @returns how many jobs were cancelled.
 */
export function cancelExperiment({ store, objects }: Library, id: ExperimentId): number {
  const cancelled = store.cancelJobs(id);
  for (const { key, state } of store.plan(id).jobs) if (state === 'cancelled') objects.removePartial(key);
  return cancelled;
}

/** The part of a plan that one run needs: its jobs, and those that they build on. */
export function planOf(plan: Plan, experiment: ExperimentId, run: RunId): Plan {
  const runs = plan.runs.filter((each) => runId(experiment, each) === run);
  const wanted = new Set<JobKey>(runs.flatMap(({ links }) => links.map(({ job }) => job)));
  // Inputs come first in a plan: from the last job on, whoever is wanted is known when its turn comes.
  for (const { key, inputs } of plan.jobs.toReversed())
    if (wanted.has(key)) for (const { job } of inputs) wanted.add(job);
  return { ...plan, runs, jobs: plan.jobs.filter(({ key }) => wanted.has(key)) };
}
