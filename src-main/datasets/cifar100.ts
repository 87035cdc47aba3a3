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

const Cifar100 = z.strictObject({
  kind: z.literal('cifar100'),
  /** Folder with train.bin and test.bin. */
  path: z.string().min(1).optional(),
  /** Train on the first so many images; left out: all that are there. The test set is always whole. */
  train: z.number().int().positive().optional(),
  size: CifarSize.default(32),
  /** The 100 classes, or the 20 groups that they form. */
  labels: z.enum(['fine', 'coarse']).default('fine'),
});

const GET_IT =
  'Point --set dataset.path=DIR at the unpacked "CIFAR-100 binary version" (folder cifar-100-binary).';

/** Coarse label, then fine label. */
const LABELS = { coarse: 0, fine: 1 } as const;
const CLASSES = [20, 100] as const;

/** CIFAR-100 (Krizhevsky 2009) in its binary version: 32×32 colour images of 100 classes in 20 groups. */
export const cifar100: DatasetDefinition<z.infer<typeof Cifar100>> = {
  kind: 'cifar100',
  title: 'CIFAR-100 (binary version, in a folder of yours)',
  schema: Cifar100,
  location: ['path'],
  recognises: (names) => names.includes('train.bin') && names.includes('test.bin'),
  sized: sizedCifar,
  async load({ path: folder, train: wanted, size, labels }) {
    if (folder === undefined)
      throw new ConfigError(
        'dataset.path: CIFAR-100 is not part of this program, and no folder is given',
        GET_IT,
      );
    const found = await listFolder(folder, GET_IT);
    for (const file of ['train.bin', 'test.bin'])
      if (!found.includes(file)) throw new DataError(`there is no ${file} in ${folder}`, GET_IT);
    const label = LABELS[labels];
    const classes = CLASSES[label];
    const version = versionOf(label);
    const names = `${labels}_label_names.txt`;
    const train = await readImages(version, [path.join(folder, 'train.bin')], { size, wanted });
    const test = await readImages(version, [path.join(folder, 'test.bin')], { size });
    const which = labels === 'coarse' ? ', 20 coarse classes' : '';
    return assemble({
      title: `CIFAR-100 (${train.count.toLocaleString('en')} training images, ${size}×${size}${which})`,
      division: 'in files of its own',
      shape: [size, size, CHANNELS],
      classes: found.includes(names)
        ? await readClassNames(path.join(folder, names), classes, GET_IT)
        : Array.from({ length: classes }, (_, index) => `class ${index}`),
      train,
      test,
    });
  },
  originals: ({ path: folder = '.', size, labels }) =>
    originalsOf(versionOf(LABELS[labels]), path.join(folder, 'test.bin'), size),
};

function versionOf(label: number): CifarVersion {
  return { name: 'CIFAR-100', labels: CLASSES, label, hint: GET_IT };
}
