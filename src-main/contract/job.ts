import { z } from 'zod';
import { Digest, JobKey } from './ids.ts';
import { Evaluation } from './metrics.ts';
import { Prunable } from './prunable.ts';
import { Initialisation, NamedSpec, Recipe, Swa } from './recipe.ts';
import { UseOrder, UseResult } from './use.ts';

/** Data, split and model: what every job of one run shares. Paths are not part of it. */
export const Task = z.strictObject({
  /** Kind and options of the dataset without its location. */
  dataset: NamedSpec,
  /** Digest of the images and labels as loaded. */
  datasetDigest: z.string(),
  /** Validation fraction, stratified, drawn with purpose `split` from the run's seed. */
  split: z.strictObject({ validation: z.number(), seed: z.number().int(), digest: z.string() }),
  model: NamedSpec,
  pruneClassifier: z.boolean(),
  /** What else masks may prune; absent: all other kernels. */
  prunable: Prunable.optional(),
  precision: z.literal('float32'),
  /** Backend class: results of one are never taken for results of another. */
  backend: z.enum(['tensorflow-cpu', 'tensorflow-cuda', 'wasm']),
  /** Intra-op threads. */
  threads: z.number().int().positive(),
});
export type Task = z.infer<typeof Task>;

/** Place in the random number tree (method.md, Seeds). */
const place = {
  seed: z.number().int(),
  member: z.number().int(),
  round: z.number().int(),
  particle: z.number().int(),
};

/**
 * Initialise and train T0 iterations. Inputs `start` (weights in place of an initialisation) and `mask`, each absent where
 * there is none. Output `solution`.
 */
export const TrainTicket = z.strictObject({
  kind: z.literal('train-ticket'),
  task: Task,
  seed: z.number().int(),
  member: z.number().int(),
  initialisation: Initialisation,
  iterations: z.number().int().min(0),
  /** Its schedule is constant at its learning rate. */
  recipe: Recipe,
});

/**
 * Take weights or a mask from a file that is not ours. Output `solution` (weights) or `mask`. Where the file lies is
 * the order's to say.
 */
export const Import = z.strictObject({
  kind: z.literal('import'),
  take: z.enum(['weights', 'mask']),
  /** SHA-256 of the file's bytes. */
  digest: z.string(),
  /** Kind of the naming of its tensors. */
  names: z.string(),
  model: NamedSpec,
  /** As in `prune`. */
  shape: z.array(z.number().int()).length(3),
  classes: z.number().int(),
  /** What a mask may prune; absent for weights. */
  pruneClassifier: z.boolean().optional(),
  prunable: Prunable.optional(),
});

/**
 * Train T iterations from (ticket ∘ mask). Inputs `ticket` (in arms that do not rewind, the weights that are gone on
 * from), `mask` (absent where nothing is pruned). Output `solution` (θ_n).
 */
export const TrainParticle = z.strictObject({
  kind: z.literal('train-particle'),
  task: Task,
  ...place,
  recipe: Recipe,
  /** `null`: plain SGD under the recipe's own schedule. */
  swa: Swa.nullable(),
});

/** How a mask is chosen once there are scores. */
const choice = {
  pruneClassifier: z.boolean(),
  /** As in the task. */
  prunable: Prunable.optional(),
  /** Among which weights scores are compared; a kind of the registry of scopes. Absent: among all. */
  scope: NamedSpec.optional(),
  /** Prunable weights that stay. */
  alive: z.number().int(),
};

/**
 * Train T iterations from (ticket ∘ mask) in particles that share a mask, which a rule changes on the way. Inputs `ticket`,
 * `mask` (absent where nothing is pruned at first). Outputs `solution-0`, `solution-1`, … of the particles, and `mask`,
 * under which they end.
 */
export const TrainGroup = z.strictObject({
  kind: z.literal('train-group'),
  task: Task,
  seed: z.number().int(),
  member: z.number().int(),
  round: z.number().int(),
  /** Particles 0 … N − 1 of the random number tree. */
  particles: z.number().int().positive(),
  recipe: Recipe,
  swa: Swa.nullable(),
  /** A kind of the registry of rules (pruning/dynamic). */
  rule: NamedSpec,
  ...choice,
});

/** Mean of solutions, equal weights, all parameters. Input `solution`, two or more. Output `solution`. */
export const Average = z.strictObject({ kind: z.literal('average') });

/** A network's layout, for jobs that need neither data nor engine. */
const shaped = {
  model: NamedSpec,
  /** [height, width, channels] of the images, and number of classes: with the model they give the layout. */
  shape: z.array(z.number().int()).length(3),
  classes: z.number().int(),
  pruneClassifier: z.boolean(),
  /** As in the task. */
  prunable: Prunable.optional(),
};

/** The next mask. Inputs `solution`, `mask` (absent: all ones). Output `mask`. */
export const Prune = z.strictObject({
  kind: z.literal('prune'),
  model: NamedSpec,
  /** [height, width, channels] of the images, and number of classes: with the model they give the layout. */
  shape: z.array(z.number().int()).length(3),
  classes: z.number().int(),
  criterion: NamedSpec,
  ...choice,
});

/** A mask by scores that take more than weights: data, gradients, chance. Inputs as of `prune`. Output `mask`. */
export const Score = z.strictObject({
  kind: z.literal('score'),
  task: Task,
  seed: z.number().int(),
  member: z.number().int(),
  /** A kind of the registry of scores (training/scores). */
  method: NamedSpec,
  ...choice,
});

/**
 * Re-estimate batch-norm statistics, then predict validation and test. Input `solution`.
 * Outputs `predictions` (softmax probabilities) and `statistics` (batch norm; empty where the model has none).
 */
export const Evaluate = z.strictObject({
  kind: z.literal('evaluate'),
  task: Task,
  /** Batch of the re-estimation pass. */
  batch: z.number().int().positive(),
});

/** Softmax probabilities averaged. Input `predictions`, two or more. */
export const EvaluateEnsemble = z.strictObject({ kind: z.literal('evaluate-ensemble'), task: Task });

/** Greedy soup, chosen on validation. Input `solution`, two or more. Output `solution`; series `taken`, 1 for each that is in it. */
export const Soup = z.strictObject({
  kind: z.literal('soup'),
  task: Task,
  /** Batch of the re-estimation pass. */
  batch: z.number().int().positive(),
});

/**
 * Lottery Pools: a solution interpolated with others, pruned again, chosen on validation. Inputs `solution` (the first is
 * the base, whose sparsity is kept), `mask` of the base. Outputs `solution`, `mask`; series `taken`: coefficient by neighbour.
 */
export const Pool = z.strictObject({
  kind: z.literal('pool'),
  task: Task,
  batch: z.number().int().positive(),
  criterion: NamedSpec,
  ...choice,
  /** Shares of a neighbour that are tried, in this order. */
  coefficients: z.array(z.number().gt(0).max(1)),
});

/** What a look at solutions looks at: the first images of the split's training set and of the test set, un-augmented. */
const looks = {
  task: Task,
  /** Batch of the re-estimation of batch norm. */
  batch: z.number().int().positive(),
  trainingImages: z.number().int().positive(),
  /** Test images; 0: none. Absent: all. */
  testImages: z.number().int().min(0).optional(),
  /** Training images that batch norm is re-estimated on. Absent: all. */
  statisticsImages: z.number().int().positive().optional(),
};
export type Looks = z.infer<z.ZodObject<typeof looks>>;

/**
 * Mean cross-entropy and share of wrong images, batch norm re-estimated. Input `solution`. Series `trainLoss`, `trainError`,
 * `testLoss`, `testError` of one value each; where there are none that are finite, 0, and `lost` names the place.
 */
export const Measure = z.strictObject({ kind: z.literal('measure'), ...looks });

/** The same along the line between two solutions. Input `solution`, two. Series by α, and `alpha`. */
export const Connectivity = z.strictObject({
  kind: z.literal('connectivity'),
  ...looks,
  /** Values of α, both ends included. */
  points: z.number().int().min(2),
  /** False: the ends are not measured with the line: `measure` gives them, once for all lines. */
  ends: z.literal(false).optional(),
});

/**
 * The same on rows of a grid in the plane through three solutions. Inputs `solution`, three, and `point`, others that the grid is
 * to hold. Series by row, then column; `x`, `y` of the grid's columns and of all of its rows; `placeX`, `placeY`,
 * `placeDistance` of the solutions and the points. `flat`, 1, and nothing measured where the three lie on one line.
 */
export const Surface = z.strictObject({
  kind: z.literal('surface'),
  ...looks,
  /** Columns, and rows, of the whole grid. */
  size: z.number().int().min(2),
  /** What the grid has on each side beyond the solutions and points, as a share of their extent. */
  margin: z.number().min(0),
  /** The rows that are measured here. */
  rows: z.strictObject({ from: z.number().int().min(0), to: z.number().int().positive() }),
});

/** What a look at a solution's curvature looks at: the Hessian of the mean cross-entropy, without decay. */
const curvature = {
  task: Task,
  /** Training images: the first of the split, un-augmented. */
  images: z.number().int().min(2).multipleOf(2),
  /** Images of a step at most. Even, and so is every step: training/flow.ts says why. */
  batch: z.number().int().min(2).multipleOf(2),
  /** Of the random vectors. */
  seed: z.number().int(),
};
export type CurvatureSpec = z.infer<z.ZodObject<typeof curvature>>;

/**
 * z·Hz of probes z, which are signs at weights that are alive and zeros at those pruned: the trace is their mean. Inputs
 * `solution`, `statistics` (batch norm's, which stand still), `mask` (absent where nothing is pruned). Series `probe`: a value
 * each; `alive`: rows of H; where a product was not finite there are no values, and `lost` names the probe.
 */
export const HessianTrace = z.strictObject({
  kind: z.literal('hessian-trace'),
  ...curvature,
  probes: z.number().int().min(2),
});

/**
 * The largest eigenvalues of the same matrix, by Lanczos. Inputs as above. Series `eigenvalue`, the largest first, and `error`: an
 * eigenvalue lies within it; `products`: how many it took; `converged`, 1 or 0; `alive`, `lost` as above.
 */
export const HessianEigenvalues = z.strictObject({
  kind: z.literal('hessian-eigenvalues'),
  ...curvature,
  count: z.number().int().min(1),
  /** Products at most. */
  steps: z.number().int().min(1),
  /** Share of itself that an eigenvalue's error may be. */
  tolerance: z.number().gt(0).lt(1),
});

/**
 * How many weights masks have in common. Input `mask`, two or more. Series by pairs, k × k by rows: `intersection`, `union`,
 * and `layers`: the intersections in each prunable tensor, in layout order.
 */
export const Overlap = z.strictObject({ kind: z.literal('overlap'), ...shaped });

/**
 * What a network takes on a disk. Inputs `solution`, `statistics`, `mask` (absent where nothing is pruned). Series of one
 * number each: `dense`, `bitmap`, `indices` (analysis/bytes.ts), `file`: its safetensors as exported, `zlib` and `zstd`: that
 * file compressed.
 */
export const Size = z.strictObject({ kind: z.literal('size'), ...shaped });

/**
 * How long a prediction takes on the machine that runs the job: no derivation, but measured once and kept. Inputs `solution`,
 * `statistics`. Series `ms-1`, `ms-500`, …: milliseconds of a prediction in every repetition, by batch.
 */
export const Latency = z.strictObject({
  kind: z.literal('latency'),
  task: Task,
  /** Images of a prediction. */
  batches: z.array(z.number().int().positive()).min(1),
  /** Predictions before the clock counts, and those that are timed, of each batch. */
  warmUp: z.number().int().min(1),
  repetitions: z.number().int().min(1),
  /** Tells a measurement from an earlier one of the same. */
  measurement: z.number().int().min(1),
});

/**
 * How a network does on corrupted test images. Inputs `solution` and `statistics`, the batch-norm statistics of clean training images;
 * several, as many of each: their probabilities are averaged. Series by severity: `error`, `nll`, `ece`; where there are no
 * numbers, 0, and `lost` names the place.
 */
export const Robustness = z.strictObject({
  kind: z.literal('robustness'),
  task: Task,
  /** A kind of the registry of corruptions, and how strong, 1 to 5. `null`: the images as they are. */
  corruption: z
    .strictObject({ kind: z.string(), severities: z.array(z.number().int().min(1).max(5)).min(1) })
    .nullable(),
  /** The first so many test images. Absent: all. */
  images: z.number().int().positive().optional(),
});

/**
 * How often predictions are right, by how sure they are. Input `predictions`; several are averaged. Series of the test images by bin of confidence:
 * `count`, `correct`, `confidence` (sums).
 */
export const Calibration = z.strictObject({ kind: z.literal('calibration'), task: Task });

/** Images a prediction step takes. Decides no result, but what time and memory a prediction costs. */
export const EVALUATION_BATCH = 500;

/** A timing of predictions takes at least so long, by as many as that needs: a single short one says most of what else the machine did. */
export const LEAST_TIMING_MS = 50;

/** Series of a job that makes a mask: weights alive in each prunable tensor of the new mask, in layout order. */
export const ALIVE = 'alive';

export const JobSpec = z.discriminatedUnion('kind', [
  Import,
  TrainTicket,
  TrainParticle,
  TrainGroup,
  Average,
  Prune,
  Score,
  Evaluate,
  EvaluateEnsemble,
  Soup,
  Pool,
  Measure,
  Connectivity,
  Surface,
  HessianTrace,
  HessianEigenvalues,
  Overlap,
  Size,
  Latency,
  Robustness,
  Calibration,
]);
export type JobSpec = z.infer<typeof JobSpec>;
export type JobKind = JobSpec['kind'];
export type SpecOf<Kind extends JobKind> = Extract<JobSpec, { kind: Kind }>;

/** One job a job builds on: `output` of `job` is given to it as `name`. Order matters where a name repeats. */
export const JobInput = z.strictObject({ name: z.string(), job: JobKey, output: z.string() });
export type JobInput = z.infer<typeof JobInput>;

/** A job of a plan. */
export interface PlannedJob {
  readonly key: JobKey;
  readonly spec: JobSpec;
  readonly inputs: readonly JobInput[];
}

/** Where a result came from; shown, never part of a key. */
export const Provenance = z.strictObject({
  tensorflow: z.string(),
  device: z.string(),
  host: z.string(),
  app: z.string(),
});
export type Provenance = z.infer<typeof Provenance>;

/** Values by epoch or iteration, for charts: one array of numbers a name, `iteration` among them. */
export const Series = z.record(z.string(), z.array(z.number()));
export type Series = z.infer<typeof Series>;

export const JobResult = z.strictObject({
  /** Objects written, by output name. */
  outputs: z.record(z.string(), Digest),
  /** Set by jobs that evaluate. */
  evaluation: Evaluation.nullable(),
  series: Series,
  /** Wall seconds in the worker, and those of them inside Session calls. */
  seconds: z.number(),
  sessionSeconds: z.number(),
  /** Training steps taken. */
  steps: z.number().int(),
  provenance: Provenance,
});
export type JobResult = z.infer<typeof JobResult>;

/** Where the worker finds the data set: kind and options, location included. */
export const DatasetSource = NamedSpec;

/** A job as handed to a worker. */
export const JobOrder = z.strictObject({
  key: JobKey,
  spec: JobSpec,
  /** Digests of the inputs, by name, in order. */
  inputs: z.record(z.string(), z.array(Digest)),
  source: DatasetSource,
  /** Where files lie that the job imports, by their digest. */
  files: z.record(z.string(), z.string()).optional(),
});
export type JobOrder = z.infer<typeof JobOrder>;

/** A provisioned TensorFlow, or tfjs's WebAssembly backend in its place. */
export const EngineBuild = z.strictObject({
  variant: z.enum(['cpu', 'cuda', 'stock', 'wasm']),
  /** TensorFlow's version, or what stands in its place. */
  tensorflow: z.string(),
  /** The built addon; empty for WebAssembly. */
  binding: z.string(),
  /** Folders that must be on the loader path of the process that loads the addon. */
  libraryPath: z.array(z.string()),
});
export type EngineBuild = z.infer<typeof EngineBuild>;

/** Time a training step without storing anything. */
export const ProbeOrder = z.strictObject({
  task: Task,
  recipe: Recipe,
  source: DatasetSource,
  steps: z.number().int().positive(),
});
export type ProbeOrder = z.infer<typeof ProbeOrder>;

export const ProbeResult = z.strictObject({
  /** Median milliseconds of a training step, and of one evaluation batch of 500 images. */
  stepMs: z.number(),
  evaluationMs: z.number(),
  device: z.string(),
});
export type ProbeResult = z.infer<typeof ProbeResult>;

/** Open an exported file again and evaluate what is in it, with the statistics that are in it. */
export const CheckOrder = z.strictObject({
  task: Task,
  source: DatasetSource,
  file: z.string(),
  /** Kind of the export format. */
  format: z.string(),
});
export type CheckOrder = z.infer<typeof CheckOrder>;

export const CheckResult = z.strictObject({
  evaluation: Evaluation,
  /** Prunable weights that are exactly zero, and those that the masks in the file prune. */
  zeros: z.number().int(),
  pruned: z.number().int(),
  /** Pruned weights that are not zero: must be none. */
  revived: z.number().int(),
});
export type CheckResult = z.infer<typeof CheckResult>;

/** How a worker process is started, as JSON in its environment. */
export const WorkerSettings = z.strictObject({
  engine: EngineBuild,
  /** The library's folder. */
  library: z.string(),
  /** Version of the app, for provenance. */
  app: z.string(),
});
export type WorkerSettings = z.infer<typeof WorkerSettings>;

export const ToWorker = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('run'), order: JobOrder }),
  z.strictObject({ type: z.literal('probe'), order: ProbeOrder }),
  z.strictObject({ type: z.literal('check'), order: CheckOrder }),
  z.strictObject({ type: z.literal('use'), order: UseOrder }),
  /** Finish the step under way, write a checkpoint, answer `stopped`. */
  z.strictObject({ type: z.literal('stop') }),
]);
export type ToWorker = z.infer<typeof ToWorker>;

export const JobProgress = z.strictObject({
  key: JobKey,
  iteration: z.number().int(),
  iterations: z.number().int(),
  /** Mean training loss and accuracy since the last report; absent outside training. */
  loss: z.number().optional(),
  accuracy: z.number().optional(),
  /** Mean milliseconds a step since the last report. */
  stepMs: z.number().optional(),
  /** Resident memory of the worker. */
  memoryBytes: z.number().optional(),
});
export type JobProgress = z.infer<typeof JobProgress>;

export const JobFailure = z.strictObject({
  name: z.string(),
  message: z.string(),
  /** What to do; empty where nothing is known. */
  hint: z.string(),
  stack: z.string(),
});
export type JobFailure = z.infer<typeof JobFailure>;

export const FromWorker = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('progress'), progress: JobProgress }),
  z.strictObject({ type: z.literal('done'), key: JobKey, result: JobResult }),
  z.strictObject({ type: z.literal('probed'), result: ProbeResult }),
  z.strictObject({ type: z.literal('checked'), result: CheckResult }),
  /** Images that a `use` has done so far. */
  z.strictObject({ type: z.literal('using'), done: z.number().int(), total: z.number().int() }),
  z.strictObject({ type: z.literal('used'), result: UseResult }),
  z.strictObject({ type: z.literal('failed'), key: JobKey.nullable(), failure: JobFailure }),
  /** Stopped on request; a checkpoint of the job under way is kept. */
  z.strictObject({ type: z.literal('stopped'), key: JobKey.nullable() }),
]);
export type FromWorker = z.infer<typeof FromWorker>;
