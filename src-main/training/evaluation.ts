import { EVALUATION_BATCH } from '../contract/job.ts';
import type { Program } from '../engine/program.ts';

/** Images as bytes and the shape of one. */
export interface Images {
  readonly images: Uint8Array;
  /** Height, width, channels. */
  readonly shape: readonly [number, number, number];
}

/**
 * Batch-norm statistics re-estimated for given weights (method.md, round r, 3): one pass over un-augmented
 * training images in fixed order, mean of the batch means and of the (unbiased) batch variances. What does not
 * fill a batch is left out.
 *
 * @param indices the training images, in the order of the pass
 * @returns flat, every layer's means, then every layer's variances
 */
export function estimateStatistics(
  step: Program,
  weights: Float32Array,
  length: number,
  { images, shape }: Images,
  indices: Int32Array,
  batch: number,
): Float32Array {
  if (length === 0) return new Float32Array(0);
  const size = Math.min(batch, indices.length);
  const steps = Math.floor(indices.length / size);
  const pixels = shape[0] * shape[1] * shape[2];
  const buffer = new Uint8Array(size * pixels);
  step.write('weights', weights);
  step.write('sum', new Float32Array(length));
  for (let at = 0; at < steps; at++) {
    gather(images, pixels, indices.subarray(at * size, (at + 1) * size), buffer);
    step.run({ images: { shape: [size, ...shape], data: buffer } });
  }
  return step.read('sum').map((sum) => sum / steps);
}

/**
 * Softmax probabilities of images under given weights and statistics.
 *
 * @param indices which images, in the order of the result; `null`: all
 * @returns [images × classes] in C order
 */
export function predict(
  step: Program,
  weights: Float32Array,
  statistics: Float32Array,
  { images, shape }: Images,
  indices: Int32Array | null,
  classes: number,
): Float32Array {
  const pixels = shape[0] * shape[1] * shape[2];
  const count = indices ? indices.length : images.length / pixels;
  const probabilities = new Float32Array(count * classes);
  const buffer = new Uint8Array(EVALUATION_BATCH * pixels);
  step.write('weights', weights);
  step.write('statistics', statistics.length > 0 ? statistics : new Float32Array(1));
  for (let at = 0; at < count; at += EVALUATION_BATCH) {
    const size = Math.min(EVALUATION_BATCH, count - at);
    if (indices) gather(images, pixels, indices.subarray(at, at + size), buffer);
    else buffer.set(images.subarray(at * pixels, (at + size) * pixels));
    // The last batch keeps what the buffer held: one shape for all, and the surplus is dropped.
    const made = step.run({ images: { shape: [EVALUATION_BATCH, ...shape], data: buffer } });
    probabilities.set(made.subarray(0, size * classes), at * classes);
  }
  return probabilities;
}

/** Copies images one after another. @param pixels bytes of an image */
export function gather(images: Uint8Array, pixels: number, indices: Int32Array, into: Uint8Array): void {
  for (const [row, index] of indices.entries()) {
    into.set(images.subarray(index * pixels, (index + 1) * pixels), row * pixels);
  }
}
