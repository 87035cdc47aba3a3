import { ConfigError, DataError } from '../contract/errors.ts';
import type { ExperimentConfig } from '../contract/experiment.ts';
import type { ExperimentId } from '../contract/ids.ts';
import { openArm } from './arms/registry.ts';
import { settingsThatDiffer, settingText, type DifferingSetting } from './differences.ts';
import { canonical } from './keys.ts';
import { planExperiment, planNew, type Plan, type PlannedRun } from './plan.ts';
import { isRecord } from './problems.ts';
import {
  backendOf,
  requireSameData,
  resolvedOf,
  type ResolvedData,
  type StoredResolution,
} from './resolve.ts';
import type { Prepared } from './studio.ts';

/** What is to be added to an experiment, beside single settings. */
export interface Additions {
  /** R, the last round: as in `sparsity.rounds`. */
  readonly rounds?: number | undefined;
  readonly seeds?: readonly number[] | undefined;
  /** As in a configuration. */
  readonly arms?: readonly unknown[] | undefined;
  /** An arm `swamp` with so many particles for each that is there, its other settings the same. */
  readonly particles?: number | undefined;
}

const KIND_OF_PARTICLES = 'swamp';

/**
 * The stored configuration with additions, still to be read by `parseConfig`. What is there already is not added again.
 * @throws ConfigError where the schedule has no number of rounds.
 */
export function withAdditions(config: ExperimentConfig, additions: Additions): unknown {
  const { rounds, seeds = [], arms = [], particles } = additions;
  const sparsity = { ...config.sparsity };
  if (rounds !== undefined) {
    if (sparsity['rounds'] === undefined) {
      throw new ConfigError(
        `--rounds ${rounds}: a schedule of kind "${sparsity.kind}" has no number of rounds`,
        'Give all its options, for example --set sparsity.sparsities=[0.2,0.36,0.49].',
      );
    }
    sparsity['rounds'] = rounds;
  }
  const added = [...arms, ...(particles === undefined ? [] : withParticles(config, particles))];
  return {
    ...config,
    sparsity,
    arms: [...config.arms, ...added],
    seeds: [...config.seeds, ...seeds.filter((seed) => !config.seeds.includes(seed))],
  };
}

/** The arms of SWAMP that are there, with another number of particles; those that are there with it already left out. */
function withParticles({ arms }: ExperimentConfig, particles: number): unknown[] {
  const there = arms.filter(({ kind }) => kind === KIND_OF_PARTICLES);
  const wanted = (there.length > 0 ? there : [{ kind: KIND_OF_PARTICLES }]).map((arm) => ({
    ...arm,
    particles,
  }));
  const labels = new Set(arms.map((arm) => openArm(arm).label));
  return wanted.filter((arm) => {
    // Wrong numbers are for parseConfig to tell.
    if (!Number.isSafeInteger(particles) || particles < 1) return true;
    const { label } = openArm(arm);
    if (labels.has(label)) return false;
    labels.add(label);
    return true;
  });
}

/**
 * Whether an experiment can grow into a configuration, all that it has staying what it is: every run is there with the
 * jobs it has, round by round, and more may follow. Needs no data.
 * @throws ConfigError naming the settings that would change or drop something, or where nothing would change.
 */
export function checkExtension(id: ExperimentId, stored: Prepared, config: ExperimentConfig): void {
  const against = againstExtension(id, stored, config);
  if (against) throw new ConfigError(against.message, against.hint);
}

/** Why an experiment cannot grow into a configuration. */
export interface AgainstExtension {
  readonly message: string;
  readonly hint: string;
  /** The settings that would change or drop something, dotted, where single ones would, and what. */
  readonly settings: readonly { readonly path: string; readonly lost: string }[];
}

/** As `checkExtension`; `null` where nothing stands against it. */
export function againstExtension(
  id: ExperimentId,
  stored: Prepared,
  config: ExperimentConfig,
): AgainstExtension | null {
  if (config.name !== stored.config.name) {
    return {
      message: 'name: an experiment keeps its name',
      hint: `\`swamp fork ${id} --name NAME\` makes another one.`,
      settings: [],
    };
  }
  const settings = settingsThatDiffer([stored.config, config]);
  if (settings.length === 0) {
    return {
      message: `nothing to add: ${id} has all of this already`,
      hint: `Give more rounds, seeds, arms or particles (--rounds, --seeds, --arm, --particles, --set); \`swamp resume ${id}\` goes on with what is not finished.`,
      settings: [],
    };
  }
  const refusal = lostBy(stored, config);
  if (refusal === null) return null;
  const alone = choices(settings).flatMap((path) => {
    const lost = lostBy(stored, withValue(stored.config, path, valueAt(config, path)));
    return lost === null ? [] : [{ path, lost }];
  });
  const change = (path: string): string =>
    [stored.config, config].map((each) => settingText(path, valueAt(each, path))).join(' → ');
  const lines =
    alone.length > 0
      ? alone.map(({ path, lost }) => `${path} ${change(path)}: ${lost}`)
      : [`${settings.map(({ path }) => `${path} ${change(path)}`).join(', ')}: ${refusal}`];
  return {
    message: `this would change what ${id} holds: ${lines.join('; ')}`,
    hint: `Extending only adds. \`swamp fork ${id}\` with the same changes makes another experiment and shares what is equal.`,
    settings: alone.map(({ path, lost }) => ({ path, lost: `${change(path)}: ${lost}` })),
  };
}

/**
 * Plans an experiment with more in it, under what was chosen when it was first planned.
 * @param data what the data say now, for all seeds.
 * @throws DataError where the data are not what they were; ConfigError as `checkExtension`.
 */
export function planExtension(
  id: ExperimentId,
  stored: Prepared,
  config: ExperimentConfig,
  data: ResolvedData,
): Prepared {
  checkExtension(id, stored, config);
  requireSameData(id, stored.resolution, data);
  requireSameStart(id, stored.resolution, data);
  const splits = { ...data.splits, ...stored.resolution.splits };
  const resolution = { ...underConfig(stored, config), splits };
  const there = new Set(stored.config.arms.map(canonical));
  const fresh = config.arms.filter((arm) => !there.has(canonical(arm)));
  return { config, resolution, plan: planNew({ config, resolved: resolvedOf(resolution) }, fresh) };
}

/** @throws DataError where the files that an experiment started from are not what they were. */
function requireSameStart(
  id: ExperimentId,
  { start: then }: StoredResolution,
  { start: now }: ResolvedData,
): void {
  for (const what of ['weights', 'mask'] as const) {
    if (then?.[what]?.digest === now?.[what]?.digest) continue;
    throw new DataError(
      `start.${what}: the file is not the one that ${id} was started from`,
      `Put it back, or make another experiment with \`swamp fork ${id}\`.`,
    );
  }
}

/** What was chosen when the experiment was planned, but for what the configuration now asks for by name. */
function underConfig(stored: Prepared, config: ExperimentConfig): StoredResolution {
  const { resolution, config: before } = stored;
  const asked = <Key extends 'threads' | 'workers' | 'engine'>(
    key: Key,
  ): ExperimentConfig[Key] | undefined => (config[key] === before[key] ? undefined : config[key]);
  const engine = asked('engine') ?? 'auto';
  const backend = engine === 'auto' ? resolution.backend : backendOf({ variant: engine });
  return {
    ...resolution,
    // WebAssembly has one.
    threads: backend === 'wasm' ? 1 : (asked('threads') ?? resolution.threads),
    workers: asked('workers') ?? resolution.workers,
    backend,
  };
}

/** What of an experiment would not stay what it is, in words; `null` where all does. */
function lostBy(stored: Prepared, config: ExperimentConfig): string | null {
  const dropped = stored.config.seeds.filter((seed) => !config.seeds.includes(seed));
  if (dropped.length > 0) return `seed ${dropped.join(', ')} would be dropped`;
  try {
    // New seeds have no split yet, and drop nothing.
    const known = { ...config, seeds: stored.config.seeds };
    const plan = planExperiment({ config: known, resolved: resolvedOf(underConfig(stored, config)) });
    return lost(stored.plan, plan);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

function lost(before: Plan, after: Plan): string | null {
  const runs = new Map(after.runs.map((run) => [`${run.slug}/${run.seed}`, run]));
  for (const run of before.runs) {
    const now = runs.get(`${run.slug}/${run.seed}`);
    if (!now) return `${run.arm} would be dropped`;
    if (now.rounds < run.rounds) return `${run.arm} has round ${run.rounds - 1}, which would be dropped`;
    const changed = firstChange(run, now);
    if (changed !== null) return `${run.arm} would be another from round ${changed} on`;
  }
  return null;
}

/** The first round of a run that is not what it was. The mask after what was the last round may be new. */
function firstChange(before: PlannedRun, after: PlannedRun): number | null {
  const text = ({ job, round, role, index }: PlannedRun['links'][number]): string =>
    [job, round, role, index].join();
  const [old, now] = [before, after].map(({ links }) => new Set(links.map(text)));
  const gone = before.links.filter((link) => !now?.has(text(link)));
  const more = after.links.filter(
    (link) =>
      link.round < before.rounds &&
      !(link.role === 'prune' && link.round === before.rounds - 1) &&
      !old?.has(text(link)),
  );
  // A mask is of the round that trains under it.
  const rounds = [...gone, ...more].map(({ round, role }) => (role === 'prune' ? round + 1 : round));
  return rounds.length === 0 ? null : Math.min(...rounds);
}

/** Paths of what differs. Where a choice is of another kind its options are no settings of their own. */
function choices(settings: readonly DifferingSetting[]): string[] {
  const kinds = settings.flatMap(({ path }) =>
    path.endsWith('.kind') ? [path.slice(0, -'.kind'.length)] : [],
  );
  const paths = settings.map(
    ({ path }) => kinds.find((kind) => path === kind || path.startsWith(`${kind}.`)) ?? path,
  );
  return [...new Set(paths)];
}

function valueAt(config: unknown, path: string): unknown {
  let value = config;
  for (const key of path.split('.')) value = isRecord(value) ? value[key] : undefined;
  return value;
}

/** The configuration with one setting changed; `undefined` takes it out. */
function withValue(config: ExperimentConfig, path: string, value: unknown): ExperimentConfig {
  const changed = structuredClone(config);
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let at: unknown = changed;
  for (const key of keys) at = isRecord(at) ? at[key] : undefined;
  if (isRecord(at)) at[last] = value;
  return changed;
}
