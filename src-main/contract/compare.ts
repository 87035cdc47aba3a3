import { z } from 'zod';
import { Evaluation, Metrics } from './metrics.ts';

/** One run (arm and seed) in one round. */
export const ComparedSeed = z.object({
  seed: z.number(),
  /** Id of the run, as `swamp export` takes it. */
  run: z.string(),
  test: Metrics,
  validation: Metrics.nullable(),
  /** Each particle's own solution (SWAMP), or each member's (ensemble); one entry for plain IMP. */
  particles: z.array(Evaluation),
  /** Softmax probabilities of the particles or members averaged; `null` where there is only one. */
  ensemble: Evaluation.nullable(),
});
export type ComparedSeed = z.infer<typeof ComparedSeed>;

export const ComparedRound = z.object({
  round: z.number().int(),
  /** Pruned / prunable, exact count. */
  sparsity: z.number(),
  /** Prunable weights alive / prunable. */
  remaining: z.number(),
  /** Multiply-adds count 2. Sparse count (pruned weights are free), one image, all members of an ensemble. */
  inferenceFlops: z.number(),
  /** Dense count of all training from the ticket to the end of this round, forward and backward, cumulative. */
  trainingFlops: z.number(),
  /** Means over seeds. */
  test: Metrics,
  validation: Metrics.nullable(),
  /** n−1 standard deviations over seeds; `null` with one seed. */
  testDeviation: Metrics.nullable(),
  seeds: z.array(ComparedSeed),
});
export type ComparedRound = z.infer<typeof ComparedRound>;

export const ComparedArm = z.object({
  /** Label, for example `swamp(4)`. */
  arm: z.string(),
  /** `dense`, `imp`, `imp-ensemble`, `swamp`, … */
  kind: z.string(),
  rounds: z.array(ComparedRound),
});
export type ComparedArm = z.infer<typeof ComparedArm>;

/** What `swamp compare EXPERIMENT --json` prints. Stable: fields are only added. */
export const Comparison = z.object({
  experiment: z.string(),
  name: z.string(),
  dataset: z.string(),
  model: z.string(),
  /** What sparsity is a fraction of: words and count. */
  denominator: z.object({ words: z.string(), weights: z.number().int() }),
  /** False while rounds are still missing. */
  complete: z.boolean(),
  arms: z.array(ComparedArm),
});
export type Comparison = z.infer<typeof Comparison>;
