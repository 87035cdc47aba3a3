import type { NamedSpec } from '../contract/recipe.ts';
import { choose, registry } from '../contract/registry.ts';
import { cifar10 } from './cifar10.ts';
import { cifar100 } from './cifar100.ts';
import type { Dataset, DatasetDefinition, LoadWatch, Originals } from './dataset.ts';
import { digits } from './digits.ts';
import { idx } from './idx.ts';
import { images } from './images.ts';

/** Every data set by kind: a new one is a file in this folder and an entry here. */
export const datasets = registry<DatasetDefinition>(digits, cifar10, cifar100, idx, images);

/**
 * Loads a data set.
 * @throws ConfigError on an unknown kind or wrong options; DataError on files that are missing or damaged.
 */
export async function loadDataset(spec: NamedSpec, watch: LoadWatch = {}): Promise<Dataset> {
  const { entry, options } = choose(datasets, spec, 'dataset');
  return entry.load(options, watch);
}

/**
 * The test images of a data set before its options made them smaller; `null` where they did not.
 * @throws ConfigError, DataError as {@link loadDataset}
 */
export async function loadOriginals(spec: NamedSpec): Promise<Originals | null> {
  const { entry, options } = choose(datasets, spec, 'dataset');
  return (await entry.originals?.(options)) ?? null;
}
