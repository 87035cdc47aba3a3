import { z } from 'zod';
import { Prunable } from './prunable.ts';
import { NamedSpec } from './recipe.ts';

/** Per channel, on the scale 0 … 1: what a network sees is (byte / 255 − mean) / deviation. */
export const Normalisation = z.object({
  mean: z.array(z.number()).min(1),
  deviation: z.array(z.number().positive()).min(1),
});
export type Normalisation = z.infer<typeof Normalisation>;

/** What an exported file says about its network: all that is needed to run it on images. Fields are only added. */
export const CheckpointFacts = z.object({
  /** `own` is the name of the file that defines it, where that is one of the user's own. */
  model: NamedSpec,
  pruneClassifier: z.boolean(),
  /** Absent: all kernels but the classifier's. */
  prunable: Prunable.optional(),
  /** Height, width, channels of the images. */
  shape: z.array(z.number().int().positive()).length(3),
  /** Names of the classes, in the order of the outputs. */
  classes: z.array(z.string()).min(1),
  normalisation: Normalisation,
  /** What it was trained on: kind and options without where the files lie, the digest of images and labels. */
  dataset: NamedSpec,
  datasetDigest: z.string(),
  split: z.object({ validation: z.number(), seed: z.number().int(), digest: z.string() }),
});
export type CheckpointFacts = z.infer<typeof CheckpointFacts>;
