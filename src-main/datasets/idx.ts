import path from 'node:path';
import { z } from 'zod';
import { ConfigError, DataError } from '../contract/errors.ts';
import { assemble, sharedBytes } from './assemble.ts';
import type { DatasetDefinition, ImageSet } from './dataset.ts';
import { listFolder } from './files.ts';
import { readIdx } from './idx-file.ts';

const Idx = z.strictObject({
  kind: z.literal('idx'),
  /** Folder with the four files. */
  path: z.string().min(1).optional(),
  /** What the files' names begin with, where a folder holds several sets: `emnist-letters`. */
  prefix: z.string().optional(),
  /** Train on the first so many images; left out: all. The test set is always whole. */
  train: z.number().int().positive().optional(),
  /** Names of the classes in the order of the labels; left out: the labels. */
  names: z.array(z.string().min(1)).min(2).optional(),
});

const GET_IT =
  'Point --set dataset.path=DIR at a folder with train-images-idx3-ubyte, train-labels-idx1-ubyte and the same of t10k or test, packed (.gz) or not.';

/** `emnist-letters-train-images-idx3-ubyte.gz`, `t10k-labels.idx1-ubyte`, … */
const NAME =
  /^(?:(?<prefix>.+)[-_.])?(?<part>train|t10k|test)[-_.](?<what>images|labels)[-_.]idx[13][-_.]ubyte(?:\.gz)?$/i;

/** The four files of one data set. */
type Files = Record<'train' | 'test', { images?: string; labels?: string }>;

/**
 * Data sets in MNIST's own format: MNIST, Fashion-MNIST, KMNIST, EMNIST, … Images of one channel, any size. EMNIST's
 * lie on their side (rows and columns exchanged), and stay so.
 */
export const idx: DatasetDefinition<z.infer<typeof Idx>> = {
  kind: 'idx',
  title: "MNIST's format: MNIST, Fashion-MNIST, EMNIST (IDX files, in a folder of yours)",
  schema: Idx,
  location: ['path'],
  recognises: (names) => names.some((name) => NAME.test(name)),
  async load({ path: folder, prefix, train: wanted, names }) {
    if (folder === undefined) throw new ConfigError('dataset.path: no folder of IDX files is given', GET_IT);
    const { files, title } = await findFiles(folder, prefix);
    const train = await readSet(folder, files, 'train', wanted);
    const test = await readSet(folder, files, 'test', undefined);
    const [, height = 0, width = 0] = train.shape;
    if (test.shape[1] !== height || test.shape[2] !== width)
      throw new DataError(
        `the training images in ${folder} are ${height}×${width}, the test images ${test.shape[1]}×${test.shape[2]}`,
        'Put the files of one data set into a folder.',
      );
    const classes = classesOf([train, test], names);
    return assemble({
      title: `${title} (${train.set.count.toLocaleString('en')} training images, ${height}×${width})`,
      division: 'in files of its own',
      shape: [height, width, 1],
      classes,
      train: train.set,
      test: test.set,
    });
  },
};

async function findFiles(
  folder: string,
  wanted: string | undefined,
): Promise<{ files: Files; title: string }> {
  const sets = new Map<string, Files>();
  // Sorted, a file comes before its packed twin, and is taken.
  for (const name of (await listFolder(folder, GET_IT)).sort()) {
    const { prefix = '', part = '', what = '' } = NAME.exec(name)?.groups ?? {};
    if (part === '') continue;
    const files: Files = sets.get(prefix) ?? { train: {}, test: {} };
    sets.set(prefix, files);
    files[part.toLowerCase() === 'train' ? 'train' : 'test'][what.toLowerCase() as 'images' | 'labels'] ??=
      path.join(folder, name);
  }
  const known = [...sets.keys()];
  if (known.length === 0) throw new DataError(`there are no IDX files in ${folder}`, GET_IT);
  const list = known.map((prefix) => JSON.stringify(prefix)).join(', ');
  if (wanted === undefined && known.length > 1)
    throw new DataError(
      `${folder} holds ${known.length} data sets: ${list}`,
      'Choose one with --set dataset.prefix=…',
    );
  const chosen = wanted ?? known[0] ?? '';
  const files = sets.get(chosen);
  if (files === undefined)
    throw new DataError(
      `dataset.prefix: no IDX file in ${folder} begins with "${chosen}"`,
      `There are: ${list}.`,
    );
  return { files, title: chosen === '' ? path.basename(path.resolve(folder)) : chosen };
}

interface LabelledSet {
  readonly shape: readonly number[];
  readonly set: ImageSet;
  /** Labels of all images, also those that are not taken. */
  readonly allLabels: Uint8Array;
}

async function readSet(
  folder: string,
  files: Files,
  part: 'train' | 'test',
  wanted: number | undefined,
): Promise<LabelledSet> {
  const { images: imageFile, labels: labelFile } = files[part];
  if (imageFile === undefined || labelFile === undefined) {
    const missing = imageFile === undefined ? 'images' : 'labels';
    const name = `${part === 'train' ? 'train' : 't10k'}-${missing}-idx${missing === 'images' ? 3 : 1}-ubyte`;
    throw new DataError(`there is no ${name} in ${folder}`, GET_IT);
  }
  const some = wanted === undefined ? undefined : { count: wanted, option: 'dataset.train' };
  const { shape, data: images } = await readIdx(imageFile, 3, some);
  const { data: allLabels } = await readIdx(labelFile, 1);
  if (shape[0] !== allLabels.length)
    throw new DataError(
      `${imageFile} holds ${shape[0]} images, but ${labelFile} ${allLabels.length} labels`,
      'Put the files of one data set into a folder.',
    );
  const count = wanted ?? allLabels.length;
  const labels = sharedBytes(count);
  labels.set(allLabels.subarray(0, count));
  return { shape, set: { count, images, labels }, allLabels };
}

/**
 * Classes by the largest label of all, so that a part of the training set has no fewer. Labels that begin at 1
 * (EMNIST letters) are moved to begin at 0.
 */
function classesOf(sets: readonly LabelledSet[], names: readonly string[] | undefined): string[] {
  let least = 255;
  let most = 0;
  for (const { allLabels } of sets)
    for (const label of allLabels) {
      least = Math.min(least, label);
      most = Math.max(most, label);
    }
  const first = least === 1 ? 1 : 0;
  const count = most - first + 1;
  if (names !== undefined && names.length < count)
    throw new ConfigError(
      `dataset.names: ${names.length} names for ${count} classes`,
      `The labels go from ${first} to ${most}.`,
    );
  if (first === 1)
    for (const { set } of sets)
      for (let at = 0; at < set.count; at++) set.labels[at] = (set.labels[at] as number) - 1;
  return names === undefined
    ? Array.from({ length: count }, (_, index) => String(first + index))
    : [...names];
}
