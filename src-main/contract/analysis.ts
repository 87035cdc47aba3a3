import { z } from 'zod';
import { ExperimentConfig } from './experiment.ts';
import { ExperimentId, RunId } from './ids.ts';
import { NamedSpec } from './recipe.ts';

/** What an analysis looks at: a run, a round of it, or a particle (of an ensemble: a member) of a round. */
export const Subject = z.strictObject({
  run: RunId,
  /** Absent: all of the run's rounds. */
  round: z.number().int().min(0).optional(),
  /** Absent: what the arm stands for. */
  particle: z.number().int().min(0).optional(),
});
export type Subject = z.infer<typeof Subject>;

/** An analysis as somebody asks for it. */
export const AnalysisRequest = z.strictObject({
  /** A kind of the registry of analyses, with its options. */
  analysis: NamedSpec,
  subjects: z.array(Subject).min(1).max(200),
});
export type AnalysisRequest = z.infer<typeof AnalysisRequest>;

/**
 * What makes a stored experiment an analysis of others: it stands in its resolution. What the others were planned from is kept
 * with it, so that it is what it was whatever becomes of them.
 */
export const AnalysisData = AnalysisRequest.extend({
  of: z.array(
    z.strictObject({ experiment: ExperimentId, config: ExperimentConfig, resolution: z.unknown() }),
  ),
});
export type AnalysisData = z.infer<typeof AnalysisData>;
