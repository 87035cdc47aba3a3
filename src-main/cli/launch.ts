import type { Client } from '../contract/api/index.ts';
import { ConfigError, ExitCode } from '../contract/errors.ts';
import type { SweepEstimate } from '../contract/estimate.ts';
import type { ExperimentConfig } from '../contract/experiment.ts';
import type { ExperimentId } from '../contract/ids.ts';
import type { EngineBuild } from '../contract/job.ts';
import type { EngineVariant } from '../engine/provision/index.ts';
import { canonical } from '../experiment/keys.ts';
import type { ResolvedData } from '../experiment/resolve.ts';
import { estimatePlans, type Prepared, type Studio } from '../experiment/studio.ts';
import type { Variant } from '../experiment/sweep.ts';
import { readData } from './data-loading.ts';
import { follow } from './follow.ts';
import { ensureHost } from './host.ts';
import type { Output } from './output.ts';
import { planText, sweepText, type Line, type PlannedVariant } from './plan-text.ts';
import { withService, type Host } from './service.ts';
import { checkLibrary, engineFor, interruptible, withPlanningStudio, type CommonOptions } from './session.ts';
import { followSweep } from './sweep.ts';

export interface LaunchOptions extends CommonOptions {
  readonly dryRun?: boolean;
  /** Start it in the background and return. */
  readonly detach?: boolean;
}

/** What there is to say of a plan, for people and in JSON. */
export interface About {
  readonly lines: readonly Line[];
  readonly json: Readonly<Record<string, unknown>>;
}

/** What is to be run: one experiment, or the several of a sweep. */
export interface Launch {
  /** Names a sweep. */
  readonly name: string;
  readonly variants: readonly Variant[];
  readonly engine: EngineVariant;
  /** The experiment it is made from. */
  readonly origin: ExperimentId | null;
  /** Settles what defaults leave open, and plans. */
  readonly prepare: (
    config: ExperimentConfig,
    data: ResolvedData,
    engine: Pick<EngineBuild, 'variant'>,
  ) => Prepared;
  readonly about?: (prepared: readonly Prepared[]) => About;
  /** Stores and queues one experiment; absent: as a new one. */
  readonly submit?: (client: Client, prepared: Prepared) => Promise<ExperimentId>;
}

/** Says what would run and what it costs, then runs it and follows it to its end. */
export async function launch(what: Launch, options: LaunchOptions, output: Output): Promise<ExitCode> {
  // What can be wrong is looked at from the cheapest to the dearest; until all is well nothing is made or stored.
  const data = await interruptible((signal) => loadAll(what, signal));
  for (const note of new Set(data.flatMap(({ notes = [] }) => notes))) output.note(note);
  // What no plan can be made of is told before minutes of provisioning; which engine it is changes nothing there.
  prepareAll(what, data, { variant: 'cpu' });
  if (!options.dryRun) checkLibrary(options);
  return await interruptible(async (signal) => {
    const engine = await engineFor(what.engine, signal);
    const variants = prepareAll(what, data, engine);
    const about = what.about?.(variants.map(({ prepared }) => prepared)) ?? { lines: [], json: {} };
    const cost = (studio: Studio): Promise<SweepEstimate> => estimateAll(studio, variants, output, signal);
    if (options.dryRun) {
      return await withPlanningStudio(options, engine, output, async (studio) => {
        tell(what, variants, await cost(studio), about, output);
        return ExitCode.ok;
      });
    }
    if (options.detach) await ensureHost(options);
    return await withService({ ...options, create: true, engine }, output, async (host) => {
      const [first] = variants;
      if (!first) throw new Error('nothing to run');
      const estimate = await host.withStudio(first.prepared.resolution, signal, cost);
      output.note(costText(variants, estimate, about));
      signal.throwIfAborted();
      return await start(what, variants, { host, estimate, detach: options.detach ?? false }, output, signal);
    });
  });
}

async function start(
  {
    name,
    origin,
    submit = (client, { config, resolution }) => submitNew(client, { config, resolution, origin }),
  }: Launch,
  variants: readonly PlannedVariant[],
  { host, estimate, detach }: { host: Host; estimate: SweepEstimate; detach: boolean },
  output: Output,
  signal: AbortSignal,
): Promise<ExitCode> {
  const [first] = variants;
  if (first && variants.length === 1) {
    const experiment = await submit(host.client, first.prepared);
    return detach ? left(host, experiment, output) : await follow(host, experiment, output, signal);
  }
  const { sweep, experiments } = await host.client.call('experiments.sweep', {
    name,
    origin,
    experiments: variants.map(({ prepared: { config, resolution } }) => ({ config, resolution })),
  });
  if (detach) return leftSweep(host, sweep, experiments, output);
  const seconds = estimate.experiments.map((each) => each.seconds ?? 0);
  return await followSweep(host, { sweep, experiments, seconds }, output, signal);
}

async function submitNew(
  client: Client,
  input: Pick<Prepared, 'config' | 'resolution'> & { origin: ExperimentId | null },
): Promise<ExperimentId> {
  return (await client.call('experiments.submit', input)).experiment;
}

/** The data of each variant; those that are the same are read once. */
async function loadAll({ variants }: Launch, signal: AbortSignal): Promise<ResolvedData[]> {
  const known = new Map<string, ResolvedData>();
  const all: ResolvedData[] = [];
  for (const { config } of variants) {
    const { dataset, split, seeds, start } = config;
    // What an experiment starts from is read with its model.
    const key = canonical(start ? { ...config, name: '' } : [dataset, split, seeds]);
    const data = known.get(key) ?? (await readData(config, signal));
    known.set(key, data);
    all.push(data);
  }
  return all;
}

/** @throws ConfigError as `prepare`, naming the experiment where there are several. */
function prepareAll(
  { variants, prepare }: Launch,
  data: readonly ResolvedData[],
  engine: Pick<EngineBuild, 'variant'>,
): PlannedVariant[] {
  return variants.map(({ name, choices, config }, at) => {
    const own = data[at];
    if (!own) throw new Error(`no data for ${name}`);
    try {
      return { name, choices, prepared: prepare(config, own, engine) };
    } catch (error) {
      if (!(error instanceof ConfigError) || variants.length === 1) throw error;
      throw new ConfigError(`${name}: ${error.message}`, error.hint, undefined, { cause: error });
    }
  });
}

async function estimateAll(
  studio: Studio,
  variants: readonly PlannedVariant[],
  output: Output,
  signal: AbortSignal,
): Promise<SweepEstimate> {
  const onProbe = (): void => output.note('Timing a training step');
  const timed = [];
  for (const { prepared } of variants) {
    timed.push({ prepared, timings: await studio.timings(prepared, { signal, onProbe }) });
  }
  return estimatePlans(studio.library, timed);
}

/** The result of a dry run. */
function tell(
  { name }: Launch,
  variants: readonly PlannedVariant[],
  estimate: SweepEstimate,
  about: About,
  output: Output,
): void {
  const told = variants.map(({ name: own, choices, prepared: { config } }, at) => ({
    name: own,
    choices: Object.fromEntries(choices.map(({ path, value }) => [path, value])),
    config,
    estimate: estimate.experiments[at],
  }));
  const [only] = told;
  const { experiments: _each, ...total } = estimate;
  const json =
    told.length === 1 && only
      ? { ...about.json, config: only.config, estimate: only.estimate }
      : { ...about.json, sweep: { name, experiments: told }, estimate: total };
  output.result(json, () => costText(variants, estimate, about));
}

function costText(variants: readonly PlannedVariant[], estimate: SweepEstimate, { lines }: About): string {
  const [variant] = variants;
  const [cost] = estimate.experiments;
  if (variants.length > 1 || !variant || !cost) return sweepText(variants, estimate, lines);
  return planText(variant.prepared, cost, lines);
}

/** It runs in the background. */
export function left({ attachedTo, library }: Host, experiment: ExperimentId, output: Output): ExitCode {
  output.result(
    { experiment, state: 'running', library: library.dir, host: attachedTo },
    () =>
      `${experiment} runs in process ${attachedTo}. \`swamp resume ${experiment}\` shows it, \`swamp logs ${experiment}\` tells what ` +
      `happened, \`swamp pause ${experiment}\` stops it.`,
  );
  return ExitCode.ok;
}

/** The same of a sweep. */
export function leftSweep(
  { attachedTo, library }: Host,
  sweep: string,
  experiments: readonly ExperimentId[],
  output: Output,
): ExitCode {
  output.result(
    { sweep, experiments, state: 'running', library: library.dir, host: attachedTo },
    () =>
      `${sweep} runs in process ${attachedTo}. \`swamp resume ${sweep}\` shows it, \`swamp show ${sweep}\` lists its ` +
      `experiments, \`swamp pause ${sweep}\` stops it.`,
  );
  return ExitCode.ok;
}
