import { z } from 'zod';
import { AnalysisData } from './analysis.ts';
import { StartResolution } from './start.ts';

/** What was chosen when an experiment was planned, as it is stored. Workers change no result, threads do. */
export const ResolutionData = z.strictObject({
  dataset: z.strictObject({
    title: z.string(),
    digest: z.string(),
    shape: z.array(z.number().int()),
    classes: z.number().int(),
    test: z.number().int(),
  }),
  splits: z.record(
    z.string(),
    z.strictObject({ digest: z.string(), training: z.number().int(), validation: z.number().int() }),
  ),
  precision: z.literal('float32'),
  backend: z.enum(['tensorflow-cpu', 'tensorflow-cuda', 'wasm']),
  threads: z.number().int().positive(),
  workers: z.number().int().positive(),
  /** Of the files that the experiment starts from. */
  start: StartResolution.optional(),
  /** Of an analysis of other experiments: what it looks at. */
  analysis: AnalysisData.optional(),
  /** What a user's own model is made of; its form is known where models are (experiment/resolve.ts). */
  model: z.unknown().optional(),
});
