import { z } from 'zod';

/** Floating-point operations; a multiply-add is 2. */
const Flops = z.object({
  /** As executed: pruned weights cost as much as the others. */
  dense: z.number(),
  /** Pruned weights free, at the round's overall density in every prunable layer (the masks are not known yet). */
  sparse: z.number(),
});

/** One part of the work: all of it, and what the store does not hold yet. */
const Amount = z.object({
  jobs: z.number().int(),
  jobsStored: z.number().int(),
  /** Tickets and particles: jobs that train. */
  trainings: z.number().int(),
  trainingsStored: z.number().int(),
  /** Forward and backward of all training, counted as three forward passes; twice that where a step takes two gradients. */
  trainingFlops: Flops,
  /** The same for what is not stored. */
  trainingFlopsToDo: Flops,
  /** Training iterations not stored. */
  stepsToDo: z.number().int(),
});

export const ArmEstimate = Amount.extend({
  /** Label, for example `swamp(4)`. */
  arm: z.string(),
  kind: z.string(),
});
export type ArmEstimate = z.infer<typeof ArmEstimate>;

/** What `swamp run --dry-run --json` prints under `estimate`. Stable: fields are only added. */
export const PlanEstimate = Amount.extend({
  /** Each arm over all seeds, as if it were alone: what several share counts in each of them. */
  arms: z.array(ArmEstimate),
  rounds: z.array(
    z.object({
      round: z.number().int(),
      /** Prunable weights that are left. */
      alive: z.number().int(),
      sparsity: z.number(),
    }),
  ),
  /** What sparsity is a fraction of: words and count. */
  denominator: z.object({ words: z.string(), weights: z.number().int() }),
  /** Wall seconds of what is left on this machine; `null` where no step was timed. */
  seconds: z.number().nullable(),
  timings: z
    .object({
      /** Milliseconds of a training step, and of an evaluation batch of 500 images. */
      stepMs: z.number(),
      evaluationMs: z.number(),
    })
    .nullable(),
  workers: z.number().int(),
  /** Bytes that what is left will write. */
  diskBytes: z.number(),
});
export type PlanEstimate = z.infer<typeof PlanEstimate>;

/** What several experiments cost that run one after another. Stable: fields are only added. */
export const SweepEstimate = z.object({
  /** Each in its turn: what experiments before it train counts as stored. */
  experiments: z.array(PlanEstimate),
  /** Different trainings of all of them. */
  trainings: z.number().int(),
  trainingsStored: z.number().int(),
  trainingFlopsToDo: Flops,
  /** Wall seconds of what is left; `null` where no step was timed. */
  seconds: z.number().nullable(),
  diskBytes: z.number(),
});
export type SweepEstimate = z.infer<typeof SweepEstimate>;
