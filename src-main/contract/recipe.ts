import { z } from 'zod';

/** A choice from a registry with its options, for example `{ kind: 'geometric', fraction: 0.2, rounds: 18 }`. */
export const NamedSpec = z.looseObject({ kind: z.string() });
export type NamedSpec = z.infer<typeof NamedSpec>;

/** Stochastic gradient descent as PyTorch defines it: v ← μv + g + λw; w ← w − η·v (Nesterov: g + λw + μv). */
export const Optimizer = z.strictObject({
  kind: z.literal('sgd').default('sgd'),
  momentum: z.number().min(0).lt(1).default(0.9),
  nesterov: z.boolean().default(false),
  /** λ, applied to every trainable tensor, biases and batch norm included. */
  weightDecay: z.number().min(0).default(1e-4),
  /**
   * ρ of sharpness-aware minimisation (Foret et al. 2021): g is taken at w + ρ·g₀/‖g₀‖, g₀ being the same batch's
   * gradient at w without decay, over the weights alive. Twice the work of a step; 0: off.
   */
  sharpness: z.number().min(0).default(0),
});
export type Optimizer = z.infer<typeof Optimizer>;

/** How one training goes: the same for every round. */
export const Recipe = z.strictObject({
  optimizer: Optimizer.prefault({}),
  /** Peak learning rate. */
  learningRate: z.number().positive(),
  /** Shape of the learning rate over the T iterations of arms without SWA; a kind of the schedule registry. */
  schedule: NamedSpec.default({ kind: 'cosine' }),
  /** Iterations of linear warm-up in front of any schedule. */
  warmup: z.number().int().min(0).default(0),
  /** Images a step. An epoch is floor(training images / batch) steps; what is left over waits for the next epoch's order. */
  batch: z.number().int().positive(),
  /** Epochs a round; T = epochs × steps an epoch. */
  epochs: z.number().int().positive(),
  /** ε: the loss is (1 − ε)·(cross-entropy of the label) + ε·(its mean over all classes) (Szegedy et al. 2016); 0: off. */
  labelSmoothing: z.number().min(0).lt(1).default(0),
  /** α: images and labels mixed in pairs, one λ ~ Beta(α, α) a batch (Zhang et al. 2018); 0: off. */
  mixup: z.number().min(0).default(0),
  /**
   * Parts that a batch is computed in, one after another, their gradients averaged: memory for batch / parts images.
   * Batch norm normalises each part by its own statistics. Divides the batch; 1: the batch at once.
   */
  accumulate: z.number().int().positive().default(1),
  /**
   * Random horizontal flip, random crop after padding by so many pixels of the mean colour, and cutout (DeVries and
   * Taylor 2017): a square of so many pixels of the mean colour at a random centre, cut off at the border.
   */
  augment: z
    .strictObject({
      flip: z.boolean().default(false),
      crop: z.number().int().min(0).default(0),
      cutout: z.number().int().min(0).default(0),
    })
    .prefault({}),
});
export type Recipe = z.infer<typeof Recipe>;

/** The SWA phase of a particle (Izmailov et al. 2018; method.md, round r of SWAMP). */
export const Swa = z.strictObject({
  /** Share of the T iterations over which the rate falls (cosine) to `learningRate`; constant afterwards. */
  start: z.number().gt(0).lt(1).default(0.5),
  /** Constant rate of the averaging phase. */
  learningRate: z.number().positive().default(0.05),
  /** A snapshot at the end of each epoch after `start`, or every so many iterations. */
  every: z.union([z.literal('epoch'), z.number().int().positive()]).default('epoch'),
});
export type Swa = z.infer<typeof Swa>;

/** The matching ticket: T0 epochs or iterations at a constant rate from the initialisation. */
export const Ticket = z
  .strictObject({
    epochs: z.number().int().min(0).optional(),
    iterations: z.number().int().min(0).optional(),
    /** Default: the recipe's learning rate. */
    learningRate: z.number().positive().optional(),
  })
  .refine((ticket) => (ticket.epochs === undefined) !== (ticket.iterations === undefined), {
    message: 'give either epochs or iterations',
  });
export type Ticket = z.infer<typeof Ticket>;

/** He et al. 2015: normal with variance 2 / fan. Dense and convolution kernels; biases and offsets 0, scales 1. */
export const Initialisation = z.strictObject({
  kind: z.literal('he-normal').default('he-normal'),
  fan: z.enum(['in', 'out']).default('in'),
});
export type Initialisation = z.infer<typeof Initialisation>;
