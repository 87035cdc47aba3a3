import { existsSync, readFileSync } from 'node:fs';
import { ConfigError, ExitCode } from '../contract/errors.ts';
import type { ExperimentId } from '../contract/ids.ts';
import type { PlanEstimate } from '../contract/estimate.ts';
import { parseConfig, resolveLocations } from '../experiment/config.ts';
import { describeConfig } from '../experiment/describe.ts';
import { applySet } from '../experiment/overrides.ts';
import { findPreset, presets } from '../experiment/presets.ts';
import type { Prepared, Studio } from '../experiment/studio.ts';
import { bytes, columns, duration, flops } from '../report/format.ts';
import { createProgress } from '../report/progress.ts';
import { finishReport } from './finish.ts';
import type { Output } from './output.ts';
import { engineFor, stopSignal, withStudio, type CommonOptions } from './session.ts';

export interface RunOptions extends CommonOptions {
  readonly set: readonly string[];
  readonly dryRun?: boolean;
}

/** `swamp run PRESET|FILE` */
export async function run(experiment: string, options: RunOptions, output: Output): Promise<ExitCode> {
  const raw = applySet(readExperiment(experiment), options.set);
  const config = resolveLocations(parseConfig(raw), process.cwd());
  const stop = stopSignal(output);
  try {
    const engine = await engineFor(config.engine, stop.signal);
    return await withStudio(options, engine, output, async (studio) => {
      const prepared = await studio.prepare(config);
      const estimate = studio.estimate(prepared, await studio.timings(prepared));
      if (options.dryRun) {
        output.result({ config, estimate }, () => planText(prepared, estimate));
        return ExitCode.ok;
      }
      output.note(planText(prepared, estimate));
      const id = await studio.create(prepared);
      return await runToEnd(studio, id, prepared, output, stop.signal);
    });
  } finally {
    stop.dispose();
  }
}

/** `swamp resume [EXPERIMENT]` */
export async function resume(
  text: string | undefined,
  options: CommonOptions,
  output: Output,
): Promise<ExitCode> {
  const stop = stopSignal(output);
  try {
    const engine = await engineFor('auto', stop.signal);
    return await withStudio(options, engine, output, async (studio) => {
      const { store } = studio.library;
      const id = text === undefined ? latestUnfinished(studio) : store.findExperiment(text);
      const prepared = studio.stored(id);
      return await runToEnd(studio, id, prepared, output, stop.signal);
    });
  } finally {
    stop.dispose();
  }
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
  let state: 'done' | 'stopped' | 'failed';
  try {
    state = await studio.run(id, prepared, { emit: (event) => progress.event(event), signal });
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
        { experiment: id, state, library: library.dir },
        () =>
          `Some jobs failed; the rest is kept. When the cause is mended, \`swamp resume ${id}\` tries them again.`,
      );
      return ExitCode.job;
  }
}

/** A preset's configuration, or a JSON file's. */
function readExperiment(name: string): unknown {
  if (presets.has(name)) return findPreset(name).config;
  if (!existsSync(name)) {
    if (!/[./\\]/.test(name)) return findPreset(name).config;
    throw new ConfigError(`there is no file ${name}`, 'Give a JSON file, or one of `swamp presets`.');
  }
  let text: string;
  try {
    text = readFileSync(name, 'utf8');
  } catch (cause) {
    throw new ConfigError(
      `${name} cannot be read: ${String(cause)}`,
      'Give a JSON file, or one of `swamp presets`.',
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigError(
      `${name} is not JSON: ${String(cause)}`,
      'Correct the file; `swamp presets --json` has examples.',
    );
  }
}

function latestUnfinished(studio: Studio): ExperimentId {
  const unfinished = studio.library.store.experiments().filter(({ state }) => state !== 'done');
  const [latest] = unfinished;
  if (latest) return latest.id;
  throw new ConfigError(
    'every experiment in this library is done',
    '`swamp list` shows them; `swamp run` starts another.',
  );
}

/** What would run, and what it costs. */
function planText({ config, resolution }: Prepared, estimate: PlanEstimate): string {
  const { threads, workers, backend } = resolution;
  const device = backend === 'tensorflow-cuda' ? 'GPU' : 'CPU';
  const lines: [string, string][] = describeConfig(config).map(({ label, text }) => [label, text]);
  const stored = estimate.trainingsStored > 0 ? `, ${estimate.trainingsStored} of them stored already` : '';
  lines.push(
    ['trainings', `${estimate.trainings}${stored}; ${flops(estimate.trainingFlopsToDo.dense)} to do`],
    [
      'runs on',
      `${device}, ${workers} worker${workers === 1 ? '' : 's'} × ${threads} thread${threads === 1 ? '' : 's'}`,
    ],
    ['time', estimate.seconds === null ? 'not known' : `about ${duration(estimate.seconds)}`],
    ['disk', bytes(estimate.diskBytes)],
  );
  return columns(lines, ['left', 'left']).join('\n');
}
