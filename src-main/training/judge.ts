import type { Evaluation } from '../contract/metrics.ts';
import type { Program } from '../engine/program.ts';
import { predict } from './evaluation.ts';
import { metricsOf } from './metrics.ts';
import type { Prepared } from './workspace.ts';

/** Softmax probabilities, [images × classes], of the validation and the test images. */
export interface Predictions {
  readonly validation: Float32Array;
  readonly test: Float32Array;
}

/** Predicts both splits under given weights and batch-norm statistics. */
export function predictSplits(
  step: Program,
  { dataset, split, network }: Prepared,
  weights: Float32Array,
  statistics: Float32Array,
): Predictions {
  const { shape } = dataset;
  const on = (images: Uint8Array, indices: Int32Array | null): Float32Array =>
    predict(step, weights, statistics, { images, shape }, indices, network.classes);
  return { validation: on(dataset.train.images, split.validation), test: on(dataset.test.images, null) };
}

/** Accuracy, NLL and ECE of predictions; validation is `null` where nothing is held out. */
export function judge(
  { dataset, split }: Prepared,
  validation: Float32Array,
  test: Float32Array,
): Evaluation {
  const classes = dataset.classes.length;
  const { labels } = dataset.train;
  const held = Uint8Array.from(split.validation, (index: number) => labels[index] as number);
  return {
    validation: held.length > 0 ? metricsOf(validation, held, classes) : null,
    test: metricsOf(test, dataset.test.labels, classes),
  };
}
