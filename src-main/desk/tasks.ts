import type { z } from 'zod';
import type { Input, Method, methods, Output } from '../contract/api/index.ts';
import type { AnalysisRequest } from '../contract/analysis.ts';
import type { ExperimentConfig } from '../contract/experiment.ts';
import type { ExperimentId, RunId } from '../contract/ids.ts';
import type { StoredResolution } from '../experiment/resolve.ts';
import type { DraftOrder, PlannedDraft } from './drafts.ts';

/** The threads of a host that only read and plan: for what is quick, for plans and data, for what looks at many files. */
export type DeskName = 'quick' | 'slow' | 'files';

/** Methods of the contract that a desk does, and which one. All others are the host's own. */
export const deskMethods = {
  'table.rows': 'quick',
  'table.facets': 'quick',
  'experiments.show': 'quick',
  'experiments.follow': 'quick',
  'experiments.series': 'quick',
  'experiments.layers': 'quick',
  'experiments.log': 'quick',
  'experiments.compare': 'quick',
  'experiments.report': 'slow',
  'analyses.catalog': 'quick',
  'analyses.plan': 'slow',
  'analyses.list': 'quick',
  'analyses.findings': 'quick',
  'plans.catalog': 'quick',
  'plans.read': 'quick',
  'plans.of': 'quick',
  'plans.open': 'quick',
  'plans.survey': 'slow',
  'library.settings': 'quick',
  'library.usage': 'files',
  'files.look': 'files',
} as const satisfies Partial<Record<Method, DeskName>>;

export type DeskMethod = keyof typeof deskMethods;

/** Which desk a method is for; `null`: the host does it. */
export function deskOf(method: Method): DeskName | null {
  const names: Partial<Record<Method, DeskName>> = deskMethods;
  return names[method] ?? null;
}

/** What hosts ask of desks beside methods of the contract. */
export interface OwnTasks {
  /** Plans a draft, for its cost or to start it. */
  'drafts.plan': { readonly input: DraftOrder; readonly output: PlannedDraft };
  /** What experiments that could be stored need of the disk, all together. */
  'planned.room': { readonly input: PlanRequests; readonly output: number };
  /** The plan of one of them, as `readPlan` takes it. */
  'planned.new': { readonly input: PlanRequest; readonly output: Uint8Array };
  /** The same of one that is stored. */
  'planned.stored': { readonly input: { readonly experiment: ExperimentId }; readonly output: Uint8Array };
  /** The same analysis of the same, as it is stored. @throws ConfigError where it cannot be */
  'planned.known': { readonly input: AnalysisRequest; readonly output: ExperimentId | null };
  /** The plan of an analysis that could be stored. @throws ConfigError where it cannot be; LibraryError where the disk cannot take it */
  'planned.analysis': {
    readonly input: { readonly request: AnalysisRequest; readonly again: boolean };
    readonly output: Uint8Array;
  };
  /** Bytes that removing experiments for good would free. */
  'library.freeable': {
    readonly input: { readonly experiments: readonly ExperimentId[] };
    readonly output: number;
  };
  /** The network that is to be exported. @throws ConfigError where there is none. */
  'planned.network': {
    readonly input: {
      readonly run: RunId;
      readonly round?: number | undefined;
      readonly within?: number | undefined;
      readonly member?: number | undefined;
    };
    readonly output: { readonly round: number | undefined; readonly resolution: StoredResolution };
  };
}

/** What a plan is made from. */
export interface PlanRequest {
  readonly config: ExperimentConfig;
  readonly resolution: StoredResolution;
}

export interface PlanRequests {
  readonly experiments: readonly PlanRequest[];
}

/** What a task that gives bytes is called. */
export type BytesTask = {
  [T in keyof OwnTasks]: OwnTasks[T]['output'] extends Uint8Array ? T : never;
}[keyof OwnTasks];

/** What a host asks of its desks. */
export type DeskTask = DeskMethod | keyof OwnTasks;

export const desks: Readonly<Record<DeskTask, DeskName>> = {
  ...deskMethods,
  'drafts.plan': 'slow',
  // Where drafts are planned: what is started was planned there just now.
  'planned.room': 'slow',
  'planned.new': 'slow',
  'planned.stored': 'slow',
  'planned.known': 'slow',
  'planned.analysis': 'slow',
  'planned.network': 'slow',
  'library.freeable': 'files',
};

export type TaskInput<T extends DeskTask> = T extends DeskMethod
  ? Input<T>
  : T extends keyof OwnTasks
    ? OwnTasks[T]['input']
    : never;
export type TaskOutput<T extends DeskTask> = T extends DeskMethod
  ? Output<T>
  : T extends keyof OwnTasks
    ? OwnTasks[T]['output']
    : never;
/** As its schema has read it. */
export type ReadInput<T extends DeskTask> = T extends DeskMethod
  ? z.output<(typeof methods)[T]['input']>
  : TaskInput<T>;
