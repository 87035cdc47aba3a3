import { readFileSync, statSync } from 'node:fs';
import { dirname, relative, resolve as resolvePath } from 'node:path';
import { codeOf } from '../checkpoint/files.ts';
import { ConfigError, ExitCode } from '../contract/errors.ts';
import type { ExperimentId } from '../contract/ids.ts';
import type { PlanEstimate } from '../contract/estimate.ts';
import { parseConfig, resolveLocations } from '../experiment/config.ts';
import { describeConfig } from '../experiment/describe.ts';
import { applySet } from '../experiment/overrides.ts';
import { findPreset, presets } from '../experiment/presets.ts';
import { deviceText, resolveData } from '../experiment/resolve.ts';
import { prepareExperiment, storedExperiment, type Prepared, type Studio } from '../experiment/studio.ts';
import { bytes, columns, duration, flops } from '../report/format.ts';
import { absoluteOwn, ownFiles, verifyOwn } from '../own/own.ts';
import { createProgress } from '../report/progress.ts';
import type { Store } from '../store/store.ts';
import { finishReport } from './finish.ts';
import type { Output } from './output.ts';
import {
  checkLibrary,
  engineFor,
  engineOf,
  interruptible,
  withLibrary,
  withPlanningStudio,
  withStudio,
  type CommonOptions,
} from './session.ts';

export interface RunOptions extends CommonOptions {
  readonly set: readonly string[];
  readonly dryRun?: boolean;
}

/** `swamp run PRESET|FILE` */
export async function run(experiment: string, options: RunOptions, output: Output): Promise<ExitCode> {
  // What can be wrong is looked at from the cheapest to the dearest; until all is well nothing is made or stored.
  const raw = applySet(absoluteOwn(...readExperiment(experiment)), options.set);
  const config = resolveLocations(parseConfig(raw), process.cwd());
  const data = await resolveData(config);
  // What no plan can be made of is told before minutes of provisioning; which engine it is changes nothing there.
  prepareExperiment(config, data, { variant: 'cpu' });
  const dryRun = options.dryRun ?? false;
  if (!dryRun) checkLibrary(options);
  return await interruptible(async (signal) => {
    const engine = await engineFor(config.engine, signal);
    const prepared = prepareExperiment(config, data, engine);
    const withThis = dryRun ? withPlanningStudio : withStudio;
    return await withThis(options, engine, output, async (studio) => {
      const onProbe = (): void => output.note('Timing a training step');
      const estimate = studio.estimate(prepared, await studio.timings(prepared, { signal, onProbe }));
      if (dryRun) {
        output.result({ config, estimate }, () => planText(prepared, estimate));
        return ExitCode.ok;
      }
      output.note(planText(prepared, estimate));
      signal.throwIfAborted();
      const id = await studio.create(prepared);
      return await runToEnd(studio, id, prepared, output, signal);
    });
  });
}

/** `swamp resume [EXPERIMENT]` */
export async function resume(
  text: string | undefined,
  options: CommonOptions,
  output: Output,
): Promise<ExitCode> {
  const { id, variant } = await withLibrary(options, async (library) => {
    const { store } = library;
    const found = text === undefined ? latestUnfinished(store) : store.findExperiment(text);
    const { config, resolution } = storedExperiment(library, found);
    verifyOwn(config);
    return { id: found, variant: await engineOf(resolution) };
  });
  checkLibrary(options);
  return await interruptible(async (signal) => {
    const engine = await engineFor(variant, signal);
    return await withStudio(options, engine, output, (studio) =>
      runToEnd(studio, id, studio.stored(id), output, signal),
    );
  });
}

/** A job that failed, by its place; told in JSON as it is. */
interface Failure {
  readonly arm: string;
  readonly seed: number;
  readonly round: number;
  readonly message: string;
  readonly hint: string;
}

/** Runs an experiment, shows how it goes, and reports what came out. */
async function runToEnd(
  studio: Studio,
  id: ExperimentId,
  prepared: Prepared,
  output: Output,
  signal: AbortSignal,
): Promise<ExitCode> {
  output.note(`Experiment ${id}`);
  const progress = createProgress({ stream: process.stderr });
  const failures: Failure[] = [];
  let state: 'done' | 'stopped' | 'failed';
  try {
    state = await studio.run(id, prepared, {
      emit: (event) => {
        progress.event(event);
        if (event.type !== 'failed') return;
        const { where, message, hint } = event;
        failures.push({ arm: where.arm, seed: where.seed, round: where.round, message, hint });
      },
      signal,
    });
  } finally {
    progress.close();
  }
  const { library } = studio;
  switch (state) {
    case 'done': {
      const report = await finishReport(studio, id, prepared, output);
      output.result({ experiment: id, state, library: library.dir, ...report.json }, () => report.text);
      return ExitCode.ok;
    }
    case 'stopped':
      output.result(
        { experiment: id, state, library: library.dir },
        () => `Stopped. What is finished is kept; \`swamp resume ${id}\` goes on.`,
      );
      return ExitCode.stopped;
    case 'failed':
      output.result(
        { experiment: id, state, library: library.dir, failures },
        () =>
          `Some jobs failed; the rest is kept. When the cause is mended, \`swamp resume ${id}\` tries them again.`,
      );
      return ExitCode.job;
  }
}

/** A preset's configuration, or a JSON file's, and the folder that paths of code in it start from. */
function readExperiment(name: string): [raw: unknown, folder: string] {
  if (presets.has(name)) return [findPreset(name).config, process.cwd()];
  const refuse = (why: string, hint: string, cause?: unknown): ConfigError =>
    new ConfigError(why, hint, undefined, { cause });
  const giveOne = 'Give a JSON file, or one of `swamp presets`.';
  const found = statSync(name, { throwIfNoEntry: false });
  if (!found && !/[./\\]/.test(name)) return [findPreset(name).config, process.cwd()];
  if (!found) throw refuse(`there is no file ${name}`, giveOne);
  if (found.isDirectory()) throw refuse(`${name} is a folder, not an experiment file`, giveOne);
  let text: string;
  try {
    text = readFileSync(name, 'utf8');
  } catch (cause) {
    throw refuse(`${name} cannot be read (${codeOf(cause)})`, giveOne, cause);
  }
  const correct = 'Correct the file; `swamp presets --json` has examples.';
  if (text.trim() === '') throw refuse(`${name} is empty`, correct);
  try {
    return [JSON.parse(text), dirname(resolvePath(name))];
  } catch (cause) {
    throw refuse(`${name} is not JSON: ${(cause as Error).message}`, correct, cause);
  }
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
