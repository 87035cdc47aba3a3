import { createHash } from 'node:crypto';
import type { Digest } from '../contract/ids.ts';
import type { Dataset, ImageSet } from './dataset.ts';

/** Bytes that threads share, so that the loader's thread reads training images without a copy. */
export function sharedBytes(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length));
}

/** Completes a data set: normalisation from the training images as loaded, and the digest. */
export function assemble(parts: Pick<Dataset, 'title' | 'shape' | 'classes' | 'train' | 'test'>): Dataset {
  return { ...parts, normalisation: normalisationOf(parts.train, parts.shape[2]), digest: digestOf(parts) };
}

/**
 * Mean and standard deviation (population, n) of each channel on the scale 0 … 1, over all pixels of a set; exact
 * integer sums, so the same on every machine. A channel without contrast gets deviation 1.
 */
export function normalisationOf({ images }: ImageSet, channels: number): Dataset['normalisation'] {
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
  for (const { images, labels } of [train, test]) hash.update(images).update(labels);
  return hash.digest('hex') as Digest;
}
