import type { Output } from '../../src-main/contract/api/index.ts';
import type { ExperimentId } from '../../src-main/contract/ids.ts';
import { host } from '../host.ts';
import { useFollowed, type Followed } from '../pages/run/useFollowed.ts';

/** An analysis with what it has found so far. */
export type FoundAnalysis = Output<'analyses.findings'>;

/** An analysis as it stands and goes on. */
export function useFindings(analysis: () => ExperimentId): Followed<FoundAnalysis> {
  return useFollowed<FoundAnalysis>(analysis, (_, signal) =>
    host.call('analyses.findings', { analysis: analysis() }, signal),
  );
}
