import type { DraftProblem, PlanCost } from '../contract/api/plans.ts';
import type { PlanEstimate } from '../contract/estimate.ts';
import type { ExperimentConfig } from '../contract/experiment.ts';
import type { ExperimentId } from '../contract/ids.ts';
import type { EngineBuild } from '../contract/job.ts';
import type { Draft } from '../experiment/draft.ts';
import type { StoredResolution } from '../experiment/resolve.ts';

/** A draft to be planned. */
export interface DraftOrder {
  readonly draft: Draft;
  readonly engines: EnginesHere;
}

/** What of engines matters to a plan. */
export interface EnginesHere {
  /** What an engine that is left to be chosen is here. */
  readonly auto: EngineBuild['variant'];
  /** Whether there is a GPU. */
  readonly gpu: boolean;
}

/** An experiment as it could be stored. */
export interface PlannedOne {
  readonly name: string;
  readonly config: ExperimentConfig;
  readonly resolution: StoredResolution;
  readonly estimate: PlanEstimate;
}

/** What a draft comes to. */
export interface PlannedDraft {
  readonly problems: readonly DraftProblem[];
  /** Of a sweep. */
  readonly name: string;
  /** One, or those of a sweep; none where there is a problem. */
  readonly experiments: readonly PlannedOne[];
  /** Of all of them. */
  readonly estimate: PlanEstimate | null;
  readonly arms: PlanCost['arms'];
  readonly data: PlanCost['data'];
  readonly denominator: PlanCost['denominator'];
  readonly device: string;
  readonly notes: readonly string[];
  /** The experiment that it is made from, or that grows. */
  readonly base: ExperimentId | null;
}
