import type { ShownExperiment } from '../../../src-main/contract/api/details.ts';
import type { ExperimentId } from '../../../src-main/contract/ids.ts';
import { host } from '../../host.ts';
import { merged } from './merged.ts';
import { useFollowed, type Followed } from './useFollowed.ts';

/** An experiment as it stands and goes on: of its rounds only those that changed are asked for. */
export function useRun(experiment: () => ExperimentId): Followed<ShownExperiment> {
  /** Version of the answer that is shown. */
  let told: string | null = null;
  return useFollowed<ShownExperiment>(experiment, async (before, signal) => {
    const input = { experiment: experiment(), since: before && told };
    const answer = await host.call('experiments.follow', input, signal);
    told = answer.version;
    return merged(before, answer);
  });
}
