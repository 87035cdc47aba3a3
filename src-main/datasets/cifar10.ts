import path from 'node:path';
import { z } from 'zod';
import { ConfigError, DataError } from '../contract/errors.ts';
import { assemble } from './assemble.ts';
import {
  CHANNELS,
  CifarSize,
  originalsOf,
  readClassNames,
  readImages,
  sizedCifar,
  type CifarVersion,
} from './cifar.ts';
import type { DatasetDefinition } from './dataset.ts';
import { listFolder } from './files.ts';

const Cifar10 = z.strictObject({
  kind: z.literal('cifar10'),
  /** Folder with data_batch_*.bin and test_batch.bin. */
  path: z.string().min(1).optional(),
  /** Train on the first so many images; left out: all that are there. The test set is always whole. */
  train: z.number().int().positive().optional(),
  size: CifarSize.default(32),
});

const CLASSES = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

const GET_IT =
  'Point --set dataset.path=DIR at the unpacked "CIFAR-10 binary version" (folder cifar-10-batches-bin).';

const VERSION: CifarVersion = { name: 'CIFAR-10', labels: [CLASSES.length], label: 0, hint: GET_IT };

/** CIFAR-10 (Krizhevsky 2009) in its binary version: 32×32 colour images of 10 classes. */
export const cifar10: DatasetDefinition<z.infer<typeof Cifar10>> = {
  kind: 'cifar10',
  title: 'CIFAR-10 (binary version, in a folder of yours)',
  schema: Cifar10,
  location: ['path'],
  recognises: (names) =>
    names.includes('test_batch.bin') && names.some((name) => /^data_batch_\d+\.bin$/.test(name)),
  sized: sizedCifar,
  async load({ path: folder, train: wanted, size }) {
    if (folder === undefined)
      throw new ConfigError(
        'dataset.path: CIFAR-10 is not part of this program, and no folder is given',
        GET_IT,
      );
    const names = await listFolder(folder, GET_IT);
    const batches = names
      .map((name) => ({ name, number: Number(/^data_batch_(\d+)\.bin$/.exec(name)?.[1] ?? NaN) }))
      .filter(({ number }) => !Number.isNaN(number))
      .sort((a, b) => a.number - b.number)
      .map(({ name }) => path.join(folder, name));
    if (batches.length === 0) throw new DataError(`there is no data_batch_*.bin in ${folder}`, GET_IT);
    if (!names.includes('test_batch.bin'))
      throw new DataError(`there is no test_batch.bin in ${folder}`, GET_IT);
    const train = await readImages(VERSION, batches, { size, wanted });
    const test = await readImages(VERSION, [path.join(folder, 'test_batch.bin')], { size });
    return assemble({
      title: `CIFAR-10 (${train.count.toLocaleString('en')} training images, ${size}×${size})`,
      division: 'in files of its own',
      shape: [size, size, CHANNELS],
      classes: names.includes('batches.meta.txt')
        ? await readClassNames(path.join(folder, 'batches.meta.txt'), CLASSES.length, GET_IT)
        : CLASSES,
      train,
      test,
    });
  },
  originals: ({ path: folder = '.', size }) =>
    originalsOf(VERSION, path.join(folder, 'test_batch.bin'), size),
};
