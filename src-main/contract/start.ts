import { z } from 'zod';

/** What an experiment starts from in place of its own initialisation and a dense first round. */
export const Start = z
  .strictObject({
    /** File with weights that replace the initialisation, for every seed and member. */
    weights: z.string().min(1).optional(),
    /** File with the mask of round 0. */
    mask: z.string().min(1).optional(),
    /** Kind of the naming of their tensors, or `auto`. */
    names: z.string().default('auto'),
  })
  .refine(({ weights, mask }) => weights !== undefined || mask !== undefined, {
    message: 'give weights, mask or both',
  });
export type Start = z.infer<typeof Start>;

/** A file as it was when the experiment was planned. */
const ImportedFile = z.strictObject({
  /** SHA-256 of its bytes. */
  digest: z.string(),
  /** Kind of the naming. */
  names: z.string(),
});

/** What the files say, decided once, when an experiment is planned. */
export const StartResolution = z.strictObject({
  weights: ImportedFile.optional(),
  mask: ImportedFile.extend({
    /** Prunable weights that it keeps. */
    alive: z.number().int().positive(),
  }).optional(),
});
export type StartResolution = z.infer<typeof StartResolution>;
