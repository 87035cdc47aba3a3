import { createHash } from 'node:crypto';
import { DataError } from '../contract/errors.ts';
import type { Digest } from '../contract/ids.ts';
import type { Dataset, ImageSet } from './dataset.ts';

/** Bytes that threads share, so that the loader's thread reads training images without a copy. */
export function sharedBytes(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length));
}

const HASHED_AT_ONCE = 1 << 28;

/** What a definition reads; the rest follows from it. */
type DatasetParts = Omit<Dataset, 'normalisation' | 'digest'>;

/** Labels are bytes. */
const MOST_CLASSES = 256;

const CHECK = 'Check that dataset.path names the right files; `swamp data check` shows what is in them.';

/**
 * Completes a data set: normalisation from the training images as loaded, and the digest.
 * @throws DataError where there is nothing to train or test on, or the number of classes is out of range.
 */
export function assemble(parts: DatasetParts): Dataset {
  const { title, classes, train, test, shape } = parts;
  checkClasses(title, classes);
  if (train.count === 0) throw new DataError(`${title}: there are no training images`, CHECK);
  if (test.count === 0) throw new DataError(`${title}: there are no test images`, CHECK);
  return { ...parts, normalisation: normalisationOf(train, shape[2]), digest: digestOf(parts) };
}

/** @throws DataError where there is nothing to tell apart, or more than labels can say. */
export function checkClasses(title: string, classes: readonly string[]): void {
  if (classes.length < 2)
    throw new DataError(
      `${title}: there is only the class "${classes.join()}"; telling classes apart takes two`,
      CHECK,
    );
  if (classes.length > MOST_CLASSES)
    throw new DataError(
      `${title}: ${classes.length} classes are more than the ${MOST_CLASSES} possible`,
      'Leave some out, or put several into one.',
    );
}

/**
 * Mean and standard deviation (population, n) of each channel on the scale 0 … 1, over all pixels of a set; exact
 * integer sums, so the same on every machine. A channel without contrast gets deviation 1.
 */
function normalisationOf({ images }: ImageSet, channels: number): Dataset['normalisation'] {
  const mean: number[] = [];
  const deviation: number[] = [];
  for (let channel = 0; channel < channels; channel++) {
    const counts = new Float64Array(256);
    for (let i = channel; i < images.length; i += channels) {
      const byte = images[i] as number;
      counts[byte] = (counts[byte] as number) + 1;
    }
    const n = images.length / channels;
    const center = counts.reduce((sum, count, byte) => sum + count * byte, 0) / n;
    const variance = counts.reduce((sum, count, byte) => sum + count * (byte - center) ** 2, 0) / n;
    mean.push(center / 255);
    deviation.push(variance === 0 ? 1 : Math.sqrt(variance) / 255);
  }
  return { mean, deviation };
}

/** SHA-256 over shape, classes, and images and labels of both sets. Names of classes are not part of it. */
function digestOf({
  shape,
  classes,
  train,
  test,
}: Pick<Dataset, 'shape' | 'classes' | 'train' | 'test'>): Digest {
  const hash = createHash('sha256');
  hash.update(`images ${shape.join('x')}, ${classes.length} classes, ${train.count} + ${test.count}\n`);
  for (const { images, labels } of [train, test]) {
    // Node's hashes take at most 2 GiB at a time.
    for (let at = 0; at < images.length; at += HASHED_AT_ONCE)
      hash.update(images.subarray(at, at + HASHED_AT_ONCE));
    hash.update(labels);
  }
  return hash.digest('hex') as Digest;
}
