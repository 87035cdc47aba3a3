import { expectedProducts } from '../analysis/lanczos.ts';
import type { PlanEstimate, SweepEstimate } from '../contract/estimate.ts';
import type { JobKey } from '../contract/ids.ts';
import {
  EVALUATION_BATCH,
  LEAST_TIMING_MS,
  type JobKind,
  type Looks,
  type PlannedJob,
  type SpecOf,
} from '../contract/job.ts';
import type { Recipe } from '../contract/recipe.ts';
import { scoreCost } from '../training/scores/registry.ts';
import { FLOAT_BYTES, jobBytes } from './job-bytes.ts';
import type { Plan, PlannedRun } from './plan.ts';
import { wallSeconds } from './schedule.ts';
import {
  densityIn,
  forwardFlops,
  PASSES_PER_STEP,
  sparseGroupFlops,
  type Counted,
} from './training-flops.ts';

/** Milliseconds of a training step by the experiment's recipe, and of one evaluation batch of 500 images, on this machine. */
export interface Timings {
  readonly stepMs: number;
  readonly evaluationMs: number;
  /** How much longer than by these two figures jobs of a kind took that train nothing, where that was seen. */
  readonly factors?: Partial<Readonly<Record<JobKind, number>>>;
}

/**
 * Seconds of a job besides its steps: handing it over, reading inputs, writing outputs. What a small network
 * was seen to take; far below the steps of anything larger.
 */
const OVERHEAD_SECONDS = 0.05;

/** Seconds for a weight whose score is read, ranked and masked outside the network: measured (docs/performance.md). */
const SECONDS_A_LOOK = 1.5e-7;

/** Comparing one bit of two masks, and compressing one byte of a network: orders of magnitude, for how long it takes. */
const SECONDS_A_BIT = 1e-9;
const SECONDS_A_BYTE = 3e-7;
/** Corrupting a value of an image, the mean over all corruptions. */
const SECONDS_A_VALUE = 2e-7;

/** A Hessian-vector product of an image in training steps of one: eight convolutions for three, and no batch norm. */
const STEPS_A_PRODUCT = 2.6;

/** T. */
function epochsOf(plan: Plan, { recipe, seed }: { recipe: Recipe; seed: number }): number {
  return recipe.epochs * (plan.stepsPerEpoch.get(seed) ?? 0);
}

/** Iterations a job trains; 0 where it does not. */
export function trainingIterations(plan: Plan, { spec }: PlannedJob): number {
  switch (spec.kind) {
    case 'train-ticket':
      return spec.iterations;
    case 'train-particle':
      return epochsOf(plan, spec);
    case 'train-group':
      return spec.particles * epochsOf(plan, spec);
    case 'import':
    case 'average':
    case 'prune':
    case 'score':
    case 'evaluate':
    case 'evaluate-ensemble':
    case 'soup':
    case 'pool':
    case 'measure':
    case 'connectivity':
    case 'surface':
    case 'hessian-trace':
    case 'hessian-eigenvalues':
    case 'overlap':
    case 'size':
    case 'latency':
    case 'robustness':
    case 'calibration':
      return 0;
  }
}

/** Whether a job trains: a ticket, a particle or a group of them. */
export function isTraining(job: PlannedJob): boolean {
  return trainingsIn(job) > 0;
}

/** Trainings that a job is: of a group as many as it has particles. */
export function trainingsIn({ spec }: PlannedJob): number {
  switch (spec.kind) {
    case 'train-ticket':
      return spec.iterations > 0 ? 1 : 0;
    case 'train-particle':
      return 1;
    case 'train-group':
      return spec.particles;
    default:
      return 0;
  }
}

const jobsOf = new WeakMap<Plan, ReadonlyMap<JobKey, PlannedJob>>();

function jobOf(plan: Plan, key: JobKey): PlannedJob | undefined {
  const known = jobsOf.get(plan);
  if (known) return known.get(key);
  const made = new Map(plan.jobs.map((job) => [job.key, job]));
  jobsOf.set(plan, made);
  return made.get(key);
}

/** Gradients that a step takes: sharpness-aware minimisation takes a second one. */
export function gradientsOf({ optimizer }: Recipe): number {
  return optimizer.sharpness > 0 ? 2 : 1;
}

/** A step of a job in steps of the experiment's own recipe, which are what is timed. */
export function stepWeight(plan: Plan, key: JobKey): number {
  const spec = jobOf(plan, key)?.spec;
  return spec && 'recipe' in spec ? gradientsOf(spec.recipe) / gradientsOf(plan.recipe) : 1;
}

/** The mask that a training begins with, as it was planned. */
function startOf(plan: Plan, { inputs }: PlannedJob): Counted['start'] {
  const { layout } = plan;
  const mask = inputs.find(({ name }) => name === 'mask');
  const maker = mask && jobOf(plan, mask.job)?.spec;
  const made = maker && 'alive' in maker ? maker : undefined;
  const alive = made?.alive ?? (mask ? plan.rounds[0]?.alive : undefined) ?? layout.prunable;
  return { alive, density: densityIn(layout, made?.scope, alive) };
}

/** Trainings that jobs are. */
export function countTrainings(jobs: readonly PlannedJob[]): number {
  return total(jobs.map(trainingsIn));
}

/** FLOPs of a job's training, forward and backward; 0 where it does not train. */
export function trainingFlops(plan: Plan, job: PlannedJob): { dense: number; sparse: number } {
  return { dense: denseFlops(plan, job), sparse: sparseFlops(plan, job) };
}

/** Images that pass through the network, forward and backward; 0 where a job does not train. */
function passes(plan: Plan, job: PlannedJob): number {
  const { spec } = job;
  if (!('recipe' in spec)) return 0;
  const { recipe } = spec;
  return PASSES_PER_STEP * gradientsOf(recipe) * recipe.batch * trainingIterations(plan, job);
}

function denseFlops(plan: Plan, job: PlannedJob): number {
  return passes(plan, job) * forwardFlops(plan.model, () => 1);
}

/** Of a group it goes through all updates of its mask. */
function sparseFlops(plan: Plan, job: PlannedJob): number {
  const { spec } = job;
  const images = passes(plan, job);
  if (images === 0) return 0;
  const { model, layout } = plan;
  const start = startOf(plan, job);
  if (spec.kind !== 'train-group') return images * forwardFlops(model, start.density);
  const iterations = epochsOf(plan, spec);
  return gradientsOf(spec.recipe) * sparseGroupFlops(spec, { model, layout, iterations, start });
}

/**
 * Training FLOPs of what each round of a run stands for: of all trainings that its solution comes from, tickets
 * and earlier rounds included, where it builds on them. Each run pays for all of these, those it shares with others
 * included: that is what the arm costs by itself.
 * @param count of a job; absent: the dense count
 */
export function cumulativeTrainingFlops(
  plan: Plan,
  run: PlannedRun,
  count: (job: PlannedJob) => number = (job) => denseFlops(plan, job),
): number[] {
  let before = { heads: [] as JobKey[], seen: new Set<JobKey>(), flops: 0 };
  return Array.from({ length: run.rounds }, (_, round) => {
    const link = run.links.find((each) => each.role === 'evaluate' && each.round === round);
    const heads = link ? networksOf(plan, link.job) : [];
    // Rounds that build on the one before have all of its trainings: only theirs are counted anew.
    const own = comesFrom(plan, heads, before.seen);
    const builds = round > 0 && before.heads.every((head) => own.met.has(head));
    const { added } = builds ? own : comesFrom(plan, heads, new Set());
    const flops = (builds ? before.flops : 0) + total(added.map(count));
    const seen = builds ? before.seen : new Set<JobKey>();
    for (const { key } of added) seen.add(key);
    before = { heads, seen, flops };
    return flops;
  });
}

/** What makes the networks that a job evaluates: one, or the members of an ensemble. */
function networksOf(plan: Plan, key: JobKey): JobKey[] {
  const job = jobOf(plan, key);
  if (!job?.spec.kind.startsWith('evaluate')) return [key];
  return job.inputs.flatMap((input) => networksOf(plan, input.job));
}

/** Jobs that some jobs come from, themselves included, but for those `seen`; and which of these were met. */
function comesFrom(
  plan: Plan,
  heads: readonly JobKey[],
  seen: ReadonlySet<JobKey>,
): { added: PlannedJob[]; met: Set<JobKey> } {
  const added = new Map<JobKey, PlannedJob>();
  const met = new Set<JobKey>();
  const open = [...heads];
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    if (seen.has(key)) met.add(key);
    else if (!added.has(key)) {
      const job = jobOf(plan, key);
      if (!job) continue;
      added.set(key, job);
      open.push(...job.inputs.map((input) => input.job));
    }
  }
  return { added: [...added.values()], met };
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Evaluation batches of so many images. */
const batches = (images: number): number => Math.ceil(images / EVALUATION_BATCH);

/** Seconds a worker needs for a job, from measured times. */
export function jobSeconds(plan: Plan, job: PlannedJob, timings: Timings): number {
  const training = (trainingIterations(plan, job) * stepWeight(plan, job.key) * timings.stepMs) / 1000;
  const predicting = (evaluationBatches(plan, job) * timings.evaluationMs) / 1000;
  const curvature = (hessianSteps(plan, job) * timings.stepMs) / 1000;
  const scoring = scoringSeconds(plan, job, timings);
  const rest = predicting + curvature + scoring + numberSeconds(plan, job) + OVERHEAD_SECONDS;
  return training > 0 ? training + rest : rest * (timings.factors?.[job.spec.kind] ?? 1);
}

/** Hessian-vector products of a job, in training steps by the experiment's recipe. */
function hessianSteps({ recipe }: Plan, { spec }: PlannedJob): number {
  const a = (products: number, images: number): number =>
    (products * STEPS_A_PRODUCT * images) / recipe.batch;
  switch (spec.kind) {
    case 'hessian-trace':
      return a(spec.probes, spec.images);
    case 'hessian-eigenvalues':
      return a(Math.min(spec.steps, expectedProducts(spec.count)), spec.images);
    default:
      return 0;
  }
}

/** Seconds of a score: what of it is steps is timed as they are, in the gradients of the experiment's own recipe. */
function scoringSeconds({ recipe, resolved, layout }: Plan, { spec }: PlannedJob, timings: Timings): number {
  if (spec.kind !== 'score') return 0;
  const { classes } = resolved.dataset;
  const images = resolved.splits.get(spec.task.split.seed)?.training ?? 0;
  const { steps, looks } = scoreCost(spec.method, { classes, images, batch: recipe.batch });
  return ((steps / gradientsOf(recipe)) * timings.stepMs) / 1000 + looks * layout.total * SECONDS_A_LOOK;
}

/** Seconds of work on plain numbers: pairs of masks, bytes to compress, images to corrupt. */
function numberSeconds(plan: Plan, { spec, inputs }: PlannedJob): number {
  const { layout } = plan;
  if (spec.kind === 'robustness') return corruptingSeconds(plan, spec);
  if (spec.kind === 'overlap') return inputs.length ** 2 * layout.prunable * SECONDS_A_BIT;
  if (spec.kind === 'latency') return (spec.batches.length * spec.repetitions * LEAST_TIMING_MS) / 1000;
  return spec.kind === 'size' ? FLOAT_BYTES * layout.total * SECONDS_A_BYTE : 0;
}

const corruptedBy = new WeakMap<Plan, ReadonlyMap<string, number>>();

/** A job's share of corrupting its images: all networks of a plan see the same, which are made once. */
function corruptingSeconds(plan: Plan, { corruption, images }: SpecOf<'robustness'>): number {
  if (corruption === null) return 0;
  let jobs = corruptedBy.get(plan);
  if (!jobs) {
    const kinds = plan.jobs.flatMap(({ spec }) =>
      spec.kind === 'robustness' && spec.corruption ? [spec.corruption.kind] : [],
    );
    jobs = new Map([...Map.groupBy(kinds, (kind) => kind)].map(([kind, { length }]) => [kind, length]));
    corruptedBy.set(plan, jobs);
  }
  const { test, shape } = plan.resolved.dataset;
  const values = shape.reduce((product, side) => product * side, Math.min(images ?? test, test));
  return (corruption.severities.length * values * SECONDS_A_VALUE) / (jobs.get(corruption.kind) ?? 1);
}

/** Evaluation batches that a job predicts, and those that re-estimate batch norm. */
function evaluationBatches(plan: Plan, { spec, inputs }: PlannedJob): number {
  if (!('task' in spec)) return 0;
  const { training = 0, validation = 0 } = plan.resolved.splits.get(spec.task.split.seed) ?? {};
  const { test } = plan.resolved.dataset;
  const reestimated = plan.model.statistics.length > 0 ? batches(training) : 0;
  switch (spec.kind) {
    case 'evaluate':
      return batches(validation) + batches(test) + reestimated;
    case 'soup':
      return (2 * inputs.length - 1) * (batches(validation) + reestimated);
    case 'pool': {
      const neighbours = inputs.filter(({ name }) => name === 'solution').length - 1;
      return (1 + neighbours * spec.coefficients.length) * (batches(validation) + reestimated);
    }
    case 'measure':
    case 'connectivity':
    case 'surface':
      return measurements(spec) * (imagesOf(plan, spec) / EVALUATION_BATCH);
    case 'latency': {
      const images = spec.batches.reduce((sum, batch) => sum + batch, 0);
      return ((spec.warmUp + spec.repetitions) * images) / EVALUATION_BATCH;
    }
    case 'robustness': {
      const networks = inputs.filter(({ name }) => name === 'solution').length;
      const severities = spec.corruption?.severities.length ?? 1;
      return networks * severities * batches(Math.min(spec.images ?? test, test));
    }
    default:
      return 0;
  }
}

/** Points that a job measures loss and error at. */
function measurements(spec: SpecOf<'measure' | 'connectivity' | 'surface'>): number {
  switch (spec.kind) {
    case 'measure':
      return 1;
    case 'connectivity':
      return spec.ends === false ? spec.points - 2 : spec.points;
    case 'surface':
      return spec.size * (Math.min(spec.rows.to, spec.size) - spec.rows.from);
  }
}

/** Images that pass through the network at each of them. */
function imagesOf(plan: Plan, { task, trainingImages, testImages, statisticsImages }: Looks): number {
  const { splits, dataset } = plan.resolved;
  // An analysis may look at seeds that its first experiment does not have.
  const [some] = splits.values();
  const { training = 0 } = splits.get(task.split.seed) ?? some ?? {};
  const { test } = dataset;
  const reestimated = plan.model.statistics.length > 0 ? Math.min(statisticsImages ?? training, training) : 0;
  return Math.min(trainingImages, training) + Math.min(testImages ?? test, test) + reestimated;
}

function amount(
  plan: Plan,
  jobs: readonly PlannedJob[],
  stored: ReadonlySet<JobKey>,
  flopsOf: ReadonlyMap<JobKey, { dense: number; sparse: number }>,
) {
  const total = {
    jobs: 0,
    jobsStored: 0,
    trainings: 0,
    trainingsStored: 0,
    trainingFlops: { dense: 0, sparse: 0 },
    trainingFlopsToDo: { dense: 0, sparse: 0 },
    stepsToDo: 0,
  };
  for (const job of jobs) {
    const trainings = trainingsIn(job);
    const flops = flopsOf.get(job.key) ?? { dense: 0, sparse: 0 };
    total.jobs += 1;
    total.trainings += trainings;
    total.trainingFlops.dense += flops.dense;
    total.trainingFlops.sparse += flops.sparse;
    if (stored.has(job.key)) {
      total.jobsStored += 1;
      total.trainingsStored += trainings;
    } else {
      total.trainingFlopsToDo.dense += flops.dense;
      total.trainingFlopsToDo.sparse += flops.sparse;
      total.stepsToDo += trainingIterations(plan, job);
    }
  }
  return total;
}

/**
 * What a plan costs and how much of it the store holds already.
 * @param stored keys of finished jobs
 * @param timings from a timed first step; `null` where none was taken
 */
export function estimate(
  plan: Plan,
  stored: ReadonlySet<JobKey>,
  timings: Timings | null,
  workers = 1,
): PlanEstimate {
  const byArm = new Map<string, { kind: string; keys: Set<JobKey> }>();
  for (const { arm, kind, links } of plan.runs) {
    const keys = byArm.get(arm)?.keys ?? new Set();
    for (const { job } of links) keys.add(job);
    byArm.set(arm, { kind, keys });
  }
  // Once for all arms that a job is of.
  const flops = new Map(plan.jobs.map((job) => [job.key, trainingFlops(plan, job)]));
  const toDo = plan.jobs.filter(({ key }) => !stored.has(key));
  const seconds =
    timings &&
    wallSeconds(
      toDo.map((job) => ({
        key: job.key,
        after: job.inputs.map((input) => input.job),
        seconds: jobSeconds(plan, job, timings),
      })),
      workers,
    );
  return {
    ...amount(plan, plan.jobs, stored, flops),
    arms: [...byArm].map(([arm, { kind, keys }]) => ({
      arm,
      kind,
      ...amount(
        plan,
        plan.jobs.filter(({ key }) => keys.has(key)),
        stored,
        flops,
      ),
    })),
    rounds: plan.rounds.map((round) => ({ ...round })),
    denominator: { ...plan.denominator },
    seconds,
    timings: timings && { ...timings },
    workers,
    diskBytes: toDo.reduce((sum, job) => sum + jobBytes(plan, job), 0),
  };
}

/**
 * What plans cost that run one after another: what an earlier one trains the later ones find stored.
 * @param stored keys of finished jobs, of any of the plans
 */
export function estimateSweep(
  experiments: readonly { readonly plan: Plan; readonly workers: number; readonly timings: Timings | null }[],
  stored: ReadonlySet<JobKey>,
): SweepEstimate {
  const known = new Set(stored);
  const estimates = experiments.map(({ plan, workers, timings }) => {
    const own = estimate(plan, known, timings, workers);
    for (const { key } of plan.jobs) known.add(key);
    return own;
  });
  const trainings = new Map(
    experiments.flatMap(({ plan }) => plan.jobs.map((job) => [job.key, trainingsIn(job)] as const)),
  );
  const sum = (of: (each: PlanEstimate) => number): number => total(estimates.map(of));
  return {
    experiments: estimates,
    trainings: total([...trainings.values()]),
    trainingsStored: total([...trainings].map(([key, count]) => (stored.has(key) ? count : 0))),
    trainingFlopsToDo: {
      dense: sum((each) => each.trainingFlopsToDo.dense),
      sparse: sum((each) => each.trainingFlopsToDo.sparse),
    },
    seconds: estimates.every(({ seconds }) => seconds !== null) ? sum(({ seconds }) => seconds ?? 0) : null,
    diskBytes: sum((each) => each.diskBytes),
  };
}
