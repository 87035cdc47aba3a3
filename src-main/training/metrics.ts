import { average } from '../averaging/average.ts';
import type { Metrics } from '../contract/metrics.ts';
import type { ClassResults } from '../contract/use.ts';

/** Bins of the expected calibration error. */
const BINS = 15;

/**
 * Smallest probability that counts, float32's smallest normal number: softmax in float32 underflows to 0, and one
 * such image would make the mean infinite. It bounds an image's NLL at 87.3 nats.
 */
export const SMALLEST_PROBABILITY = 2 ** -126;

/** Sums from which metrics of any number of images follow. */
interface Sums {
  correct: number;
  nll: number;
  /** By confidence bin: images, correct ones, confidence. */
  readonly counts: Float64Array;
  readonly hits: Float64Array;
  readonly confidence: Float64Array;
}

/**
 * Accuracy, negative log-likelihood and expected calibration error of predictions; sums in float64.
 *
 * Accuracy: share of images whose most probable class (the first one of equals) is their label. NLL: mean of
 * −ln p(label), in nats, p at least {@link SMALLEST_PROBABILITY}. ECE (Naeini et al. 2015; Guo et al. 2017): over
 * 15 equal-width bins (lo, hi] of the largest probability, |accuracy − mean confidence| weighted by share.
 *
 * @param probabilities Softmax probabilities, [images, classes] in C order.
 * @param labels One class an image, 0 … classes − 1.
 * @throws RangeError where sizes do not fit, a label is out of range or a probability is not a number.
 */
export function metricsOf(probabilities: Float32Array, labels: ArrayLike<number>, classes: number): Metrics {
  const count = labels.length;
  const sums = sumsOf(probabilities, labels, classes);
  let ece = 0;
  for (let bin = 0; bin < BINS; bin++)
    ece += Math.abs((sums.hits[bin] as number) - (sums.confidence[bin] as number)) / count;
  return { accuracy: sums.correct / count, nll: sums.nll / count, ece };
}

/** What a reliability diagram shows, by the bins of the expected calibration error. */
export interface ConfidenceBins {
  /** Images, and those of them that are right. */
  readonly count: number[];
  readonly correct: number[];
  /** Sum of the largest probabilities. */
  readonly confidence: number[];
}

/** Predictions by how sure they are; parameters and errors as of {@link metricsOf}. */
export function confidenceBins(
  probabilities: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
): ConfidenceBins {
  const { counts, hits, confidence } = sumsOf(probabilities, labels, classes);
  return { count: [...counts], correct: [...hits], confidence: [...confidence] };
}

function sumsOf(probabilities: Float32Array, labels: ArrayLike<number>, classes: number): Sums {
  const count = labels.length;
  if (count === 0) throw new RangeError('there are no images to judge');
  if (probabilities.length !== count * classes)
    throw new RangeError(
      `${probabilities.length} probabilities are not ${count} images × ${classes} classes`,
    );
  const sums: Sums = {
    correct: 0,
    nll: 0,
    counts: new Float64Array(BINS),
    hits: new Float64Array(BINS),
    confidence: new Float64Array(BINS),
  };
  for (let image = 0; image < count; image++)
    judge(sums, probabilities, image, labels[image] as number, classes);
  return sums;
}

function judge(sums: Sums, probabilities: Float32Array, image: number, label: number, classes: number): void {
  if (!Number.isInteger(label) || label < 0 || label >= classes)
    throw new RangeError(`image ${image} has label ${label}, but there are ${classes} classes`);
  const row = image * classes;
  let best = 0;
  for (let c = 0; c < classes; c++) {
    const p = probabilities[row + c] as number;
    if (Number.isNaN(p))
      throw new RangeError(`the probability of class ${c} of image ${image} is not a number`);
    if (p > (probabilities[row + best] as number)) best = c;
  }
  const confidence = probabilities[row + best] as number;
  const hit = best === label ? 1 : 0;
  sums.correct += hit;
  sums.nll -= Math.log(Math.max(probabilities[row + label] as number, SMALLEST_PROBABILITY));
  // A float32 times 15 is exact in float64, so no image falls on the wrong side of a bin's edge.
  const bin = Math.min(Math.max(Math.ceil(confidence * BINS) - 1, 0), BINS - 1);
  sums.counts[bin] = (sums.counts[bin] as number) + 1;
  sums.hits[bin] = (sums.hits[bin] as number) + hit;
  sums.confidence[bin] = (sums.confidence[bin] as number) + confidence;
}

/**
 * Predictions by class: the most probable one, of equals the first, as in {@link metricsOf}.
 * @param probabilities Softmax probabilities, [images, classes] in C order.
 * @param labels One class an image, 0 … classes − 1.
 */
export function classResults(
  probabilities: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
): ClassResults {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const predicted = predictedClasses(probabilities, classes);
  for (const [image, guess] of predicted.entries()) {
    const row = confusion[labels[image] as number];
    if (!row)
      throw new RangeError(`image ${image} has label ${labels[image]}, but there are ${classes} classes`);
    row[guess] = (row[guess] ?? 0) + 1;
  }
  const images = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
  const accuracy = images.map((count, label) =>
    count > 0 ? (confusion[label]?.[label] ?? 0) / count : null,
  );
  return { images, accuracy, confusion };
}

/** The most probable class of each image, of equals the first. */
function predictedClasses(probabilities: Float32Array, classes: number): Int32Array {
  return Int32Array.from({ length: probabilities.length / classes }, (_, image) => {
    const row = probabilities.subarray(image * classes, (image + 1) * classes);
    return row.reduce((best, p, index) => (p > (row[best] as number) ? index : best), 0);
  });
}

/**
 * Probabilities of an ensemble: the mean of its members', in float64, one rounding to float32.
 * @param members Softmax probabilities, all [images, classes] of the same images.
 * @throws RangeError on no members, or where their lengths differ.
 */
export function ensembleProbabilities(members: readonly Float32Array[]): Float32Array {
  return average(members);
}
