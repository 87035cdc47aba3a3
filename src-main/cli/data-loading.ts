import type { ExperimentConfig } from '../contract/experiment.ts';
import type { ExperimentId } from '../contract/ids.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import type { Dataset, LoadWatch } from '../datasets/dataset.ts';
import { loadDataset } from '../datasets/registry.ts';
import { requireSameData, resolveData, type ResolvedData } from '../experiment/resolve.ts';
import { storedExperiment } from '../experiment/studio.ts';
import { dataProgress } from '../report/progress.ts';
import { interruptible, withLibrary, type CommonOptions } from './session.ts';

/** What a configuration's data say, their loading shown where it takes long. */
export async function readData(config: ExperimentConfig, signal: AbortSignal): Promise<ResolvedData> {
  return await shown((watch) => resolveData(config, { ...watch, signal }));
}

/** The data themselves. */
export async function readImages(spec: NamedSpec, own: LoadWatch = {}): Promise<Dataset> {
  return await shown((watch) => loadDataset(spec, { ...watch, ...own }));
}

/**
 * Looks whether an experiment that is to go on still has the data it was planned with, before anything trains. Loads
 * nothing where it runs already or nothing is left to do.
 * @throws DataError
 */
export async function requireDataOf(experiment: ExperimentId, options: CommonOptions): Promise<void> {
  const stored = await withLibrary(options, (library) => {
    const { store, held } = library;
    const { config, resolution, plan } = storedExperiment(library, experiment);
    const underWay = held && store.experiment(experiment).state === 'running';
    const left = plan.jobs.length - store.settledKeys(plan.jobs).size;
    return underWay || left === 0 ? null : { config, resolution };
  });
  if (stored === null) return;
  const data = await interruptible((signal) => readData(stored.config, signal));
  requireSameData(experiment, stored.resolution, data);
}

/** What loads data, its progress shown on standard error until it ends. */
export async function shown<T>(load: (watch: LoadWatch) => Promise<T>): Promise<T> {
  const progress = dataProgress({ stream: process.stderr });
  try {
    return await load({ onProgress: progress.update.bind(progress) });
  } finally {
    progress.close();
  }
}
