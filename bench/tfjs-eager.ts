import type { Rank, Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs';
import type { EngineBuild } from '../src-main/contract/job.ts';
import { loadTensorFlow } from '../src-main/engine/tensorflow.ts';
import { takeTurns } from './turns.ts';

// The step of step.ts as a user of tfjs writes it, on the same TensorFlow: plain ops, executed one by one, batch
// norm by moments and tf.batchNorm as tfjs-layers does it, gradients by tf.variableGrads, tfjs's own momentum
// optimizer. None of the engine's ops is used.

const WIDTH = 16;
const BLOCKS = 3;
const BATCH = 128;
const SIDE = 32;
const DECAY = 1e-4;

const { tf, version, device } = loadTensorFlow(
  JSON.parse(process.env['SWAMP_ENGINE'] ?? '{}') as EngineBuild,
);

const variables: Variable[] = [];

function variable(value: Tensor): Variable {
  const made = tf.variable(value);
  variables.push(made);
  return made;
}

/** Convolution, 3×3 or 1×1, and its batch norm. */
function convolution(size: number, from: number, to: number, stride: number): (x: Tensor4D) => Tensor4D {
  const deviation = Math.sqrt(2 / (size * size * from));
  const kernel = variable(tf.randomNormal([size, size, from, to], 0, deviation));
  const scale = variable(tf.ones([to])) as Tensor as Tensor1D;
  const offset = variable(tf.zeros([to])) as Tensor as Tensor1D;
  return (x) => {
    const y = tf.conv2d(x, kernel as Tensor as Tensor4D, stride, 'same');
    const { mean, variance } = tf.moments(y, [0, 1, 2]);
    return tf.batchNorm(y, mean as Tensor1D, variance as Tensor1D, offset, scale, 1e-5);
  };
}

const stem = convolution(3, 3, WIDTH, 1);
const blocks: ((x: Tensor4D) => Tensor4D)[] = [];
let channels = WIDTH;
for (const [stage, width] of [WIDTH, 2 * WIDTH, 4 * WIDTH].entries())
  for (let block = 0; block < BLOCKS; block++) {
    const stride = stage > 0 && block === 0 ? 2 : 1;
    const first = convolution(3, channels, width, stride);
    const second = convolution(3, width, width, 1);
    const shortcut = stride > 1 ? convolution(1, channels, width, stride) : (x: Tensor4D) => x;
    blocks.push((x) => tf.relu(tf.add(second(tf.relu(first(x))), shortcut(x))));
    channels = width;
  }
const head = variable(tf.randomNormal([channels, 10], 0, 0.1)) as Tensor as Tensor2D;
const bias = variable(tf.zeros([10]));

const images = tf.randomNormal<Rank.R4>([BATCH, SIDE, SIDE, 3]);
const labels = tf.oneHot(
  tf.tensor1d(
    Array.from({ length: BATCH }, (_, at) => at % 10),
    'int32',
  ),
  10,
);
const optimizer = tf.train.momentum(0.01, 0.9);

function loss(): Scalar {
  let x = tf.relu(stem(images));
  for (const block of blocks) x = block(x);
  const logits = tf.add(tf.matMul(tf.mean<Tensor2D>(x, [1, 2]), head), bias);
  return tf.losses.softmaxCrossEntropy(labels, logits);
}

function step(): void {
  tf.tidy(() => {
    const { value, grads } = tf.variableGrads(loss);
    const decayed = Object.fromEntries(
      variables.map((one) => [
        one.name,
        tf.add(grads[one.name] as Tensor, tf.mul(one as Tensor, tf.scalar(DECAY))),
      ]),
    );
    optimizer.applyGradients(decayed);
    value.dataSync();
  });
}

await takeTurns(`tfjs-node eager, plain ops, TensorFlow ${version} ${device}`, step);
