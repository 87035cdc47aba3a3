import { open, readdir, readFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ConfigError, DataError } from '../contract/errors.ts';
import { assemble, sharedBytes } from './assemble.ts';
import type { DatasetDefinition, ImageSet } from './dataset.ts';

const Cifar10 = z.strictObject({
  kind: z.literal('cifar10'),
  /** Folder with data_batch_*.bin and test_batch.bin. */
  path: z.string().min(1).optional(),
  /** Train on the first so many images; left out: all that are there. The test set is always whole. */
  train: z.number().int().positive().optional(),
  /** Pixels a side; 16: means of 2×2 blocks, rounded half up. */
  size: z.union([z.literal(32), z.literal(16)]).default(32),
});

const SIDE = 32;
const PLANE = SIDE * SIDE;
const CHANNELS = 3;
/** One label byte, then the red, green and blue planes. */
const RECORD = 1 + CHANNELS * PLANE;
const CLASSES = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];
/** Records read at a time: 3 MB. */
const RECORDS_AT_ONCE = 1000;

const GET_IT =
  'Point --set dataset.path=DIR at the unpacked "CIFAR-10 binary version" (folder cifar-10-batches-bin).';

/** CIFAR-10 (Krizhevsky 2009) in its binary version: 32×32 colour images of 10 classes. */
export const cifar10: DatasetDefinition<z.infer<typeof Cifar10>> = {
  kind: 'cifar10',
  title: 'CIFAR-10 (binary version, in a folder of yours)',
  schema: Cifar10,
  location: ['path'],
  async load({ path: folder, train: wanted, size }) {
    if (folder === undefined)
      throw new ConfigError(
        'dataset.path: CIFAR-10 is not part of this program, and no folder is given',
        GET_IT,
      );
    const names = await listFolder(folder);
    const batches = names
      .map((name) => ({ name, number: Number(/^data_batch_(\d+)\.bin$/.exec(name)?.[1] ?? NaN) }))
      .filter(({ number }) => !Number.isNaN(number))
      .sort((a, b) => a.number - b.number)
      .map(({ name }) => path.join(folder, name));
    if (batches.length === 0) throw new DataError(`there is no data_batch_*.bin in ${folder}`, GET_IT);
    if (!names.includes('test_batch.bin'))
      throw new DataError(`there is no test_batch.bin in ${folder}`, GET_IT);
    const train = await readImages(batches, size, wanted);
    const test = await readImages([path.join(folder, 'test_batch.bin')], size, undefined);
    return assemble({
      title: `CIFAR-10 (${train.count.toLocaleString('en')} training images, ${size}×${size})`,
      shape: [size, size, CHANNELS],
      classes: names.includes('batches.meta.txt')
        ? await readClasses(path.join(folder, 'batches.meta.txt'))
        : CLASSES,
      train,
      test,
    });
  },
};

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const wrong =
      code === 'ENOENT'
        ? 'there is no such folder'
        : code === 'ENOTDIR'
          ? 'it is not a folder'
          : `it cannot be read (${code})`;
    throw new DataError(`dataset.path ${folder}: ${wrong}`, GET_IT, undefined, { cause });
  }
}

/** Class names, one a line. */
async function readClasses(file: string): Promise<string[]> {
  const names = (await readFile(file, 'utf8'))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (names.length !== CLASSES.length)
    throw new DataError(`${file} names ${names.length} classes instead of ${CLASSES.length}`, GET_IT);
  return names;
}

/** The first `wanted` images of some files, or all of them. Files that are not needed are not read. */
async function readImages(
  files: readonly string[],
  size: 16 | 32,
  wanted: number | undefined,
): Promise<ImageSet> {
  const parts: { file: string; count: number }[] = [];
  let count = 0;
  for (const file of files) {
    if (wanted !== undefined && count >= wanted) break;
    const here = Math.min(await countRecords(file), (wanted ?? Infinity) - count);
    parts.push({ file, count: here });
    count += here;
  }
  if (wanted !== undefined && count < wanted)
    throw new DataError(
      `dataset.train asks for ${wanted} training images, but ${files.map((f) => path.basename(f)).join(', ')} hold ${count}`,
      `Add the missing data_batch_*.bin files or set dataset.train to at most ${count}.`,
    );
  const images = sharedBytes(count * size * size * CHANNELS);
  const labels = sharedBytes(count);
  let done = 0;
  for (const part of parts) {
    await readRecords(part.file, part.count, (record, label) => {
      if (size === SIDE) toNhwc(record, images, done);
      else toHalfNhwc(record, images, done);
      labels[done++] = label;
    });
  }
  return { count, images, labels };
}

async function countRecords(file: string): Promise<number> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size === 0) throw new DataError(`${file} is empty`, GET_IT);
    if (size % RECORD !== 0)
      throw new DataError(
        `${file} is truncated: its ${size.toLocaleString('en')} bytes are ${Math.floor(size / RECORD)} records of ${RECORD} and ${size % RECORD} bytes of another`,
        'Unpack or copy the file again.',
      );
    return size / RECORD;
  } finally {
    await handle.close();
  }
}

/** Calls `take` with the pixels (planes) and label of the first `count` records. */
async function readRecords(
  file: string,
  count: number,
  take: (planes: Uint8Array, label: number) => void,
): Promise<void> {
  const handle = await open(file);
  try {
    const chunk = new Uint8Array(Math.min(count, RECORDS_AT_ONCE) * RECORD);
    for (let first = 0; first < count; first += RECORDS_AT_ONCE) {
      const records = Math.min(count - first, RECORDS_AT_ONCE);
      await readFully(handle, file, chunk.subarray(0, records * RECORD), first * RECORD);
      for (let i = 0; i < records; i++) {
        const record = chunk.subarray(i * RECORD, (i + 1) * RECORD);
        const label = record[0] as number;
        if (label >= CLASSES.length)
          throw new DataError(
            `${file}, record ${first + i}: label ${label} is not a class of CIFAR-10 (0 … 9)`,
            'This is not a file of the binary version of CIFAR-10, or it is damaged: unpack it again.',
          );
        take(record.subarray(1), label);
      }
    }
  } finally {
    await handle.close();
  }
}

async function readFully(
  handle: FileHandle,
  file: string,
  into: Uint8Array,
  position: number,
): Promise<void> {
  let filled = 0;
  while (filled < into.length) {
    const { bytesRead } = await handle.read(into, filled, into.length - filled, position + filled);
    if (bytesRead === 0)
      throw new DataError(
        `${file} ended at byte ${position + filled} while it was read`,
        'Copy the file again.',
      );
    filled += bytesRead;
  }
}

/** Planes to pixels, image `index` of [n, 32, 32, 3]. */
function toNhwc(planes: Uint8Array, images: Uint8Array, index: number): void {
  let out = index * PLANE * CHANNELS;
  for (let pixel = 0; pixel < PLANE; pixel++)
    for (let channel = 0; channel < CHANNELS; channel++)
      images[out++] = planes[channel * PLANE + pixel] as number;
}

/** Planes to pixels, each the mean of a 2×2 block rounded half up, image `index` of [n, 16, 16, 3]. */
function toHalfNhwc(planes: Uint8Array, images: Uint8Array, index: number): void {
  const half = SIDE / 2;
  let out = index * half * half * CHANNELS;
  for (let y = 0; y < half; y++)
    for (let x = 0; x < half; x++)
      for (let channel = 0; channel < CHANNELS; channel++) {
        const at = channel * PLANE + 2 * y * SIDE + 2 * x;
        const above = (planes[at] as number) + (planes[at + 1] as number);
        const below = (planes[at + SIDE] as number) + (planes[at + SIDE + 1] as number);
        images[out++] = (above + below + 2) >> 2;
      }
}
