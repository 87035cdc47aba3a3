import { relative } from 'node:path';
import { ConfigError, ExitCode } from '../contract/errors.ts';
import type { PlanEstimate } from '../contract/estimate.ts';
import type { ExperimentConfig } from '../contract/experiment.ts';
import type { ExperimentId } from '../contract/ids.ts';
import { parseConfig, resolveLocations } from '../experiment/config.ts';
import { describeConfig } from '../experiment/describe.ts';
import { applySet } from '../experiment/overrides.ts';
import { deviceText, type ResolvedData } from '../experiment/resolve.ts';
import { prepareExperiment, storedExperiment, type Prepared, type Studio } from '../experiment/studio.ts';
import { bytes, columns, duration, flops } from '../report/format.ts';
import { absoluteOwn, ownFiles, verifyOwn } from '../own/own.ts';
import type { Store } from '../store/store.ts';
import { readData, requireDataOf } from './data-loading.ts';
import { readExperiment } from './experiment-file.ts';
import { follow } from './follow.ts';
import { ensureHost } from './host.ts';
import type { Output } from './output.ts';
import { withService, type Host } from './service.ts';
import {
  checkLibrary,
  engineFor,
  interruptible,
  withLibrary,
  withPlanningStudio,
  type CommonOptions,
} from './session.ts';

export interface RunOptions extends CommonOptions {
  readonly set: readonly string[];
  readonly dryRun?: boolean;
  /** Start it in the background and return. */
  readonly detach?: boolean;
}

/** `swamp run PRESET|FILE` */
export async function run(experiment: string, options: RunOptions, output: Output): Promise<ExitCode> {
  // What can be wrong is looked at from the cheapest to the dearest; until all is well nothing is made or stored.
  const raw = applySet(absoluteOwn(...readExperiment(experiment)), options.set);
  const config = resolveLocations(parseConfig(raw), process.cwd());
  const data = await interruptible((signal) => readData(config, signal));
  for (const note of data.notes ?? []) output.note(note);
  // What no plan can be made of is told before minutes of provisioning; which engine it is changes nothing there.
  prepareExperiment(config, data, { variant: 'cpu' });
  if (options.dryRun) return await dryRun(config, data, options, output);
  checkLibrary(options);
  return await interruptible(async (signal) => {
    const engine = await engineFor(config.engine, signal);
    const prepared = prepareExperiment(config, data, engine);
    if (options.detach) await ensureHost(options);
    return await withService({ ...options, create: true, engine }, output, async (host) => {
      const { resolution } = prepared;
      const estimate = await host.withStudio(resolution, signal, (studio) =>
        timedEstimate(studio, prepared, output, signal),
      );
      output.note(planText(prepared, estimate));
      signal.throwIfAborted();
      const { experiment } = await host.client.call('experiments.submit', { config, resolution });
      return options.detach ? left(host, experiment, output) : await follow(host, experiment, output, signal);
    });
  });
}

async function dryRun(
  config: ExperimentConfig,
  data: ResolvedData,
  options: CommonOptions,
  output: Output,
): Promise<ExitCode> {
  return await interruptible(async (signal) => {
    const engine = await engineFor(config.engine, signal);
    const prepared = prepareExperiment(config, data, engine);
    return await withPlanningStudio(options, engine, output, async (studio) => {
      const estimate = await timedEstimate(studio, prepared, output, signal);
      output.result({ config, estimate }, () => planText(prepared, estimate));
      return ExitCode.ok;
    });
  });
}

async function timedEstimate(
  studio: Studio,
  prepared: Prepared,
  output: Output,
  signal: AbortSignal,
): Promise<PlanEstimate> {
  const onProbe = (): void => output.note('Timing a training step');
  return studio.estimate(prepared, await studio.timings(prepared, { signal, onProbe }));
}

/** `swamp resume [EXPERIMENT]` */
export async function resume(
  text: string | undefined,
  options: CommonOptions & { detach?: boolean },
  output: Output,
): Promise<ExitCode> {
  const experiment = await withLibrary(options, (library) => {
    const { store } = library;
    const found = text === undefined ? latestUnfinished(store) : store.findExperiment(text);
    verifyOwn(storedExperiment(library, found).config);
    return found;
  });
  checkLibrary(options);
  await requireDataOf(experiment, options);
  return await interruptible(async (signal) => {
    if (options.detach) await ensureHost(options);
    return await withService(options, output, async (host) => {
      await host.client.call('experiments.resume', { experiment });
      return options.detach ? left(host, experiment, output) : await follow(host, experiment, output, signal);
    });
  });
}

/** It runs in the background. */
function left({ attachedTo, library }: Host, experiment: ExperimentId, output: Output): ExitCode {
  output.result(
    { experiment, state: 'running', library: library.dir, host: attachedTo },
    () =>
      `${experiment} runs in process ${attachedTo}. \`swamp resume ${experiment}\` shows it, \`swamp logs ${experiment}\` tells what ` +
      `happened, \`swamp pause ${experiment}\` stops it.`,
  );
  return ExitCode.ok;
}

function latestUnfinished(store: Store): ExperimentId {
  const [latest] = store.experiments().filter(({ state }) => state !== 'done' && state !== 'cancelled');
  if (latest) return latest.id;
  throw new ConfigError(
    'every experiment in this library is done or cancelled',
    '`swamp list` shows them; `swamp run` starts another.',
  );
}

/** A path as one would type it here: relative below this folder. */
function shortPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : `./${near}`;
}

/** What would run, and what it costs. */
function planText({ config, resolution }: Prepared, estimate: PlanEstimate): string {
  const { threads, workers, backend } = resolution;
  const lines: [string, string][] = describeConfig(config).map(({ label, text }) => [label, text]);
  const files = ownFiles(config);
  if (files.length > 0) {
    lines.push(['runs code', `uses ${files.map(shortPath).join(', ')}, with your rights`]);
  }
  const stored = estimate.trainingsStored > 0 ? `, ${estimate.trainingsStored} of them stored already` : '';
  lines.push(
    ['trainings', `${estimate.trainings}${stored}; ${flops(estimate.trainingFlopsToDo.dense)} to do`],
    [
      'runs on',
      `${deviceText(backend)}, ${workers} worker${workers === 1 ? '' : 's'} × ${threads} thread${threads === 1 ? '' : 's'}`,
    ],
    ['time', estimate.seconds === null ? 'not known' : `about ${duration(estimate.seconds)}`],
    ['disk', bytes(estimate.diskBytes)],
  );
  return columns(lines, ['left', 'left']).join('\n');
}
