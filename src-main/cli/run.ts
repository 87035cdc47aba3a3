import { ConfigError, type ExitCode } from '../contract/errors.ts';
import { findExperiments, type Found } from '../experiment/find.ts';
import { canonical } from '../experiment/keys.ts';
import { applySet } from '../experiment/overrides.ts';
import { isRecord } from '../experiment/problems.ts';
import { prepareExperiment, storedExperiment } from '../experiment/studio.ts';
import { absoluteOwn, verifyOwn } from '../own/own.ts';
import type { ExperimentRow } from '../store/rows.ts';
import type { Store } from '../store/store.ts';
import { requireDataOf } from './data-loading.ts';
import { readExperiment } from '../experiment/experiment-file.ts';
import { follow } from './follow.ts';
import { ensureHost } from './host.ts';
import { launch, left, leftSweep, type LaunchOptions } from './launch.ts';
import type { Output } from './output.ts';
import { withService } from './service.ts';
import { checkLibrary, interruptible, withLibrary, type CommonOptions } from './session.ts';
import { followResumed } from './sweep.ts';
import { engineSetting, variantsOf } from './variants.ts';

export interface RunOptions extends LaunchOptions {
  readonly set: readonly string[];
}

/** `swamp run PRESET|FILE` */
export async function run(experiment: string, options: RunOptions, output: Output): Promise<ExitCode> {
  const raw = applySet(absoluteOwn(...readExperiment(experiment)), options.set);
  const variants = variantsOf(raw);
  const engine = engineSetting(variants);
  const name = isRecord(raw) ? String(raw['name']) : experiment;
  return await launch({ name, variants, engine, origin: null, prepare: prepareExperiment }, options, output);
}

/** `swamp resume [EXPERIMENT|SWEEP]` */
export async function resume(
  text: string | undefined,
  options: CommonOptions & { detach?: boolean },
  output: Output,
): Promise<ExitCode> {
  const { sweep, experiments, data } = await withLibrary(options, (library) => {
    const { store } = library;
    const found = text === undefined ? latestUnfinished(store) : findExperiments(store, text, 'with');
    // Where nothing is left of a sweep its end is shown once more.
    const goOn =
      found.sweep === null
        ? found.experiments
        : found.experiments.filter((id) => !isOver(store.experiment(id)));
    const configs = goOn.map((id) => storedExperiment(library, id).config);
    for (const config of configs) verifyOwn(config);
    // One for each data set, so that none is read twice.
    const byData = new Map(configs.map(({ dataset }, at) => [canonical(dataset), goOn[at]]));
    return { sweep: found.sweep, experiments: goOn, data: [...byData.values()] };
  });
  checkLibrary(options);
  for (const id of data) if (id !== undefined) await requireDataOf(id, options);
  return await interruptible(async (signal) => {
    if (options.detach) await ensureHost(options);
    return await withService(options, output, async (host) => {
      for (const experiment of experiments) await host.client.call('experiments.resume', { experiment });
      const [only] = experiments;
      if (sweep !== null) {
        if (options.detach) return leftSweep(host, sweep, experiments, output);
        return await followResumed(host, sweep, experiments, output, signal);
      }
      if (only === undefined) throw new Error('nothing to resume');
      return options.detach ? left(host, only, output) : await follow(host, only, output, signal);
    });
  });
}

/** The newest experiment that is not over; where it is of a sweep, the sweep. */
function latestUnfinished(store: Store): Found {
  const [latest] = store.experiments({ analyses: 'with' }).filter((row) => !isOver(row));
  if (latest) return findExperiments(store, latest.sweep ?? latest.id, 'with');
  throw new ConfigError(
    'every experiment in this library is done or cancelled',
    '`swamp list` shows them; `swamp run` starts another.',
  );
}

function isOver({ state }: Pick<ExperimentRow, 'state'>): boolean {
  return state === 'done' || state === 'cancelled';
}
