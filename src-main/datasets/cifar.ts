import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { DataError } from '../contract/errors.ts';
import { sharedBytes } from './assemble.ts';
import type { ImageSet, Originals } from './dataset.ts';
import { readFully } from './files.ts';

/**
 * What the binary versions of CIFAR-10 and CIFAR-100 (Krizhevsky 2009) have in common: records of one or two label
 * bytes and 32×32 pixels as red, green and blue planes.
 */
export interface CifarVersion {
  /** For people, for example `CIFAR-10`. */
  readonly name: string;
  /** Number of classes of each label byte in front of the pixels. */
  readonly labels: readonly number[];
  /** Which of these bytes is taken. */
  readonly label: number;
  /** What to do where files are missing. */
  readonly hint: string;
}

/** Pixels a side; 16: means of 2×2 blocks, rounded half up. */
export const CifarSize = z.union([z.literal(32), z.literal(16)]);
export type CifarSize = z.infer<typeof CifarSize>;

/** The option that gives images of a shape; none where CIFAR has no such images. */
export function sizedCifar([height, width]: readonly number[]): { size?: CifarSize } {
  const size = CifarSize.safeParse(height);
  return size.success && width === height ? { size: size.data } : {};
}

const SIDE = 32;
const PLANE = SIDE * SIDE;
export const CHANNELS = 3;
/** Records read at a time: 3 MB. */
const RECORDS_AT_ONCE = 1000;

function recordBytes({ labels }: CifarVersion): number {
  return labels.length + CHANNELS * PLANE;
}

/** Class names, one a line. @throws DataError where they are not as many as the classes. */
export async function readClassNames(file: string, classes: number, hint: string): Promise<string[]> {
  const names = (await readFile(file, 'utf8'))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (names.length !== classes)
    throw new DataError(`${file} names ${names.length} classes instead of ${classes}`, hint);
  return names;
}

/** The first `wanted` images of some files, or all of them. Files that are not needed are not read. */
export async function readImages(
  version: CifarVersion,
  files: readonly string[],
  { size, wanted }: { readonly size: CifarSize; readonly wanted?: number | undefined },
): Promise<ImageSet> {
  const parts: { file: string; count: number }[] = [];
  let count = 0;
  for (const file of files) {
    if (wanted !== undefined && count >= wanted) break;
    const here = Math.min(await countRecords(version, file), (wanted ?? Infinity) - count);
    parts.push({ file, count: here });
    count += here;
  }
  if (wanted !== undefined && count < wanted)
    throw new DataError(
      `dataset.train asks for ${wanted} training images, but ${files.map((f) => path.basename(f)).join(', ')} hold ${count}`,
      `Add what is missing, or set dataset.train to at most ${count}.`,
    );
  const images = sharedBytes(count * size * size * CHANNELS);
  const labels = sharedBytes(count);
  const bytes = size * size * CHANNELS;
  const whole = new Uint8Array(PLANE * CHANNELS);
  let done = 0;
  for (const part of parts) {
    await readRecords(version, part, (record, label) => {
      const image = images.subarray(done * bytes, (done + 1) * bytes);
      toNhwc(record, size === SIDE ? image : whole);
      if (size !== SIDE) halve(whole, image);
      labels[done++] = label;
    });
  }
  return { count, images, labels };
}

/** The test images as published; `null` where that is what is loaded. */
export async function originalsOf(
  version: CifarVersion,
  file: string,
  size: CifarSize,
): Promise<Originals | null> {
  if (size === SIDE) return null;
  const { images } = await readImages(version, [file], { size: SIDE });
  const [from, to] = [PLANE * CHANNELS, size * size * CHANNELS];
  return {
    shape: [SIDE, SIDE, CHANNELS],
    images,
    reduce(whole) {
      const count = whole.length / from;
      const made = new Uint8Array(count * to);
      for (let at = 0; at < count; at++)
        halve(whole.subarray(at * from, (at + 1) * from), made.subarray(at * to, (at + 1) * to));
      return made;
    },
  };
}

async function countRecords(version: CifarVersion, file: string): Promise<number> {
  const record = recordBytes(version);
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size === 0) throw new DataError(`${file} is empty`, version.hint);
    if (size % record !== 0)
      throw new DataError(
        `${file} is truncated: its ${size.toLocaleString('en')} bytes are ${Math.floor(size / record)} records of ${record} and ${size % record} bytes of another`,
        'Unpack or copy the file again.',
      );
    return size / record;
  } finally {
    await handle.close();
  }
}

/** Calls `take` with the pixels (planes) and label of the first `count` records. */
async function readRecords(
  version: CifarVersion,
  { file, count }: { readonly file: string; readonly count: number },
  take: (planes: Uint8Array, label: number) => void,
): Promise<void> {
  const size = recordBytes(version);
  const handle = await open(file);
  try {
    const chunk = new Uint8Array(Math.min(count, RECORDS_AT_ONCE) * size);
    for (let first = 0; first < count; first += RECORDS_AT_ONCE) {
      const records = Math.min(count - first, RECORDS_AT_ONCE);
      await readFully(handle, file, chunk.subarray(0, records * size), first * size);
      for (let i = 0; i < records; i++) {
        const record = chunk.subarray(i * size, (i + 1) * size);
        checkLabels(version, record, `${file}, record ${first + i}`);
        take(record.subarray(version.labels.length), record[version.label] as number);
      }
    }
  } finally {
    await handle.close();
  }
}

function checkLabels({ name, labels }: CifarVersion, record: Uint8Array, where: string): void {
  for (const [at, classes] of labels.entries()) {
    const label = record[at] as number;
    if (label >= classes)
      throw new DataError(
        `${where}: label ${label} is not a class of ${name} (0 … ${classes - 1})`,
        `This is not a file of the binary version of ${name}, or it is damaged: unpack it again.`,
      );
  }
}

/** Planes to pixels, [32, 32, 3]. */
function toNhwc(planes: Uint8Array, image: Uint8Array): void {
  let out = 0;
  for (let pixel = 0; pixel < PLANE; pixel++)
    for (let channel = 0; channel < CHANNELS; channel++)
      image[out++] = planes[channel * PLANE + pixel] as number;
}

/** Each pixel the mean of a 2×2 block rounded half up: [32, 32, 3] to [16, 16, 3]. */
function halve(whole: Uint8Array, image: Uint8Array): void {
  const row = SIDE * CHANNELS;
  let out = 0;
  for (let y = 0; y < SIDE; y += 2)
    for (let x = 0; x < SIDE; x += 2)
      for (let channel = 0; channel < CHANNELS; channel++) {
        const at = y * row + x * CHANNELS + channel;
        const above = (whole[at] as number) + (whole[at + CHANNELS] as number);
        const below = (whole[at + row] as number) + (whole[at + row + CHANNELS] as number);
        image[out++] = (above + below + 2) >> 2;
      }
}
