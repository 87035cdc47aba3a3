import type { DraftProblem, DraftReading, PlanMode } from '../contract/api/plans.ts';
import { ConfigError } from '../contract/errors.ts';
import type { ExperimentConfig } from '../contract/experiment.ts';
import type { ExperimentId, JobKey } from '../contract/ids.ts';
import { Recipe, type NamedSpec } from '../contract/recipe.ts';
import { aliveCounts, schedules } from '../pruning/schedules/registry.ts';
import { absoluteOwn } from '../own/own.ts';
import type { ArmContext, Made, Round, Training } from './arms/arm.ts';
import { arms, openArm, type Arm } from './arms/registry.ts';
import { resolveLocations } from './config.ts';
import { describeConfig } from './describe.ts';
import { settingsThatDiffer, settingText } from './differences.ts';
import { plainPath, problemOf } from './draft-problems.ts';
import { againstExtension } from './extend.ts';
import { isRecord, Problems } from './problems.ts';
import type { Prepared } from './studio.ts';
import { readSweep, type Variant } from './sweep.ts';

/** A configuration as somebody writes it. */
export interface Draft {
  readonly raw: unknown;
  readonly mode: PlanMode;
}

/** What a draft stands for. */
export interface ReadDraft {
  /** As it is written: names a sweep. */
  readonly name: string;
  /** None where there is a problem. */
  readonly variants: readonly Variant[];
  readonly problems: readonly DraftProblem[];
  /** The experiment that it is made from, or that grows. */
  readonly base: { readonly id: ExperimentId; readonly prepared: Prepared } | null;
}

/** Weights of a network of no size in particular: so many that fractions come out as they are written. */
const MANY = 1e9;

/**
 * Reads a draft, needing neither data nor an engine. Problems are told, not thrown.
 * @param stored the plan of a stored experiment. @throws ConfigError where there is none.
 * @param folder what relative paths start from
 */
export function readDraft(
  { raw, mode }: Draft,
  stored: (id: ExperimentId) => Prepared,
  folder = process.cwd(),
): ReadDraft {
  let base: ReadDraft['base'] = null;
  const written = partOf(raw, 'name');
  const name = typeof written === 'string' ? written : '';
  try {
    base = baseOf(mode, stored);
    const { variants: read, problems } = readSweep(absoluteOwn(raw, folder));
    const variants = read.map(({ config, ...rest }) => ({
      ...rest,
      config: resolveLocations(config, folder),
    }));
    const found = problems.map(({ path, message }) => ({ path: plainPath(path), message, hint: '' }));
    if (mode.kind === 'extend' && base) found.push(...extensionProblems(base, variants));
    found.push(...engineProblems(variants));
    return { name, variants: found.length > 0 ? [] : variants, problems: found, base };
  } catch (error) {
    return { name, variants: [], problems: [problemOf(error)], base };
  }
}

function baseOf(mode: PlanMode, stored: (id: ExperimentId) => Prepared): ReadDraft['base'] {
  if (mode.kind === 'new') return null;
  const id = mode.kind === 'fork' ? mode.from : mode.experiment;
  return { id, prepared: stored(id) };
}

/** A sweep runs on one engine. */
function engineProblems(variants: readonly Variant[]): DraftProblem[] {
  const engines = [...new Set(variants.map(({ config }) => config.engine))];
  if (engines.length < 2) return [];
  const message = `${JSON.stringify(engines)} are several engines; a sweep runs on one`;
  return [{ path: ['engine'], message, hint: 'Start it once for each.' }];
}

function extensionProblems(
  { id, prepared }: NonNullable<ReadDraft['base']>,
  variants: readonly Variant[],
): DraftProblem[] {
  const [variant, ...others] = variants;
  if (!variant) return [];
  if (others.length > 0) {
    const [path = ''] = variant.choices.map((choice) => choice.path);
    const message = `several values make several experiments, and ${id} is one`;
    return [{ path: path.split('.'), message, hint: 'Fork it with them instead.' }];
  }
  const against = againstExtension(id, prepared, variant.config);
  if (!against) return [];
  const { message, settings } = against;
  const hint =
    settings.length === 0 && !message.startsWith('name')
      ? 'Add rounds, seeds, arms or particles.'
      : 'An extension only adds. Fork it instead: what is equal is shared.';
  if (settings.length === 0) return [problemOf(new ConfigError(message, hint))];
  return settings.map(({ path, lost }) => ({ path: path.split('.'), message: lost, hint }));
}

/** All that can be told of a draft while it is typed. */
export function describeDraft(draft: Draft, { variants, problems, base }: ReadDraft): DraftReading {
  const [first] = variants;
  const config = first && variants.length === 1 ? first.config : null;
  const rounds = roundsOf(first?.config.sparsity ?? partOf(draft.raw, 'sparsity'));
  return {
    problems: [...problems],
    config,
    variants: variants.map(({ name, choices }) => ({
      name,
      choices: Object.fromEntries(choices.map(({ path, value }) => [path, value])),
    })),
    about: commonLines(variants.map((variant) => variant.config)),
    arms: armsOf(first?.config.arms ?? partOf(draft.raw, 'arms'), recipeOf(first), rounds),
    rounds: rounds.map(({ round, sparsity }) => ({ round, sparsity })),
    changes: base && first ? changesOf(base.prepared.config, first.config) : [],
  };
}

function partOf(raw: unknown, key: string): unknown {
  return isRecord(raw) ? raw[key] : undefined;
}

/** Lines that are the same for all. */
function commonLines(configs: readonly ExperimentConfig[]): DraftReading['about'] {
  const [first = [], ...others] = configs.map(describeConfig);
  return first.filter((line) =>
    others.every((lines) => lines.some(({ label, text }) => label === line.label && text === line.text)),
  );
}

function changesOf(before: ExperimentConfig, after: ExperimentConfig): DraftReading['changes'] {
  return settingsThatDiffer([before, after]).map(({ path, values: [was, is] }) => ({
    path,
    before: settingText(path, was),
    after: settingText(path, is),
  }));
}

/** Rounds of a schedule that may be half-typed; none where it says nothing yet. */
function roundsOf(raw: unknown): Round[] {
  const problems = new Problems();
  const spec = problems.choose(schedules, 'sparsity schedule', raw, ['sparsity']);
  if (!spec) return [];
  return aliveCounts(spec, MANY).map((alive, round) => ({ round, alive, sparsity: (MANY - alive) / MANY }));
}

/** The recipe; where none can be read yet, one of no meaning, as how often an arm trains does not hang on it. */
function recipeOf(first: Variant | undefined): Recipe {
  return first?.config.recipe ?? Recipe.parse({ learningRate: 0.1, batch: 1, epochs: 1 });
}

/** The arms that can be read, each with its trainings in each round. */
function armsOf(raw: unknown, recipe: Recipe, rounds: readonly Round[]): DraftReading['arms'] {
  if (!Array.isArray(raw)) return [];
  return raw.flatMap((each: unknown, index) => {
    const spec: NamedSpec | undefined = new Problems().choose(arms, 'arm', each, ['arms', index]);
    if (!spec) return [];
    const arm = openArm(spec);
    return [{ index, kind: arm.kind, label: arm.label, trainings: trainingsOf(arm, recipe, rounds) }];
  });
}

/** A training that is long enough for whatever an arm does in it: how often it trains does not hang on that. */
const LONG = { iterations: 1_000_000, iterationsPerEpoch: 1000 };

/** Trainings in each round; an arm without pruning has only the first. */
function trainingsOf(arm: Arm, recipe: Recipe, rounds: readonly Round[]): number[] {
  const counts: number[] = [];
  const made: Made = { job: '' as JobKey, output: '' };
  const nothing = (): Made => made;
  const context: ArmContext = {
    rounds,
    recipe,
    scope: undefined,
    swa: { start: 0.5, learningRate: 0.05, every: 'epoch' },
    span: LONG,
    startMask: null,
    initialisation: nothing,
    ticket: nothing,
    train: ({ round }: Training) => {
      counts[round] = (counts[round] ?? 0) + 1;
      return made;
    },
    group({ round, particles }) {
      counts[round] = (counts[round] ?? 0) + particles;
      return { solutions: Array.from({ length: particles }, nothing), mask: made };
    },
    average: nothing,
    evaluateParticle: nothing,
    evaluate: nothing,
    ensemble: () => undefined,
    prune: nothing,
    score: nothing,
    soup: nothing,
    pool: nothing,
    connect: () => undefined,
  };
  try {
    if (rounds.length > 0) arm.plan(context);
  } catch (error) {
    // What does not fit together is told where the experiment is planned.
    if (!(error instanceof ConfigError)) throw error;
  }
  return counts;
}
