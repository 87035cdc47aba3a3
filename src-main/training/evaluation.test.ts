import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { loadTensorFlow, type TensorFlow } from '../engine/tensorflow.ts';
import { BATCH_NORM_EPSILON, type Layers } from '../models/layers.ts';
import { EVALUATION_BATCH } from '../contract/job.ts';
import { estimateStatistics, predict } from './evaluation.ts';
import { networkTask, randomImages, randomWeights } from './fixtures.ts';
import { statisticsLength } from './network.ts';
import { predictionStep, statisticsStep, type NetworkTask } from './programs.ts';

let tensorflow: TensorFlow;

beforeAll(() => {
  tensorflow = loadTensorFlow(inject('engine'));
});

const SHAPE = [8, 8, 2] as const;
const CLASSES = 3;
const resnet = networkTask({ kind: 'resnet', depth: 8, width: 3 }, SHAPE, CLASSES);
const weights = randomWeights(resnet.layout);

/** The model in plain tfjs ops; writes every batch norm's means and unbiased variances down. */
class Plain implements Layers<Tensor> {
  readonly mean = new Map<string, Float32Array>();
  readonly variance = new Map<string, Float32Array>();
  readonly #task: NetworkTask;

  constructor(task: NetworkTask) {
    this.#task = task;
  }

  conv2d(name: string, x: Tensor, { stride, padding }: { stride: number; padding: number }): Tensor {
    const sides: [number, number] = [padding, padding];
    const image = tensorflow.tf.pad(x as Tensor4D, [[0, 0], sides, sides, [0, 0]]);
    return tensorflow.tf.conv2d(image, this.parameter<Tensor4D>(`${name}/kernel`), stride, 'valid');
  }

  batchNorm(name: string, x: Tensor): Tensor {
    const { tf } = tensorflow;
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    const count = x.size / mean.size;
    this.mean.set(name, mean.dataSync<'float32'>());
    this.variance.set(name, variance.mul(tf.scalar(count / (count - 1))).dataSync<'float32'>());
    const deviation = variance.add(tf.scalar(BATCH_NORM_EPSILON)).sqrt();
    const [scale, offset] = [this.parameter(`${name}/scale`), this.parameter(`${name}/offset`)];
    return x.sub(mean).div(deviation).mul(scale).add(offset);
  }

  dense(name: string, x: Tensor): Tensor {
    return x.matMul(this.parameter(`${name}/kernel`)).add(this.parameter(`${name}/bias`));
  }

  relu(x: Tensor): Tensor {
    return x.relu();
  }

  add(a: Tensor, b: Tensor): Tensor {
    return a.add(b);
  }

  globalAveragePool(x: Tensor): Tensor {
    return x.mean([1, 2]);
  }

  flatten(x: Tensor): Tensor {
    return x.reshape([x.shape[0] ?? 0, -1]);
  }

  protected parameter<T extends Tensor>(name: string): T {
    const found = this.#task.layout.parameters.find((parameter) => parameter.name === name);
    if (!found) throw new Error(`no ${name}`);
    const { offset, size, shape } = found;
    return tensorflow.tf.tensor(weights.slice(offset, offset + size), [...shape]) as T;
  }
}

describe('re-estimated batch-norm statistics', () => {
  test('are the means over batches of batch means and unbiased variances; what does not fill a batch is left out', () => {
    const { tf } = tensorflow;
    const data = randomImages(30, SHAPE, CLASSES);
    const indices = Int32Array.from({ length: 27 }, (_, at) => (at * 11) % 30);
    const step = statisticsStep(tensorflow, resnet);
    const length = statisticsLength(resnet.description);
    const made = estimateStatistics(step, weights, length, data, indices, 8);
    const again = estimateStatistics(step, weights, length, data, indices, 8);
    step.dispose();
    expect(again).toEqual(made);

    const expected = new Float64Array(length);
    const pixels = SHAPE[0] * SHAPE[1] * SHAPE[2];
    const { mean, deviation } = resnet.normalisation;
    for (let batch = 0; batch < 3; batch++) {
      const plain = new Plain(resnet);
      tf.tidy(() => {
        const bytes = [...indices.subarray(batch * 8, batch * 8 + 8)].flatMap((index) => [
          ...data.images.subarray(index * pixels, (index + 1) * pixels),
        ]);
        const values = bytes.map((byte, at) => (byte / 255 - (mean[at % 2] ?? 0)) / (deviation[at % 2] ?? 1));
        resnet.model.forward<Tensor>(plain, tf.tensor(values, [8, ...SHAPE]), CLASSES);
      });
      let at = 0;
      for (const part of [plain.mean, plain.variance])
        for (const { name } of resnet.description.statistics)
          for (const value of part.get(name) ?? []) expected[at] = (expected[at++] ?? NaN) + value / 3;
      expect(at).toBe(length);
    }
    for (const [index, value] of made.entries())
      expect(Math.abs(value - (expected[index] ?? NaN))).toBeLessThan(
        2e-5 * Math.max(1, Math.abs(expected[index] ?? NaN)),
      );
  });

  test('a model without batch norm has none', () => {
    const lenet = networkTask({ kind: 'lenet', hidden: [4] }, SHAPE, CLASSES);
    const step = statisticsStep(tensorflow, lenet);
    const data = randomImages(10, SHAPE, CLASSES);
    expect(estimateStatistics(step, weights, 0, data, Int32Array.of(0, 1), 2)).toHaveLength(0);
  });
});

describe('prediction', () => {
  const data = randomImages(EVALUATION_BATCH + 7, SHAPE, CLASSES);
  const statistics = new Float32Array(statisticsLength(resnet.description)).map(
    (_, at) => 0.5 + (at % 3) / 4,
  );

  test('a last batch that is not full predicts as each image by itself', () => {
    const step = predictionStep(tensorflow, resnet);
    const all = predict(step, weights, statistics, data, null, CLASSES);
    expect(all).toHaveLength((EVALUATION_BATCH + 7) * CLASSES);
    for (const index of [0, 1, EVALUATION_BATCH - 1, EVALUATION_BATCH, EVALUATION_BATCH + 6]) {
      const one = predict(step, weights, statistics, data, Int32Array.of(index), CLASSES);
      expect(one).toHaveLength(CLASSES);
      let sum = 0;
      for (const [at, value] of one.entries()) {
        expect(value).toBeCloseTo(all[index * CLASSES + at] ?? NaN, 6);
        sum += value;
      }
      expect(sum).toBeCloseTo(1, 6);
    }
    expect(step.recordings).toBe(1);
    step.dispose();
  });

  test('indices choose the images and their order', () => {
    const step = predictionStep(tensorflow, resnet);
    const [all, some] = [null, Int32Array.of(5, 0, 5)].map((indices) =>
      predict(step, weights, statistics, data, indices, CLASSES),
    ) as [Float32Array, Float32Array];
    for (const [row, index] of [5, 0, 5].entries())
      for (let at = 0; at < CLASSES; at++)
        expect(some[row * CLASSES + at]).toBeCloseTo(all[index * CLASSES + at] ?? NaN, 6);
    step.dispose();
  });

  test('batch norm computes by the given statistics, as tfjs does', () => {
    const { tf } = tensorflow;
    const step = predictionStep(tensorflow, resnet);
    const predicted = predict(step, weights, statistics, data, Int32Array.of(3), CLASSES);
    step.dispose();
    const layers = resnet.description.statistics;
    const total = layers.reduce((sum, { channels }) => sum + channels, 0);
    /** As Plain, but with the statistics that were given. */
    class Given extends Plain {
      override batchNorm(name: string, x: Tensor): Tensor {
        let offset = 0;
        for (const layer of layers) {
          if (layer.name === name) break;
          offset += layer.channels;
        }
        const channels = x.shape.at(-1) ?? 0;
        const piece = (from: number) => tf.tensor1d(statistics.slice(from, from + channels));
        return tf.batchNorm(
          x as Tensor4D,
          piece(offset),
          piece(total + offset),
          this.parameter(`${name}/offset`),
          this.parameter(`${name}/scale`),
          BATCH_NORM_EPSILON,
        );
      }
    }
    const pixels = SHAPE[0] * SHAPE[1] * SHAPE[2];
    const { mean, deviation } = resnet.normalisation;
    const values = [...data.images.subarray(3 * pixels, 4 * pixels)].map(
      (byte, at) => (byte / 255 - (mean[at % 2] ?? 0)) / (deviation[at % 2] ?? 1),
    );
    const logits = resnet.model.forward<Tensor>(new Given(resnet), tf.tensor(values, [1, ...SHAPE]), CLASSES);
    for (const [at, value] of tf.softmax(logits).dataSync<'float32'>().entries())
      expect(predicted[at]).toBeCloseTo(value, 5);
  });
});
