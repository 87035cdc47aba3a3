import { randomImages } from './fixtures.ts';
import type { NetworkTask } from './programs.ts';

// For tests: a network of one hidden layer in float64, its gradient by hand.

export const SHAPE = [3, 3, 2] as const;
export const HIDDEN = 6;
export const CLASSES = 4;
export const BATCH = 6;
const INPUTS = 18;
export const { images, labels } = randomImages(BATCH, SHAPE, CLASSES);

/** The images as the network sees them, one row each. */
export function inputs({ normalisation: { mean, deviation } }: NetworkTask): number[][] {
  return Array.from({ length: BATCH }, (_, image) =>
    Array.from({ length: INPUTS }, (_, i) => {
      const channel = i % SHAPE[2];
      return ((images[image * INPUTS + i] ?? NaN) / 255 - (mean[channel] ?? 0)) / (deviation[channel] ?? 1);
    }),
  );
}

/** The labels as probabilities, one row each. */
export function oneHot(): number[][] {
  return Array.from(labels, (label) => Array.from({ length: CLASSES }, (_, k) => (k === label ? 1 : 0)));
}

/** Mean cross-entropy to given probabilities, and its gradient. */
export function lossAndGradient(
  { layout }: NetworkTask,
  weights: Float64Array,
  x: readonly number[][],
  targets: readonly number[][],
): { loss: number; gradient: Float64Array } {
  const at = (name: string): number => layout.parameters.find((one) => one.name === name)?.offset ?? NaN;
  const kernel1 = at('dense1/kernel');
  const bias1 = at('dense1/bias');
  const kernel2 = at('classifier/kernel');
  const bias2 = at('classifier/bias');
  const w = (index: number): number => weights[index] ?? NaN;
  const gradient = new Float64Array(weights.length);
  const add = (index: number, value: number): void => {
    gradient[index] = (gradient[index] ?? NaN) + value;
  };
  let loss = 0;
  for (const [image, row] of x.entries()) {
    const h = Array.from({ length: HIDDEN }, (_, j) =>
      Math.max(
        0,
        row.reduce((sum, value, i) => sum + value * w(kernel1 + i * HIDDEN + j), w(bias1 + j)),
      ),
    );
    const logits = Array.from({ length: CLASSES }, (_, k) =>
      h.reduce((sum, value, j) => sum + value * w(kernel2 + j * CLASSES + k), w(bias2 + k)),
    );
    const total = logits.reduce((sum, value) => sum + Math.exp(value), 0);
    const target = (k: number): number => targets[image]?.[k] ?? NaN;
    for (const [k, value] of logits.entries()) loss += (target(k) * (Math.log(total) - value)) / x.length;
    const dLogits = logits.map((value, k) => (Math.exp(value) / total - target(k)) / x.length);
    for (const [k, d] of dLogits.entries()) {
      add(bias2 + k, d);
      for (const [j, value] of h.entries()) add(kernel2 + j * CLASSES + k, value * d);
    }
    for (const [j, value] of h.entries()) {
      if (value <= 0) continue;
      const d = dLogits.reduce((sum, dk, k) => sum + dk * w(kernel2 + j * CLASSES + k), 0);
      add(bias1 + j, d);
      for (const [i, input] of row.entries()) add(kernel1 + i * HIDDEN + j, input * d);
    }
  }
  return { loss, gradient };
}
