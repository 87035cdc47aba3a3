import path from 'node:path';
import { z } from 'zod';
import { AUTO, namings } from '../checkpoint/names/registry.ts';
import { ExperimentConfig } from '../contract/experiment.ts';
import { Start } from '../contract/start.ts';
import { Recipe, Swa, Ticket, type NamedSpec } from '../contract/recipe.ts';
import { datasets } from '../datasets/registry.ts';
import { models } from '../models/registry.ts';
import { criteria } from '../pruning/criteria/registry.ts';
import { schedules } from '../pruning/schedules/registry.ts';
import { scopes } from '../pruning/scopes/registry.ts';
import { learningRates } from '../training/learning-rate/registry.ts';
import { arms, openArm, slugsOf } from './arms/registry.ts';
import { canonical } from './keys.ts';
import { milestonesBeyond } from './milestones.ts';
import { chooseOwnable, withAbsoluteLocation } from './own-choice.ts';
import { isRecord, Problems, problemText, refuse, show, type Problem } from './problems.ts';

/** What to do about a configuration that cannot be read. */
export const CONFIG_HINT =
  'Correct the value (in the file, or with --set path=value); docs/experiment-file.md lists every key, `swamp presets` complete examples.';

/** Fields of an experiment file that are read by their schema alone. */
const { name, split, initialisation, pruneClassifier, prunable, threads, workers, engine } =
  ExperimentConfig.shape;
const PLAIN: Readonly<Record<string, z.ZodType<unknown>>> = {
  name,
  split,
  initialisation,
  pruneClassifier,
  prunable,
  threads,
  workers,
  engine,
};

const KEYS = Object.keys(ExperimentConfig.shape);

type Fields = Record<string, unknown>;

/** The standard: a fifth of what is left goes each round; 18 rounds end at 98.2 %. */
const SPARSITY = { kind: 'geometric', fraction: 0.2, rounds: 18 };
const CRITERION = { kind: 'magnitude' };

/** `own` over `defaults`, nested objects field by field; another `kind` brings none of the default's options. */
function merge(defaults: unknown, own: unknown): unknown {
  if (own === undefined) return defaults;
  if (!isRecord(defaults) || !isRecord(own)) return own;
  if (own['kind'] !== undefined && own['kind'] !== defaults['kind']) return own;
  const merged: Fields = { ...defaults };
  for (const [key, value] of Object.entries(own)) merged[key] = merge(defaults[key], value);
  return merged;
}

/** Recipe over the model's default; its schedule is a choice from a registry. */
function readRecipe(defaults: unknown, raw: unknown, problems: Problems): Recipe | undefined {
  const named = isRecord(raw) && typeof raw['schedule'] === 'string';
  const own = named ? { ...raw, schedule: { kind: raw['schedule'] } } : raw;
  const merged = merge(defaults, own);
  const recipe = problems.check(Recipe, merged, ['recipe']);
  const chosen = recipe?.schedule ?? (isRecord(merged) ? merged['schedule'] : undefined);
  if (chosen === undefined) return undefined;
  const schedule = problems.choose(learningRates, 'learning-rate schedule', chosen, ['recipe', 'schedule']);
  if (recipe && schedule) checkMilestones(schedule, recipe.epochs, problems);
  if (recipe) checkParts(recipe, problems);
  if (recipe) checkNesterov(recipe, problems);
  return recipe && schedule && { ...recipe, schedule };
}

/** Parts of a batch are of one size, or their equal weights would not give the batch's mean. */
function checkParts({ batch, accumulate }: Recipe, problems: Problems): void {
  if (batch % accumulate === 0) return;
  const fitting = Array.from({ length: accumulate }, (_, at) => accumulate - at).find(
    (parts) => batch % parts === 0,
  );
  problems.add(
    ['recipe', 'accumulate'],
    `a batch of ${batch} images cannot be divided into ${accumulate} equal parts; give a divisor of it, such as ${fitting}`,
  );
}

/** Without momentum it would be plain SGD under another name. */
function checkNesterov({ optimizer: { momentum, nesterov } }: Recipe, problems: Problems): void {
  if (!nesterov || momentum > 0) return;
  problems.add(
    ['recipe', 'optimizer', 'nesterov'],
    'true needs momentum, but recipe.optimizer.momentum is 0; give one above 0, such as 0.9, or false here',
  );
}

/**
 * A default made for 160 epochs, left alone when somebody trains for ten, would never lower the rate: that is
 * said, not done.
 */
function checkMilestones(schedule: NamedSpec, epochs: number, problems: Problems): void {
  for (const { index, epoch } of milestonesBeyond(schedule, epochs)) {
    problems.add(
      ['recipe', 'schedule', 'milestones', index],
      `epoch ${epoch} never comes: recipe.epochs is ${epochs}; give earlier milestones or another recipe.schedule`,
    );
  }
}

/** A length of one's own, in epochs or iterations, replaces the default's whichever way that is given. */
function readTicket(defaults: Ticket | undefined, raw: unknown, problems: Problems): Ticket | undefined {
  const own = isRecord(raw) && (raw['epochs'] !== undefined || raw['iterations'] !== undefined);
  const { epochs: _epochs, iterations: _iterations, ...rest } = defaults ?? {};
  return problems.check(Ticket, merge(own ? rest : defaults, raw), ['ticket']);
}

/** Arms as written, each checked by its own schema. */
function readArms(raw: unknown, problems: Problems): ExperimentConfig['arms'] | undefined {
  const list = problems.check(
    z.array(z.unknown(), {
      error: `${raw === undefined ? 'missing; it' : show(raw)} must be a list in brackets, for example ["imp", {"kind": "swamp", "particles": 4}]`,
    }),
    raw,
    ['arms'],
  );
  if (!list) return undefined;
  if (list.length === 0)
    problems.add(['arms'], `must name at least one arm; known arms: ${[...arms.keys()].join(', ')}`);
  const read = list.map((arm, index) => problems.choose(arms, 'arm', arm, ['arms', index]));
  const open = read.flatMap((spec, index) => (spec ? [{ index, spec, ...openArm(spec) }] : []));
  const slugs = slugsOf(open);
  const seen = new Map<string, number>();
  for (const [at, { index, spec, label }] of open.entries()) {
    // Specs are never slugs: they begin with a brace.
    const [text, slug = ''] = [canonical(spec), slugs[at]];
    const same = seen.get(text) ?? seen.get(slug);
    if (same !== undefined) problems.add(['arms', index], `${label} is already`, { other: ['arms', same] });
    seen.set(text, index);
    seen.set(slug, index);
  }
  const complete = read.filter((spec) => spec !== undefined);
  return complete.length === read.length && complete.length > 0 ? complete : undefined;
}

function readSeeds(raw: unknown, problems: Problems): number[] | undefined {
  const seeds = problems.check(ExperimentConfig.shape.seeds, raw, ['seeds']);
  for (const [index, seed] of (seeds ?? []).entries()) {
    const first = seeds?.indexOf(seed);
    if (first === undefined || first === index) continue;
    problems.add(['seeds', index], `seed ${seed} is already`, { other: ['seeds', first] });
  }
  return seeds;
}

function readStart(raw: unknown, problems: Problems): Start | undefined {
  if (raw === undefined) return undefined;
  const start = problems.check(Start, raw, ['start']);
  const kinds = [AUTO, ...namings.keys()];
  if (start && !kinds.includes(start.names))
    problems.add(
      ['start', 'names'],
      `there is no naming "${start.names}"; known namings: ${kinds.join(', ')}`,
    );
  return start;
}

/** The standard, global, is left out: so it was before there were others. */
function readScope(raw: unknown, problems: Problems): NamedSpec | undefined {
  if (raw === undefined) return undefined;
  const scope = problems.choose(scopes, 'scope', raw, ['scope']);
  return scope?.kind === 'global' ? undefined : scope;
}

/** A configuration, or why there is none. */
export interface ConfigReading {
  /** `null` where there is a problem. */
  readonly config: ExperimentConfig | null;
  readonly problems: readonly Problem[];
}

/**
 * Reads an experiment file and fills in every default: the model's recipe, ticket and SWA phase, geometric
 * pruning of 20 % a round by magnitude. Reading what it returns gives the same again. Files of the user's own that
 * it names are run.
 * @param folder what relative paths of such files start from
 * @throws ConfigError one message with every problem: where, which value, and what is allowed
 */
export function parseConfig(raw: unknown, folder = process.cwd()): ExperimentConfig {
  const { config, problems } = readConfig(raw, folder);
  refuse(problems.map(problemText), CONFIG_HINT);
  if (!config) throw new Error('unreachable');
  return config;
}

/** The same, telling problems one by one. */
export function readConfig(raw: unknown, folder = process.cwd()): ConfigReading {
  const problems = new Problems();
  if (!isRecord(raw)) {
    problems.add([], `an experiment is an object in braces, not ${show(raw)}`, { misfit: true });
    return { config: null, problems: problems.list };
  }
  // Unknown keys first: they are what a typing mistake looks like.
  const known = Object.fromEntries(Object.entries(raw).filter(([key]) => KEYS.includes(key)));
  problems.check(z.strictObject(allUnknown()), raw, []);
  const plain: Fields = {};
  for (const [key, schema] of Object.entries(PLAIN)) plain[key] = problems.check(schema, known[key], [key]);
  const start = readStart(known['start'], problems);
  const seeds = readSeeds(known['seeds'], problems);
  const dataset = chooseOwnable(datasets, 'dataset', known['dataset'], folder, problems);
  const model = chooseOwnable(models, 'model', known['model'], folder, problems);
  const defaults = model && models.find(model)?.defaults;
  // Without a model there are no defaults, and complaints about what they would have filled in help nobody.
  const recipe = defaults && readRecipe(defaults.recipe, known['recipe'], problems);
  const ticket = defaults && readTicket(defaults.ticket, known['ticket'], problems);
  const swa = defaults && problems.check(Swa, merge(defaults.swa, known['swa']), ['swa']);
  const sparsity = problems.choose(schedules, 'sparsity schedule', known['sparsity'] ?? SPARSITY, [
    'sparsity',
  ]);
  const criterion = chooseOwnable(criteria, 'criterion', known['criterion'] ?? CRITERION, folder, problems);
  const scope = readScope(known['scope'], problems);
  const armList = readArms(known['arms'], problems);
  if (problems.list.length > 0) return { config: null, problems: problems.list };
  const config = ExperimentConfig.parse({
    ...plain,
    dataset,
    model,
    recipe,
    ticket,
    swa,
    sparsity,
    criterion,
    scope,
    arms: armList,
    seeds,
    start,
  });
  return { config, problems: [] };
}

/** Every known key, its value not looked at. */
function allUnknown(): Record<string, z.ZodOptional<z.ZodUnknown>> {
  return Object.fromEntries(KEYS.map((key) => [key, z.unknown().optional()]));
}

/**
 * The configuration with the paths of data and of files to start from absolute, so that an experiment can go on from another folder.
 * @param folder what relative paths start from
 */
export function resolveLocations(config: ExperimentConfig, folder: string): ExperimentConfig {
  const dataset = withAbsoluteLocation(config.dataset, folder);
  const { start } = config;
  if (!start) return { ...config, dataset };
  const { weights, mask, names } = start;
  const absolute = {
    ...(weights === undefined ? {} : { weights: path.resolve(folder, weights) }),
    ...(mask === undefined ? {} : { mask: path.resolve(folder, mask) }),
    names,
  };
  return { ...config, dataset, start: absolute };
}
