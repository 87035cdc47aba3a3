import { createHash } from 'node:crypto';
import { ConfigError } from '../contract/errors.ts';
import type { Digest } from '../contract/ids.ts';
import { shuffle, streamFor } from '../random/random.ts';

/** Indices into a data set's training set, rising. */
export interface Split {
  readonly train: Int32Array;
  /** Held out of training; empty where the fraction is 0. */
  readonly validation: Int32Array;
  /** SHA-256 of which images are held out of how many. */
  readonly digest: Digest;
}

/**
 * Holds a stratified share of the training set out for validation: round(fraction · n) images in all, divided
 * among the classes in proportion by largest remainder, drawn from the stream `seed/split`.
 * @param labels Classes of the training images.
 * @throws ConfigError where the fraction is not in [0, 1) or leaves a class without training images.
 */
export function splitTraining(labels: Uint8Array, fraction: number, seed: number): Split {
  if (!(fraction >= 0 && fraction < 1))
    throw new ConfigError(
      `split.validation: ${fraction} is not a share of the training set`,
      'Give a number from 0 (no validation set) to below 1, for example 0.1.',
    );
  const byClass = indicesByClass(labels);
  const total = Math.floor(fraction * labels.length + 0.5);
  const counts = largestRemainder(
    byClass.map(({ length }) => length),
    total,
  );
  const stream = streamFor({ seed, purpose: 'split' });
  const heldOut = new Uint8Array(labels.length);
  for (const [label, indices] of byClass.entries()) {
    const count = counts[label] as number;
    if (count > 0 && count === indices.length)
      throw new ConfigError(
        `split.validation: ${fraction} holds out all ${count} training images of class ${label}`,
        'Use a smaller validation fraction or more data.',
      );
    shuffle(stream, indices);
    for (const index of indices.subarray(0, count)) heldOut[index] = 1;
  }
  const train = new Int32Array(labels.length - total);
  const validation = new Int32Array(total);
  let trained = 0;
  let validated = 0;
  for (let index = 0; index < labels.length; index++)
    if (heldOut[index] === 1) validation[validated++] = index;
    else train[trained++] = index;
  return { train, validation, digest: digestOf(heldOut) };
}

/**
 * Divides `total` among groups in proportion to their sizes: each its whole part, then one more for those with
 * the largest remainders, of equal ones the first. Never more than a group has.
 */
export function largestRemainder(sizes: readonly number[], total: number): number[] {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  if (!Number.isInteger(total) || total < 0 || total > all)
    throw new RangeError(`${total} cannot be divided among ${all}`);
  if (all === 0) return sizes.map(() => 0);
  const counts = sizes.map((size) => Math.floor((size * total) / all));
  const remainders = sizes.map((size, group) => ({ group, remainder: (size * total) % all }));
  remainders.sort((a, b) => b.remainder - a.remainder || a.group - b.group);
  const left = total - counts.reduce((sum, count) => sum + count, 0);
  for (const { group } of remainders.slice(0, left)) counts[group] = (counts[group] as number) + 1;
  return counts;
}

/**
 * An order in which classes are spread evenly: image i of a class of n comes at (i + ½) / n of the way. Sorted by
 * class, batches in fixed order would hold a class or two each, and batch-norm statistics re-estimated over them
 * (mean of the batches' variances) would miss the classes' differences.
 * @param counts images of each class
 * @returns class and number within the class of the image at each place
 */
export function spread(counts: readonly number[]): { readonly label: number; readonly index: number }[] {
  const places = counts.flatMap((count, label) =>
    Array.from({ length: count }, (_, index) => ({ label, index, at: (index + 0.5) / count })),
  );
  return places.sort((a, b) => a.at - b.at || a.label - b.label);
}

/** Indices of each class's images, rising; a class between others may have none. */
function indicesByClass(labels: Uint8Array): Int32Array[] {
  const classes = labels.reduce((most, label) => Math.max(most, label + 1), 0);
  const sizes = new Int32Array(classes);
  for (const label of labels) sizes[label] = (sizes[label] as number) + 1;
  const byClass = Array.from(sizes, (size) => new Int32Array(size));
  const filled = new Int32Array(classes);
  for (const [index, label] of labels.entries()) {
    const at = filled[label] as number;
    (byClass[label] as Int32Array)[at] = index;
    filled[label] = at + 1;
  }
  return byClass;
}

function digestOf(heldOut: Uint8Array): Digest {
  return createHash('sha256').update(`split of ${heldOut.length}\n`).update(heldOut).digest('hex') as Digest;
}
