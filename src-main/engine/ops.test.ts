import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { makeOps, type Ops } from './ops.ts';
import { loadTensorFlow, type TensorFlow } from './tensorflow.ts';

// Every op and its gradient against compositions of plain tfjs ops, which tfjs differentiates by itself, or
// against loops in float64 where tfjs has nothing to compare with.

let tensorflow: TensorFlow;
let tf: TensorFlow['tf'];
let ops: Ops;

beforeAll(() => {
  tensorflow = loadTensorFlow(inject('engine'));
  ({ tf } = tensorflow);
  ops = makeOps(tensorflow);
});

const EPSILON = 1e-5;

/** A tensor of numbers that look random and are not. */
function tensor(shape: readonly number[], seed = 1): Tensor {
  const length = shape.reduce((product, side) => product * side, 1);
  return tf.tensor(
    Float32Array.from({ length }, (_, at) => Math.sin((at + 1) * (seed + 2.9898))),
    [...shape],
  );
}

function values(x: Tensor): number[] {
  return [...x.dataSync<'float32'>()];
}

function expectClose(actual: Tensor, expected: Tensor | readonly number[], tolerance = 1e-5): void {
  const wanted = 'dataSync' in expected ? values(expected) : expected;
  const made = values(actual);
  expect(made).toHaveLength(wanted.length);
  const scale = Math.max(1, ...wanted.map(Math.abs));
  for (const [index, value] of made.entries()) {
    const difference = Math.abs(value - (wanted[index] ?? NaN)) / scale;
    expect(difference, `element ${index}: ${value} is not ${wanted[index]}`).toBeLessThan(tolerance);
  }
}

/** Value and gradients of `ours` are those of `theirs`, under a gradient that differs everywhere. */
function expectSame(
  ours: (...inputs: Tensor[]) => Tensor,
  theirs: (...inputs: Tensor[]) => Tensor,
  inputs: Tensor[],
): void {
  const [a, b] = [ours(...inputs), theirs(...inputs)];
  expect(a.shape).toEqual(b.shape);
  expectClose(a, b);
  const dy = tensor(a.shape, 7);
  const ourGradients = tf.grads(ours)(inputs, dy);
  const theirGradients = tf.grads(theirs)(inputs, dy);
  for (const [index, gradient] of ourGradients.entries()) {
    expect(gradient.shape).toEqual(inputs[index]?.shape);
    expectClose(gradient, theirGradients[index] as Tensor);
  }
}

function padded(x: Tensor, by: number): Tensor4D {
  return tf.pad(x as Tensor4D, [
    [0, 0],
    [by, by],
    [by, by],
    [0, 0],
  ]);
}

describe('convolution', () => {
  test.each([
    ['3×3, stride 1, padding 1', 3, 1, 1, 8],
    ['3×3, stride 2, padding 1, even side', 3, 2, 1, 8],
    ['3×3, stride 2, padding 1, odd side', 3, 2, 1, 7],
    ['1×1, stride 2, a shortcut', 1, 2, 0, 8],
    ['1×1, stride 2, odd side', 1, 2, 0, 7],
    ['5×5, stride 1, padding 2', 5, 1, 2, 6],
    ['3×3, no padding', 3, 1, 0, 6],
    ['3×3, more padding than SAME', 3, 1, 2, 5],
  ])('%s', (_, size, stride, padding, side) => {
    expectSame(
      (x, kernel) => ops.conv2d(x, kernel, stride, padding),
      (x, kernel) => tf.conv2d(padded(x, padding), kernel as Tensor4D, stride, 'valid'),
      [tensor([2, side, side, 3]), tensor([size, size, 3, 4], 2)],
    );
  });

  test('stride 2 pads every side, as PyTorch does and SAME does not', () => {
    const x = tf.tensor4d(
      Array.from({ length: 16 }, (_, at) => at),
      [1, 4, 4, 1],
    );
    const kernel = tf.ones([3, 3, 1, 1]);
    // Windows centred on (0,0), (0,2), (2,0), (2,2).
    expect(values(ops.conv2d(x, kernel, 2, 1))).toEqual([10, 24, 51, 90]);
  });
});

describe('batch norm', () => {
  const shapes = [[5, 3, 4, 6], [6], [6]];
  const given = () => shapes.map((shape, index) => tensor(shape, index + 1)) as [Tensor, Tensor, Tensor];
  const composed = (x: Tensor, scale: Tensor, offset: Tensor): Tensor => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return x
      .sub(mean)
      .mul(tf.rsqrt(variance.add(tf.scalar(EPSILON))))
      .mul(scale)
      .add(offset);
  };

  test('in training, by the biased variance of the batch', () => {
    expectSame(
      (x, scale, offset) => ops.batchNormTraining(x, scale, offset, EPSILON),
      (x, scale, offset) => composed(x, scale, offset),
      given(),
    );
  });

  test('its statistics: the mean, and the unbiased variance', () => {
    const [x, scale, offset] = given();
    const { y, mean, variance } = ops.batchNormStatistics(x, scale, offset, EPSILON);
    expectClose(y, composed(x, scale, offset));
    const data = values(x);
    const count = data.length / 6;
    for (let channel = 0; channel < 6; channel++) {
      const own = data.filter((_, index) => index % 6 === channel);
      const average = own.reduce((sum, value) => sum + value, 0) / count;
      const squares = own.reduce((sum, value) => sum + (value - average) ** 2, 0);
      expect(values(mean)[channel]).toBeCloseTo(average, 6);
      expect(values(variance)[channel]).toBeCloseTo(squares / (count - 1), 6);
    }
  });

  test('by given statistics', () => {
    const [x, scale, offset] = given();
    const mean = tensor([6], 4);
    const variance = tensor([6], 5).abs();
    expectClose(
      ops.batchNormInference(x, scale, offset, mean, variance, EPSILON),
      tf.batchNorm(x as Tensor4D, mean as never, variance as never, offset as never, scale as never, EPSILON),
    );
  });
});

test('dense layer', () => {
  expectSame(
    (x, kernel, bias) => ops.dense(x, kernel, bias),
    (x, kernel, bias) => tf.add(tf.matMul(x as Tensor2D, kernel as Tensor2D), bias),
    [tensor([5, 4]), tensor([4, 3], 2), tensor([3], 3)],
  );
});

test('ReLU: zero has the gradient zero', () => {
  const x = tf.tensor1d([-2, 0, 0, 1e-30, 3]);
  expect(values(ops.relu(x))).toEqual([0, 0, 0, Math.fround(1e-30), 3]);
  expect(values(tf.grad((y: Tensor) => ops.relu(y))(x, tf.tensor1d([5, 5, 5, 5, 5])))).toEqual([
    0, 0, 0, 5, 5,
  ]);
});

test('bias of each channel', () => {
  expectSame(
    (x, bias) => ops.bias(x, bias),
    (x, bias) => tf.add(x, bias),
    [tensor([3, 4, 5, 2]), tensor([2], 2)],
  );
});

test('what a ReLU lets through: its activation is a constant', () => {
  expectSame(
    (x) => ops.reluGate(x, tf.tensor1d([0, 2, 0, 1e-30, 3])),
    (x) => tf.mul(x, tf.tensor1d([0, 1, 0, 1, 1])),
    [tf.tensor1d([-2, -3, 4, 5, 6])],
  );
  const both = tf.grad((y: Tensor) => ops.reluGate(y, ops.relu(y)))(tf.tensor1d([-1, 0, 2]));
  expect(values(both)).toEqual([0, 0, 1]);
});

test('global average pool', () => {
  expectSame(
    (x) => ops.globalAveragePool(x),
    (x) => tf.mean(x, [1, 2]),
    [tensor([3, 4, 5, 2])],
  );
});

describe('cross-entropy', () => {
  const labels = () => tf.tensor1d([2, 0, 1, 1], 'int32');

  test('of each image, and its gradient', () => {
    expectSame(
      (logits) => ops.softmaxCrossEntropy(logits, labels()),
      (logits) => tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits as Tensor2D), tf.oneHot(labels(), 3)), 1)),
      [tensor([4, 3]).mul(tf.scalar(4))],
    );
  });

  test('of logits beyond the range of exp', () => {
    const logits = tf.tensor2d([[500, 0, -500]]);
    expect(values(ops.softmaxCrossEntropy(logits, tf.tensor1d([2], 'int32')))).toEqual([1000]);
  });

  test('counts hits; a tie goes to the first class', () => {
    const logits = tf.tensor2d([
      [1, 2, 3],
      [1, 1, 0],
      [1, 1, 0],
      [0, 1, 5],
    ]);
    expect(values(ops.countCorrect(logits, tf.tensor1d([2, 0, 1, 1], 'int32')))).toEqual([2]);
  });
});

test('normalises bytes per channel', () => {
  const { backend } = tensorflow;
  const data = Uint8Array.from({ length: 2 * 2 * 2 * 3 }, (_, at) => (at * 41) % 256);
  const id = backend.binding.createTensor([2, 2, 2, 3], backend.binding.TF_UINT8, data.slice());
  const bytes = backend.createOutputTensor({ id, shape: [2, 2, 2, 3], dtype: backend.binding.TF_UINT8 });
  const [mean, deviation] = [
    [0.5, 0.4, 0.3],
    [0.25, 0.2, 0.1],
  ];
  expectClose(
    ops.normalise(bytes, mean, deviation),
    Array.from(data, (byte, at) => (byte / 255 - (mean[at % 3] ?? 0)) / (deviation[at % 3] ?? 1)),
    1e-6,
  );
});

test('a small network by finite differences, through every op at once', () => {
  const images = tensor([4, 6, 6, 2]);
  const labels = tf.tensor1d([0, 1, 2, 1], 'int32');
  const shapes = [[3, 3, 2, 4], [4], [4], [1, 1, 2, 4], [4, 3], [3]];
  const loss = (...parts: Tensor[]): Tensor => {
    const [kernel, scale, offset, shortcut, head, bias] = parts as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    const h = ops.batchNormTraining(ops.conv2d(images, kernel, 2, 1), scale, offset, EPSILON);
    const x = ops.relu(h.add(ops.conv2d(images, shortcut, 2, 0)));
    return tf.mean(ops.softmaxCrossEntropy(ops.dense(ops.globalAveragePool(x), head, bias), labels));
  };
  const inputs = shapes.map((shape, index) => tensor(shape, index + 1));
  const gradients = tf.grads(loss)(inputs);
  for (const [index, input] of inputs.entries()) {
    // Along one direction per tensor: float32 and the kinks of ReLU leave two digits.
    const direction = tensor(input.shape, index + 11);
    const at = (step: number): number => {
      const moved = inputs.map((other, place) =>
        place === index ? other.add(direction.mul(tf.scalar(step))) : other,
      );
      return values(loss(...moved))[0] ?? NaN;
    };
    const slope = (at(1e-2) - at(-1e-2)) / 2e-2;
    const along = values((gradients[index] as Tensor).mul(direction).sum())[0] ?? NaN;
    expect(Math.abs(along - slope)).toBeLessThan(1e-2 * Math.max(0.1, Math.abs(slope)));
  }
});
