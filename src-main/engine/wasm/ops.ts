import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { flatten, normalisePixels, type Ops } from '../ops.ts';
import { batchNormGradient, batchStatistics, normaliseChannels } from './batch-norm.ts';
import { crossEntropy, crossEntropyTo, countCorrect, rows } from './classifier.ts';
import { fused, type Native } from './fused.ts';

type SaveFunction = (tensors: Tensor[]) => void;

/**
 * The ops on tfjs's WebAssembly backend: XNNPACK's kernels for what multiplies matrices and walks over whole tensors,
 * one loop in JavaScript where tfjs would take a dozen passes over memory.
 */
export function makeWasmOps(native: Native): Ops {
  const { tf } = native;
  return {
    // Bytes are floats here already.
    normalise: (pixels, mean, deviation) => normalisePixels(tf, pixels, mean, deviation),

    conv2d: (x, kernel, stride, padding) =>
      tf.conv2d(x as Tensor4D, kernel as Tensor4D, stride, [
        [0, 0],
        [padding, padding],
        [padding, padding],
        [0, 0],
      ]),

    batchNormTraining(x, scale, offset, epsilon) {
      return tf.customGrad((...inputs: (Tensor | SaveFunction)[]) => {
        const [image, gamma, beta, save] = inputs as [Tensor, Tensor, Tensor, SaveFunction];
        const [mean, variance] = batchStatistics(native, image);
        const value = normaliseChannels(native, image, gamma, beta, mean, variance, epsilon);
        save([image, gamma, mean, variance]);
        const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
          const [x, scale, mean, variance] = saved as [Tensor, Tensor, Tensor, Tensor];
          return batchNormGradient(native, dy, x, scale, mean, variance, epsilon);
        };
        return { value, gradFunc };
      })(x, scale, offset);
    },

    batchNormStatistics(x, scale, offset, epsilon) {
      const [mean, variance] = batchStatistics(native, x);
      const y = normaliseChannels(native, x, scale, offset, mean, variance, epsilon);
      const count = x.size / mean.size;
      return { y, mean, variance: tf.mul(variance, tf.scalar(count / (count - 1))) };
    },

    batchNormInference: (x, scale, offset, mean, variance, epsilon) =>
      normaliseChannels(native, x, scale, offset, mean, variance, epsilon),

    dense: (x, kernel, bias) => tf.add(tf.matMul(x as Tensor2D, kernel as Tensor2D), bias),

    bias: (x, bias) => tf.add(x, bias),

    relu(x) {
      return tf.customGrad((...inputs: (Tensor | SaveFunction)[]) => {
        const [features, save] = inputs as [Tensor, SaveFunction];
        const value = tf.relu(features);
        save([value]);
        const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor => gate(native, dy, saved[0] as Tensor);
        return { value, gradFunc };
      })(x);
    },

    reluGate: (x, activation) =>
      tf.customGrad((...inputs: (Tensor | SaveFunction)[]) => {
        const [values, save] = inputs as [Tensor, SaveFunction];
        save([activation]);
        const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor => gate(native, dy, saved[0] as Tensor);
        return { value: gate(native, values, activation), gradFunc };
      })(x),

    // tfjs's own gradient keeps both inputs, for nothing where they are of one shape.
    add: (a, b) =>
      tf.customGrad((...inputs: (Tensor | SaveFunction)[]) => {
        const [a, b] = inputs as [Tensor, Tensor];
        return { value: tf.add(a, b), gradFunc: (dy: Tensor) => [dy, tf.clone(dy)] };
      })(a, b),

    flatten: (x) => flatten(tf, x),

    globalAveragePool(x) {
      const { shape } = x;
      const [batch = 0, height = 0, width = 0, channels = 0] = shape;
      const pixels = height * width;
      return tf.customGrad((...inputs: (Tensor | SaveFunction)[]) => {
        const [image] = inputs as [Tensor];
        const gradFunc = (dy: Tensor): Tensor => {
          const [dx] = fused(native, [dy], [shape], ([dy = empty], [dx = empty]) => {
            let at = 0;
            for (let image = 0; image < batch; image++)
              for (let pixel = 0; pixel < pixels; pixel++)
                for (let channel = 0; channel < channels; channel++)
                  dx[at++] = (dy[image * channels + channel] as number) / pixels;
          });
          return dx as Tensor;
        };
        return { value: tf.mean(image, [1, 2]), gradFunc };
      })(x);
    },

    softmaxCrossEntropy(logits, labels) {
      return tf.customGrad((...inputs: (Tensor | SaveFunction)[]) => {
        const [scores, save] = inputs as [Tensor, SaveFunction];
        const [value, backprop] = crossEntropy(native, scores, labels);
        save([backprop]);
        const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor =>
          tf.mul(tf.reshape(dy, [rows(scores), 1]), saved[0] as Tensor);
        return { value, gradFunc };
      })(logits);
    },

    softmaxCrossEntropyTo(logits, targets) {
      return tf.customGrad((...inputs: (Tensor | SaveFunction)[]) => {
        const [scores, save] = inputs as [Tensor, SaveFunction];
        const [value, backprop] = crossEntropyTo(native, scores, targets);
        save([backprop]);
        const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor =>
          tf.mul(tf.reshape(dy, [rows(scores), 1]), saved[0] as Tensor);
        return { value, gradFunc };
      })(logits);
    },

    countCorrect: (logits, labels) => countCorrect(native, logits, labels),

    rows: (x, indices) => tf.gather(x, indices),

    // Operations are executed in turn anyway.
    after: (x) => x,
  };
}

/** x where the activation is above 0, else 0. */
function gate(native: Native, x: Tensor, activation: Tensor): Tensor {
  const [passed] = fused(native, [x, activation], [x.shape], ([x = empty, y = empty], [passed = empty]) => {
    for (let at = 0; at < passed.length; at++) passed[at] = (y[at] as number) > 0 ? (x[at] as number) : 0;
  });
  return passed as Tensor;
}

const empty = new Float32Array(0);
