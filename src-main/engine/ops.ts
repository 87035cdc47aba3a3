import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { NodeBackend, OpAttribute, TensorFlow } from './tensorflow.ts';

/**
 * What the networks are made of, each with a gradient that tfjs's tape takes. All tensors are float32, images NHWC.
 */
export interface Ops {
  /** (bytes / 255 − mean) / deviation per channel, of a uint8 tensor [batch, h, w, c]. */
  normalise(bytes: Tensor, mean: readonly number[], deviation: readonly number[]): Tensor;
  /** Padding of `padding` pixels of zeros on every side. */
  conv2d(x: Tensor, kernel: Tensor, stride: number, padding: number): Tensor;
  /** Normalised by the batch's own statistics. */
  batchNormTraining(x: Tensor, scale: Tensor, offset: Tensor, epsilon: number): Tensor;
  /** The same with the statistics; `variance` is the unbiased one (n − 1), as PyTorch keeps it. No gradient. */
  batchNormStatistics(
    x: Tensor,
    scale: Tensor,
    offset: Tensor,
    epsilon: number,
  ): { y: Tensor; mean: Tensor; variance: Tensor };
  /** Normalised by given statistics. No gradient. */
  batchNormInference(
    x: Tensor,
    scale: Tensor,
    offset: Tensor,
    mean: Tensor,
    variance: Tensor,
    epsilon: number,
  ): Tensor;
  /** x·kernel + bias: [batch, in] · [in, out] + [out]. */
  dense(x: Tensor, kernel: Tensor, bias: Tensor): Tensor;
  /** x + bias, one number for each channel (the last axis). */
  bias(x: Tensor, bias: Tensor): Tensor;
  relu(x: Tensor): Tensor;
  /** x where a ReLU let something through, else 0; `activation` is what came out of it, and counts as a constant. */
  reluGate(x: Tensor, activation: Tensor): Tensor;
  add(a: Tensor, b: Tensor): Tensor;
  /** [batch, h, w, c] → [batch, c]. */
  globalAveragePool(x: Tensor): Tensor;
  /** [batch, …] → [batch, all the rest in C order]. */
  flatten(x: Tensor): Tensor;
  /** Cross-entropy per image [batch] of logits [batch, classes] and int32 labels [batch]. */
  softmaxCrossEntropy(logits: Tensor, labels: Tensor): Tensor;
  /** The same to probabilities [batch, classes] in place of labels; they have no gradient. */
  softmaxCrossEntropyTo(logits: Tensor, targets: Tensor): Tensor;
  /** How many logits [batch, classes] have their maximum at the int32 label; float32 scalar. */
  countCorrect(logits: Tensor, labels: Tensor): Tensor;
  /** The rows of x, float32 or int32, at int32 indices. No gradient. */
  rows(x: Tensor, indices: Tensor): Tensor;
  /**
   * x, and what is computed from it, only once `earlier` are there: a recorded graph would otherwise compute whatever
   * it can at a time. No gradient.
   */
  after(x: Tensor, earlier: readonly Tensor[]): Tensor;
}

/**
 * The ops on TensorFlow: its fused ops with its own gradient ops, where tfjs has compositions of a dozen ops or none
 * at all. Each is a tfjs op with a gradient (`customGrad`), so tfjs's tape differentiates through it.
 */
export function makeOps({ tf, backend }: Pick<TensorFlow, 'tf' | 'backend'>): Ops {
  const b = backend.binding;
  const float = b.TF_FLOAT;
  const type = (name: string, value: number): OpAttribute => ({ name, type: b.TF_ATTR_TYPE, value });
  const text = (name: string, value: string): OpAttribute => ({ name, type: b.TF_ATTR_STRING, value });
  const bool = (name: string, value: boolean): OpAttribute => ({ name, type: b.TF_ATTR_BOOL, value });
  const ints = (name: string, value: readonly number[]): OpAttribute => ({
    name,
    type: b.TF_ATTR_INT,
    value,
  });
  const T = type('T', float);
  const NHWC = text('data_format', 'NHWC');
  const run = (op: string, attributes: OpAttribute[], inputs: Tensor[], outputs = 1): Tensor[] =>
    execute(backend, op, attributes, inputs, outputs);
  const one = (op: string, attributes: OpAttribute[], inputs: Tensor[]): Tensor =>
    only(run(op, attributes, inputs));
  const int32 = (values: readonly number[]): Tensor => tf.tensor1d([...values], 'int32');

  const convolution = (stride: number, padding: 'SAME' | 'VALID'): OpAttribute[] => [
    T,
    ints('strides', [1, stride, stride, 1]),
    ints('dilations', [1, 1, 1, 1]),
    NHWC,
    bool('use_cudnn_on_gpu', true),
    text('padding', padding),
  ];
  const batchNorm = (epsilon: number, training: boolean): OpAttribute[] => [
    T,
    type('U', float),
    { name: 'epsilon', type: b.TF_ATTR_FLOAT, value: epsilon },
    NHWC,
    bool('is_training', training),
  ];
  const momentum: OpAttribute = { name: 'exponential_avg_factor', type: b.TF_ATTR_FLOAT, value: 1 };
  const matMul = (x: Tensor, y: Tensor, transposeX: boolean, transposeY: boolean): Tensor =>
    one('MatMul', [T, bool('transpose_a', transposeX), bool('transpose_b', transposeY)], [x, y]);

  const pad = (x: Tensor, by: number): Tensor =>
    tf.pad(x as Tensor4D, [
      [0, 0],
      [by, by],
      [by, by],
      [0, 0],
    ]);
  const normaliseBatch = (x: Tensor, scale: Tensor, offset: Tensor, epsilon: number) => {
    const empty = tf.tensor1d([], 'float32');
    const attributes = [...batchNorm(epsilon, true), momentum];
    const made = run('FusedBatchNormV3', attributes, [x, scale, offset, empty, empty], 6);
    return made as [y: Tensor, mean: Tensor, variance: Tensor, Tensor, Tensor, Tensor];
  };

  return {
    normalise(bytes, mean, deviation) {
      const attributes = [type('SrcT', b.TF_UINT8), type('DstT', float), bool('Truncate', false)];
      return normalisePixels(tf, one('Cast', attributes, [bytes]), mean, deviation);
    },

    conv2d(x, kernel, stride, padding) {
      // At stride 1 SAME is symmetric. Otherwise pad first: TensorFlow's SAME is asymmetric there, and the
      // gradients under its EXPLICIT padding are four times slower on a CPU than of a padded image.
      const [size = 0] = kernel.shape;
      const same = stride === 1 && 2 * padding === size - 1;
      const image = same || padding === 0 ? x : pad(x, padding);
      const attributes = convolution(stride, same ? 'SAME' : 'VALID');
      const imageShape = image.shape;
      const kernelShape = kernel.shape;
      return tf.customGrad((...inputs: (Tensor | SaveFunction)[]) => {
        const [image, weights, save] = inputs as [Tensor, Tensor, SaveFunction];
        save([image, weights]);
        const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
          const [image, weights] = saved as [Tensor, Tensor];
          return [
            one('Conv2DBackpropInput', attributes, [int32(imageShape), weights, dy]),
            one('Conv2DBackpropFilter', attributes, [image, int32(kernelShape), dy]),
          ];
        };
        return { value: one('Conv2D', attributes, [image, weights]), gradFunc };
      })(image, kernel);
    },

    batchNormTraining(x, scale, offset, epsilon) {
      return tf.customGrad((...inputs: (Tensor | SaveFunction)[]) => {
        const [image, gamma, beta, save] = inputs as [Tensor, Tensor, Tensor, SaveFunction];
        const [value, , , ...reserved] = normaliseBatch(image, gamma, beta, epsilon);
        save([image, gamma, ...reserved]);
        const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] =>
          run('FusedBatchNormGradV3', batchNorm(epsilon, true), [dy, ...saved], 5).slice(0, 3);
        return { value, gradFunc };
      })(x, scale, offset);
    },

    batchNormStatistics(x, scale, offset, epsilon) {
      const [y, mean, variance] = normaliseBatch(x, scale, offset, epsilon);
      return { y, mean, variance };
    },

    batchNormInference(x, scale, offset, mean, variance, epsilon) {
      return first(
        run(
          'FusedBatchNormV3',
          [...batchNorm(epsilon, false), momentum],
          [x, scale, offset, mean, variance],
          6,
        ),
      );
    },

    dense(x, kernel, bias) {
      return tf.customGrad((...inputs: (Tensor | SaveFunction)[]) => {
        const [features, weights, shift, save] = inputs as [Tensor, Tensor, Tensor, SaveFunction];
        save([features, weights]);
        const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
          const [features, weights] = saved as [Tensor, Tensor];
          return [
            matMul(dy, weights, false, true),
            matMul(features, dy, true, false),
            one('BiasAddGrad', [T, NHWC], [dy]),
          ];
        };
        return {
          value: one('BiasAdd', [T, NHWC], [matMul(features, weights, false, false), shift]),
          gradFunc,
        };
      })(x, kernel, bias);
    },

    bias(x, bias) {
      return tf.customGrad((...inputs: (Tensor | SaveFunction)[]) => {
        const [features, shift] = inputs as [Tensor, Tensor];
        const gradFunc = (dy: Tensor): Tensor[] => [dy, one('BiasAddGrad', [T, NHWC], [dy])];
        return { value: one('BiasAdd', [T, NHWC], [features, shift]), gradFunc };
      })(x, bias);
    },

    relu(x) {
      return tf.customGrad((...inputs: (Tensor | SaveFunction)[]) => {
        const [features, save] = inputs as [Tensor, SaveFunction];
        const value = one('Relu', [T], [features]);
        save([value]);
        return { value, gradFunc: (dy: Tensor, saved: Tensor[]) => one('ReluGrad', [T], [dy, only(saved)]) };
      })(x);
    },

    reluGate(x, activation) {
      const gate = (values: Tensor, by: Tensor): Tensor => one('ReluGrad', [T], [values, by]);
      return tf.customGrad((...inputs: (Tensor | SaveFunction)[]) => {
        const [values, save] = inputs as [Tensor, SaveFunction];
        save([activation]);
        const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor => gate(dy, only(saved));
        return { value: gate(values, activation), gradFunc };
      })(x);
    },

    add: (a, b) => tf.add(a, b),

    flatten: (x) => flatten(tf, x),

    globalAveragePool(x) {
      const [batch = 0, height = 0, width = 0, channels = 0] = x.shape;
      return tf.customGrad((...inputs: (Tensor | SaveFunction)[]) => {
        const [image] = inputs as [Tensor];
        const gradFunc = (dy: Tensor): Tensor => {
          const share = tf.reshape(tf.mul(dy, tf.scalar(1 / (height * width))), [batch, 1, 1, channels]);
          return one(
            'BroadcastTo',
            [T, type('Tidx', b.TF_INT32)],
            [share, int32([batch, height, width, channels])],
          );
        };
        return { value: tf.mean(image, [1, 2]), gradFunc };
      })(x);
    },

    softmaxCrossEntropy(logits, labels) {
      return tf.customGrad((...inputs: (Tensor | SaveFunction)[]) => {
        const [scores, save] = inputs as [Tensor, SaveFunction];
        const [value, backprop] = run(
          'SparseSoftmaxCrossEntropyWithLogits',
          [T, type('Tlabels', b.TF_INT32)],
          [scores, labels],
          2,
        ) as [Tensor, Tensor];
        save([backprop]);
        const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor =>
          tf.mul(tf.reshape(dy, [-1, 1]), only(saved));
        return { value, gradFunc };
      })(logits);
    },

    softmaxCrossEntropyTo(logits, targets) {
      return tf.customGrad((...inputs: (Tensor | SaveFunction)[]) => {
        const [scores, save] = inputs as [Tensor, SaveFunction];
        const made = run('SoftmaxCrossEntropyWithLogits', [T], [scores, targets], 2);
        const [value, backprop] = made as [Tensor, Tensor];
        save([backprop]);
        const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor =>
          tf.mul(tf.reshape(dy, [-1, 1]), only(saved));
        return { value, gradFunc };
      })(logits);
    },

    // tfjs's own kernel reads the indices to check them, which nothing recorded can.
    rows(x, indices) {
      const params = type('Tparams', x.dtype === 'int32' ? b.TF_INT32 : float);
      const attributes = [params, type('Tindices', b.TF_INT32), type('Taxis', b.TF_INT32)];
      return one('GatherV2', attributes, [x, indices, tf.scalar(0, 'int32')]);
    },

    after(x, earlier) {
      if (earlier.length === 0) return x;
      const value = one('Identity', [T], [x]);
      const [id = -1, ...others] = backend.getInputTensorIds([value, ...earlier]);
      // Executed at once there is nothing to order; a recorder takes the place of the binding.
      backend.binding.order?.(id, others);
      return value;
    },

    countCorrect(logits, labels) {
      const axis = tf.scalar(1, 'int32');
      const attributes = [T, type('Tidx', b.TF_INT32), type('output_type', b.TF_INT32)];
      return tf.sum(tf.cast(tf.equal(one('ArgMax', attributes, [logits, axis]), labels), 'float32'));
    },
  };
}

/** [batch, …] → [batch, all the rest in C order]. */
export function flatten(tf: TensorFlow['tf'], x: Tensor): Tensor {
  const [batch = 0, ...rest] = x.shape;
  return tf.reshape(x, [batch, rest.reduce((product, side) => product * side, 1)]);
}

/**
 * (x / 255 − mean) / deviation of pixels 0 … 255 as floats, channel by channel.
 * @param pixels [batch, height, width, channels]
 */
export function normalisePixels(
  tf: TensorFlow['tf'],
  pixels: Tensor,
  mean: readonly number[],
  deviation: readonly number[],
): Tensor {
  // x · 1/(255·deviation) − mean/deviation: two ops on the batch instead of three. A row of pixels at a time:
  // TensorFlow repeats a vector of three channels ten times slower than one of a hundred.
  const [batch = 0, height = 0, width = 0, channels = 0] = pixels.shape;
  const row = (value: (channel: number) => number): Tensor =>
    tf.tensor1d(Float32Array.from({ length: width * channels }, (_, at) => value(at % channels)));
  const factor = row((channel) => 1 / (255 * (deviation[channel] ?? 1)));
  const shift = row((channel) => -(mean[channel] ?? 0) / (deviation[channel] ?? 1));
  const rows = tf.reshape(pixels, [batch * height, width * channels]);
  return tf.reshape(tf.add(tf.mul(rows, factor), shift), pixels.shape);
}

type SaveFunction = (tensors: Tensor[]) => void;

function execute(
  backend: NodeBackend,
  op: string,
  attributes: OpAttribute[],
  inputs: Tensor[],
  outputs: number,
): Tensor[] {
  return backend.executeMultipleOutputs(op, attributes, inputs, outputs);
}

function only(tensors: readonly Tensor[]): Tensor {
  const [tensor] = tensors;
  if (!tensor || tensors.length !== 1) throw new Error(`expected one tensor, not ${tensors.length}`);
  return tensor;
}

function first(tensors: readonly Tensor[]): Tensor {
  const [tensor] = tensors;
  if (!tensor) throw new Error('expected a tensor');
  return tensor;
}
