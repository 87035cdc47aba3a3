import { shallowRef } from 'vue';
import type { Subject } from '../../src-main/contract/analysis.ts';
import type { ExperimentId, RunId } from '../../src-main/contract/ids.ts';

/** An analysis that somebody wants to begin. */
export interface AnalysisAsked {
  /** Whose runs can be chosen. */
  readonly experiments: readonly ExperimentId[];
  /** Runs that are asked from, the one that is looked at first. */
  readonly runs: readonly RunId[];
  /** As another was asked for: a kind with its options, and what it looks at. */
  readonly like?: {
    readonly analysis: Readonly<Record<string, unknown>>;
    readonly subjects: readonly Subject[];
  };
  /** Told which one was begun, or was there; absent: it is opened where it belongs. */
  readonly begun?: ((analysis: ExperimentId) => unknown) | undefined;
}

/** What the dialog shows; `null`: it is closed. */
export const analysisAsked = shallowRef<AnalysisAsked | null>(null);

/** What finds the command. */
export const ANALYSIS_WORDS = 'flatness connectivity surface masks cost robustness calibration';

/** Opens the dialog of a new analysis. */
export function openNewAnalysis(asked: AnalysisAsked): void {
  analysisAsked.value = asked;
}
