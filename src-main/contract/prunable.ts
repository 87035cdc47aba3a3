import { z } from 'zod';

/**
 * Which weights masks may prune; biases and batch norm never. The classifier is none of these sets: `pruneClassifier`
 * decides about it.
 */
export const Prunable = z.strictObject({
  /** Kernels of convolutions. */
  convolutions: z.boolean().default(true),
  /** Kernels of dense layers but the last. */
  dense: z.boolean().default(true),
  embeddings: z.boolean().default(false),
});
export type Prunable = z.infer<typeof Prunable>;
