import { ConfigError } from '../contract/errors.ts';
import type { ExperimentConfig } from '../contract/experiment.ts';
import type { JobKey } from '../contract/ids.ts';
import type { PlannedJob, Task } from '../contract/job.ts';
import type { StartResolution } from '../contract/start.ts';
import { layOut, setOf, type Layout } from '../contract/parameters.ts';
import type { NamedSpec, Recipe } from '../contract/recipe.ts';
import type { JobRole } from '../contract/states.ts';
import { snapshotIterations, type Span } from '../averaging/swa.ts';
import { describeModel } from '../models/registry.ts';
import type { ModelDescription } from '../models/layers.ts';
import { aliveCounts } from '../pruning/schedules/registry.ts';
import { reachableCount } from '../pruning/scopes/registry.ts';
import { learningRateOf } from '../training/learning-rate/registry.ts';
import type { Round } from './arms/arm.ts';
import { openArm, slugsOf } from './arms/registry.ts';
import { JobBook, prunableOf, RunBuilder, type PlannedLink } from './builder.ts';
import { locationOf } from './own-choice.ts';

/** Training and validation images of a seed's split. */
export interface ResolvedSplit {
  readonly digest: string;
  readonly training: number;
  readonly validation: number;
}

/** What a probe, the data or a default chose. It is decided once, when an experiment is planned, and stored. */
export interface Resolved {
  readonly dataset: {
    readonly digest: string;
    /** Height, width, channels. */
    readonly shape: readonly number[];
    readonly classes: number;
    /** Test images. */
    readonly test: number;
  };
  /** By seed. */
  readonly splits: ReadonlyMap<number, ResolvedSplit>;
  /** Files that the experiment starts from. */
  readonly start?: StartResolution | undefined;
  readonly precision: Task['precision'];
  readonly backend: Task['backend'];
  readonly threads: number;
  /** Of a model from a user's file, so that what is stored can be looked at without running the file. */
  readonly model?: ModelDescription | undefined;
}

/** Arm × seed. */
export interface PlannedRun {
  /** Label, for example `swamp(4)`. */
  readonly arm: string;
  readonly slug: string;
  readonly kind: string;
  readonly spec: NamedSpec;
  /** Networks at inference. */
  readonly members: number;
  readonly seed: number;
  /** Number of rounds, round 0 included. */
  readonly rounds: number;
  readonly links: readonly PlannedLink[];
}

export interface Plan {
  /** Unique; inputs come before what takes them. Seed by seed, arm by arm, round by round. */
  readonly jobs: readonly PlannedJob[];
  readonly runs: readonly PlannedRun[];
  /** The schedule's rounds, 0 first. An arm without pruning has only the first. */
  readonly rounds: readonly Round[];
  readonly model: ModelDescription;
  readonly layout: Layout;
  readonly denominator: { readonly words: string; readonly weights: number };
  /** Steps an epoch, by seed. */
  readonly stepsPerEpoch: ReadonlyMap<number, number>;
  /** The experiment's; an arm may train by others. */
  readonly recipe: Recipe;
  readonly resolved: Resolved;
  /** Of an analysis: jobs that are its own, and not of the experiments that it looks at. */
  readonly own?: readonly JobKey[];
}

/** The job that makes the mask of a round's solution and member; `null` where nothing is pruned in it. */
export function maskJob({ links }: PlannedRun, round: number, member: number): JobKey | null {
  const of = (role: JobRole, at: number, index: number): PlannedLink | undefined =>
    links.find((each) => each.role === role && each.round === at && each.index === index);
  const begun = round === 0 ? of('start-mask', 0, 0) : of('prune', round - 1, member);
  return (of('mask', round, member) ?? begun)?.job ?? null;
}

/** Options of a data set that say what the data are, without where they lie. */
export function withoutLocation(dataset: NamedSpec): NamedSpec {
  const location = locationOf(dataset);
  const { kind, ...options } = dataset;
  return { kind, ...Object.fromEntries(Object.entries(options).filter(([key]) => !location.includes(key))) };
}

/** Sparsity of every round as exact counts. */
function planRounds({ sparsity, scope }: ExperimentConfig, layout: Layout, start?: number): Round[] {
  const { prunable } = layout;
  return aliveCounts(sparsity, prunable, start).map((asked, round) => {
    const alive = round === 0 ? asked : reachableCount(scope, asked, layout);
    if (alive < 1) {
      throw new ConfigError(
        `sparsity: round ${round} would leave ${alive} of ${prunable} weights`,
        'Use fewer rounds, a smaller fraction, or end the list at a lower sparsity.',
      );
    }
    return { round, alive, sparsity: (prunable - alive) / prunable };
  });
}

/** @throws ConfigError where masks may prune nothing of the model */
function checkPrunable(
  { prunable, model }: ExperimentConfig,
  { parameters, prunable: weights }: Layout,
): void {
  if (weights > 0) return;
  const switches = {
    convolutions: 'prunable.convolutions',
    dense: 'prunable.dense',
    classifier: 'pruneClassifier',
    embeddings: 'prunable.embeddings',
  };
  const has = new Set(parameters.map(setOf).filter((set) => set !== null));
  throw new ConfigError(
    `${prunable ? 'prunable' : 'pruneClassifier'}: no weight of the model ${model.kind} may be pruned`,
    has.size > 0
      ? `Set ${[...has].map((set) => switches[set]).join(' or ')} to true: that is what the model has.`
      : 'It has no kernels and no embeddings: take another model.',
  );
}

/** @throws ConfigError where the configuration names files to start from that were never read. */
function checkStart({ start }: ExperimentConfig, { start: read }: Resolved): void {
  for (const what of ['weights', 'mask'] as const) {
    if ((start?.[what] === undefined) === (read?.[what] === undefined)) continue;
    throw new ConfigError(
      `start.${what}: an experiment keeps what it was started from`,
      'Start another experiment with it, or fork this one.',
    );
  }
}

/** Steps an epoch on a split. */
function epochSteps(config: ExperimentConfig, split: ResolvedSplit): number {
  const steps = Math.floor(split.training / config.recipe.batch);
  if (steps > 0) return steps;
  throw new ConfigError(
    `recipe.batch: ${config.recipe.batch} is more than the ${split.training} training images`,
    'Use a smaller batch, more data, or a smaller validation fraction.',
  );
}

/**
 * Whether each arm's training can be what it says: an SWA phase with a snapshot, a warm-up that leaves room.
 * @throws ConfigError
 */
function checkSpans(config: ExperimentConfig, iterationsPerEpoch: number): void {
  const span = spanOf(config, iterationsPerEpoch);
  for (const spec of config.arms) {
    const swa = openArm(spec).swa(config.swa);
    if (swa) snapshotIterations({ ...span, swa });
    learningRateOf(config.recipe, swa, span);
  }
}

/** What is thrown of an arm names which of them it is: `arms: …` and `arms.swa: …` become `arms[1]: …`, `arms[1].swa: …`. */
function ofArm(index: number, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(error.message.replace(/^arms(?=[:.])/, `arms[${index}]`), error.hint);
  }
}

/** T, and the steps of an epoch. */
function spanOf({ recipe }: ExperimentConfig, iterationsPerEpoch: number): Span {
  return { iterations: recipe.epochs * iterationsPerEpoch, iterationsPerEpoch };
}

/** What an experiment is planned from. */
export interface Planning {
  readonly config: ExperimentConfig;
  readonly resolved: Resolved;
}

/**
 * Plans what is not stored yet. Arms that would do nothing of their own, or not what they say, are refused here and not in
 * `planExperiment`: what is stored was accepted once, and can be looked at ever after.
 * @param fresh those of the configuration's arms that are not stored; absent: all
 * @throws ConfigError as `planExperiment` as well
 */
export function planNew(planning: Planning, fresh = planning.config.arms): Plan {
  const { config } = planning;
  const plan = planExperiment(planning);
  const { recipe, swa } = config;
  for (const steps of new Set(plan.stepsPerEpoch.values())) {
    const context = { rounds: plan.rounds, recipe, swa, span: spanOf(config, steps) };
    for (const [index, spec] of config.arms.entries())
      if (fresh.includes(spec)) ofArm(index, () => openArm(spec).check(context));
  }
  return plan;
}

/**
 * All jobs of an experiment, before anything runs. Pure: the same configuration and the same `resolved` give
 * the same plan.
 * @throws ConfigError where the data or the model make the configuration impossible
 */
export function planExperiment({ config, resolved }: Planning): Plan {
  const { shape, classes, digest } = resolved.dataset;
  const model = resolved.model ?? describeModel(config.model, shape, classes);
  const layout = layOut(model.parameters, config.pruneClassifier, config.prunable);
  checkPrunable(config, layout);
  checkStart(config, resolved);
  const rounds = planRounds(config, layout, resolved.start?.mask?.alive);
  const dataset = withoutLocation(config.dataset);
  const arms = config.arms.map((spec) => ({ spec, arm: openArm(spec) }));
  const slugs = slugsOf(arms.map(({ arm }) => arm));
  const book = new JobBook();
  const runs: PlannedRun[] = [];
  const stepsPerEpoch = new Map<number, number>();
  for (const seed of config.seeds) {
    const split = resolved.splits.get(seed);
    if (!split) throw new Error(`no split was resolved for seed ${seed}`);
    const steps = epochSteps(config, split);
    stepsPerEpoch.set(seed, steps);
    checkSpans(config, steps);
    const { ticket } = config;
    const at = {
      seed,
      task: {
        dataset,
        datasetDigest: digest,
        split: { validation: config.split.validation, seed, digest: split.digest },
        model: config.model,
        ...prunableOf(config),
        precision: resolved.precision,
        backend: resolved.backend,
        threads: resolved.threads,
      },
      shape,
      classes,
      start: resolved.start,
      validation: split.validation,
      layout,
      span: spanOf(config, steps),
      ticketIterations: ticket.iterations ?? (ticket.epochs ?? 0) * steps,
    };
    for (const [index, { spec, arm }] of arms.entries()) {
      const builder = new RunBuilder(book, config, at, rounds);
      ofArm(index, () => arm.plan(builder));
      const { links } = builder;
      runs.push({
        arm: arm.label,
        slug: slugs[index] ?? arm.slug,
        kind: arm.kind,
        spec,
        members: arm.members,
        seed,
        rounds: 1 + links.reduce((last, { round }) => Math.max(last, round), 0),
        links,
      });
    }
  }
  return {
    jobs: book.jobs,
    runs,
    rounds,
    model,
    layout,
    denominator: { words: layout.denominator, weights: layout.prunable },
    stepsPerEpoch,
    recipe: config.recipe,
    resolved,
  };
}
