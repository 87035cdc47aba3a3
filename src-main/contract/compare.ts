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
  /** Prunable tensors that the round's masks leave nothing of; absent where there are none. */
  collapsed: z.array(z.string()).optional(),
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
  /** Label, for example `swamp(4)`; over several experiments with the settings that tell it from others of its name. */
  arm: z.string(),
  /** `dense`, `imp`, `imp-ensemble`, `swamp`, … */
  kind: z.string(),
  /** Over several experiments: its label in its own. */
  label: z.string().optional(),
  /** Over several experiments: the one it is of. */
  experiment: z.string().optional(),
  /** Over several experiments: others that hold the same runs. */
  alsoIn: z.array(z.string()).optional(),
  rounds: z.array(ComparedRound),
});
export type ComparedArm = z.infer<typeof ComparedArm>;

/** What sparsity is a fraction of: words and count. */
const Denominator = z.object({ words: z.string(), weights: z.number().int() });

/** One of several experiments that are compared. */
export const ComparedExperiment = z.object({
  experiment: z.string(),
  name: z.string(),
  dataset: z.string(),
  model: z.string(),
  denominator: Denominator,
  complete: z.boolean(),
  /** Digest of the data set. */
  data: z.string(),
  /** Digest of each seed's split into training and validation images. */
  splits: z.record(z.string(), z.string()),
  /** Those that are not the same in all of the experiments, by path, as text for people. */
  settings: z.record(z.string(), z.string()),
});
export type ComparedExperiment = z.infer<typeof ComparedExperiment>;

/** What was measured: means and deviations over seeds, and each run's own figures. */
export const MeasuredComparison = z.object({
  /** Id; of several experiments their ids with spaces between. */
  experiment: z.string(),
  name: z.string(),
  dataset: z.string(),
  model: z.string(),
  /** Where the experiments' differ, `weights` is 0 and each experiment has its own. */
  denominator: Denominator,
  /** False while rounds are still missing. */
  complete: z.boolean(),
  arms: z.array(ComparedArm),
  /** Absent where only one experiment is compared. */
  experiments: z.array(ComparedExperiment).optional(),
});
export type MeasuredComparison = z.infer<typeof MeasuredComparison>;

/** One difference of each seed, taken together. */
export const Spread = z.object({
  mean: Metrics,
  /** n−1 standard deviation over seeds; `null` with one seed. */
  deviation: Metrics.nullable(),
  /** Of the mean, by Student's t with n−1 degrees of freedom; `null` with one seed. */
  interval: z.object({ low: Metrics, high: Metrics }).nullable(),
});
export type Spread = z.infer<typeof Spread>;

/** Differences of two solutions of the same seed, the second taken from the first. */
export const Difference = z.object({
  seeds: z.array(z.object({ seed: z.number(), test: Metrics, validation: Metrics.nullable() })),
  test: Spread,
  validation: Spread.nullable(),
});
export type Difference = z.infer<typeof Difference>;

/** By round, and each seed's average over rounds. Rounds of a seed that are missing or not finite are left out. */
export const Differences = z.object({
  rounds: z.array(
    Difference.extend({
      round: z.number().int(),
      /** Of the second, where the experiments' rounds do not go together: the one of the same sparsity. */
      otherRound: z.number().int(),
      sparsity: z.number(),
    }),
  ),
  /** Over the rounds of `statistics.from` and more sparsity; `null` where there is none. */
  average: Difference.extend({
    /** Rounds averaged: all that some seed has. */
    rounds: z.array(z.number().int()),
    /** Sparsity of the first of them. */
    from: z.number(),
    /** Seeds that lack one of these rounds. */
    leftOut: z.array(z.number()),
  }).nullable(),
});
export type Differences = z.infer<typeof Differences>;

/** `arm` − `baseline`, paired by seed. */
export const ComparedPair = Differences.extend({ arm: z.string(), baseline: z.string() });
export type ComparedPair = z.infer<typeof ComparedPair>;

/** An arm against its own particles (of an ensemble: its members), in rounds that have several. */
export const ParticleGains = z.object({
  arm: z.string(),
  /** What the arm stands for − the mean of its particles' figures. */
  overMean: Differences,
  /** … − the particle with the highest validation accuracy; `null` without a validation split. */
  overBest: Differences.nullable(),
  /** Ensemble of the particles − the arm; `null` where the arm is the ensemble. */
  ensembleOver: Differences.nullable(),
});
export type ParticleGains = z.infer<typeof ParticleGains>;

/** A network that is as good as the dense one, within some points of validation accuracy. */
export const SmallNetwork = z.object({
  round: z.number().int(),
  sparsity: z.number(),
  remaining: z.number(),
  /** Networks that answer together. */
  networks: z.number().int(),
  /** Prunable weights left, of all its networks. */
  weights: z.number().int(),
  /** Of the round, a mean over its seeds. */
  inferenceFlops: z.number(),
  validation: Metrics,
  test: Metrics,
  /** Id of the run to export. Over seeds: of them the one with the best validation accuracy in this round. */
  run: z.string(),
  seed: z.number(),
  /** Rounds before it whose validation accuracy was too low. */
  failedBefore: z.array(z.number().int()),
});
export type SmallNetwork = z.infer<typeof SmallNetwork>;

export const SmallestOfArm = z.object({
  arm: z.string(),
  /** What counts as dense: an arm's round 0, its means over the same seeds. */
  dense: z.object({ arm: z.string(), validation: Metrics, test: Metrics }).nullable(),
  /** By means over seeds; `null` where no round holds. */
  overSeeds: SmallNetwork.nullable(),
  /** Of each seed by itself, against the dense network of that seed. */
  seeds: z.array(z.object({ seed: z.number(), network: SmallNetwork.nullable() })),
});
export type SmallestOfArm = z.infer<typeof SmallestOfArm>;

/** The sparsest round of each arm that is within some points of dense. Chosen on validation alone. */
export const Smallest = z.object({
  /** Percentage points of accuracy. */
  within: z.number(),
  /** Why nothing can be chosen; `null` where it can. */
  refused: z.string().nullable(),
  arms: z.array(SmallestOfArm),
});
export type Smallest = z.infer<typeof Smallest>;

/** What `swamp compare EXPERIMENT --json` prints. Stable: fields are only added. */
export const Comparison = MeasuredComparison.extend({
  statistics: z.object({
    /** Sparsity that averages over rounds begin at. */
    from: z.number(),
    /** Of the intervals. */
    confidence: z.number(),
    /** Arm that the others are first of all compared with; `null` where there is none to compare. */
    baseline: z.string().nullable(),
    /** Whether every pair of arms was asked for, however many. */
    everyPair: z.boolean(),
    /** Pairs of arms between which there are no paired differences, and why. */
    unpaired: z.array(z.object({ arm: z.string(), baseline: z.string(), reason: z.string() })),
  }),
  pairs: z.array(ComparedPair),
  particles: z.array(ParticleGains),
  smallest: Smallest,
});
export type Comparison = z.infer<typeof Comparison>;
