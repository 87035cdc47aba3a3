import type { NamedSpec } from '../contract/recipe.ts';
import { choose, registry } from '../contract/registry.ts';
import { cifar10 } from './cifar10.ts';
import type { Dataset, DatasetDefinition } from './dataset.ts';
import { digits } from './digits.ts';

/** Every data set by kind: a new one is a file in this folder and an entry here. */
export const datasets: ReadonlyMap<string, DatasetDefinition> = registry<DatasetDefinition>(digits, cifar10);

/**
 * Loads a data set.
 * @throws ConfigError on an unknown kind or wrong options; DataError on files that are missing or damaged.
 */
export async function loadDataset(spec: NamedSpec): Promise<Dataset> {
  const { entry, options } = choose(datasets, spec, 'dataset');
  return entry.load(options);
}
