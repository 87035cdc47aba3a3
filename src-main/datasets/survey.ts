import { createHash } from 'node:crypto';
import type { Survey } from '../contract/survey.ts';
import type { Dataset, ImageSet } from './dataset.ts';
import { splitTraining } from './split.ts';

/**
 * Counts what is in a data set under a seed's validation split.
 * @throws ConfigError where the split cannot be made
 */
export function surveyOf(kind: string, dataset: Dataset, split: Survey['split']): Survey {
  const { title, shape, division, classes, train, test, normalisation, digest, files } = dataset;
  const drawn = splitTraining(train.labels, split.validation, split.seed);
  const counts = [drawn.train, drawn.validation].map((indices) =>
    countLabels(Uint8Array.from(indices, (index) => train.labels[index] as number)),
  );
  const tested = countLabels(test.labels);
  return {
    kind,
    title,
    shape: [...shape],
    division,
    split,
    classes: classes.map((name, label) => ({
      name,
      training: counts[0]?.[label] ?? 0,
      validation: counts[1]?.[label] ?? 0,
      test: tested[label] ?? 0,
    })),
    images: { training: drawn.train.length, validation: drawn.validation.length, test: test.count },
    normalisation: { mean: [...normalisation.mean], deviation: [...normalisation.deviation] },
    duplicates: countDuplicates(train, test, shape[0] * shape[1] * shape[2]),
    files: files ? { ignored: [...files.ignored], broken: [...files.broken], cached: files.cached } : null,
    digest,
  };
}

function countLabels(labels: Uint8Array): Int32Array {
  const counts = new Int32Array(256);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  return counts;
}

function countDuplicates(train: ImageSet, test: ImageSet, bytes: number): Survey['duplicates'] {
  /** Labels of the training images with these pixels. */
  const known = new Map<string, Set<number>>();
  let training = 0;
  for (const [pixels, label] of digests(train, bytes)) {
    const labels = known.get(pixels);
    if (labels) {
      labels.add(label);
      training++;
    } else known.set(pixels, new Set([label]));
  }
  let both = 0;
  let otherClass = 0;
  for (const [pixels, label] of digests(test, bytes)) {
    const labels = known.get(pixels);
    if (!labels) continue;
    both++;
    if (!labels.has(label)) otherClass++;
  }
  return { test: both, otherClass, training };
}

function* digests({ count, images, labels }: ImageSet, bytes: number): Generator<[string, number]> {
  for (let at = 0; at < count; at++) {
    const pixels = images.subarray(at * bytes, (at + 1) * bytes);
    yield [createHash('sha256').update(pixels).digest('base64'), labels[at] as number];
  }
}
