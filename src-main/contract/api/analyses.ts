import { z } from 'zod';
import { AnalysisRequest } from '../analysis.ts';
import { Findings } from '../figures.ts';
import { ExperimentId } from '../ids.ts';
import { RunState } from '../states.ts';
import type { MethodSchema } from './client.ts';
import { CatalogEntry } from './plans.ts';

const JobStateName = z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']);

/** A kind of analysis, for a form. */
export const AnalysisEntry = CatalogEntry.extend({
  /** What it is good for, a sentence. */
  about: z.string(),
  /** How many runs or solutions it looks at. */
  least: z.number().int(),
  most: z.number().int(),
  /** Where the first of the runs is something else than the others: what, for example `arm that trains`. */
  first: z.string().optional(),
  /** Whether particles and members by themselves can be named, or members alone; absent: neither. */
  parts: z.enum(['particles', 'members']).optional(),
});
export type AnalysisEntry = z.infer<typeof AnalysisEntry>;

/** A stored analysis. */
export const ShownAnalysis = AnalysisRequest.extend({
  /** Pause, resume, cancel, retry, follow, trash and restore it as an experiment, by this id. */
  id: ExperimentId,
  kind: z.string(),
  title: z.string(),
  created: z.number(),
  state: RunState,
  counts: z.record(JobStateName, z.number()),
});
export type ShownAnalysis = z.infer<typeof ShownAnalysis>;

/** Analyses of stored runs: jobs as those of experiments, in the same queue. */
export const analysisMethods = {
  'analyses.catalog': { input: z.strictObject({}), output: z.object({ analyses: z.array(AnalysisEntry) }) },
  /** What one would take. @throws ConfigError where it cannot be: shapes that differ, rounds that are not finished */
  'analyses.plan': {
    input: AnalysisRequest,
    output: z.object({
      title: z.string(),
      jobs: z.number(),
      stored: z.number(),
      trainings: z.number(),
      trainingsStored: z.number(),
      /** `null` where no step was timed yet. */
      seconds: z.number().nullable(),
      /** Results of the runs that are no longer stored and would be made again, and the settings that remove such. */
      removed: z
        .object({
          results: z.number(),
          /** Those of them that are trainings. */
          trainings: z.number(),
          settings: z.array(z.string()),
        })
        .nullable(),
      /** The same analysis of the same, as it is stored. */
      known: ExperimentId.nullable(),
    }),
  },
  /**
   * Stores it and puts it at the end of the queue; one that is stored already goes on. Where nothing of it is to be computed it is
   * done at once.
   * @throws ConfigError as `analyses.plan`, and where results were removed and `again` does not ask for them
   */
  'analyses.start': {
    input: AnalysisRequest.extend({
      /** Whether results that were removed are made again. */
      again: z.boolean().default(false),
    }),
    output: z.object({ analysis: ExperimentId, queued: z.boolean() }),
  },
  /** Those of these experiments, newest first; without, all. */
  'analyses.list': {
    input: z.strictObject({ experiments: z.array(ExperimentId).max(200).optional() }),
    output: z.object({ analyses: z.array(ShownAnalysis) }),
  },
  /** What it has found so far: what is not done yet says so in its figure's place. */
  'analyses.findings': {
    input: z.strictObject({ analysis: ExperimentId }),
    output: ShownAnalysis.extend({ findings: Findings }),
  },
} as const satisfies Record<string, MethodSchema>;
