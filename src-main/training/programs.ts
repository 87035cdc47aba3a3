import type { Tensor } from '@tensorflow/tfjs';
import type { Layout } from '../contract/parameters.ts';
import { makeOps } from '../engine/ops.ts';
import { Program } from '../engine/program.ts';
import type { TensorFlow } from '../engine/tensorflow.ts';
import type { ModelDescription } from '../models/layers.ts';
import type { Model } from '../models/registry.ts';
import { named, namedStatistics, Network, statisticsPieces, weightPieces } from './network.ts';

/** A model on a data set: what every program of a task is recorded from. */
export interface NetworkTask {
  readonly model: Model;
  readonly description: ModelDescription;
  readonly layout: Layout;
  readonly classes: number;
  /** Per channel, on the scale 0 … 1. */
  readonly normalisation: { readonly mean: readonly number[]; readonly deviation: readonly number[] };
}

export interface StepOptions {
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
}

/**
 * The training step. State: `weights`, `velocity` and `mask`, flat as the layout says. Feeds: `images` uint8
 * [batch, h, w, c], `labels` int32 [batch], `rate` float32 scalar. Gives [mean loss, correct images].
 *
 * g = ∂loss/∂w + λw, masked; v ← μv + g; w ← w − η·v (Nesterov: w − η·(g + μv)). Weights and velocity must be +0 at
 * pruned places when they are written; there they stay +0 to the bit (+0 − η·±0), as if masked after every step.
 */
export function trainingStep(tensorflow: TensorFlow, task: NetworkTask, options: StepOptions): Program {
  const { tf } = tensorflow;
  const ops = makeOps(tensorflow);
  const { layout, model, classes } = task;
  const { momentum, nesterov, weightDecay } = options;
  const pieces = weightPieces(layout);
  return new Program(tensorflow, {
    state: { weights: pieces, velocity: pieces, mask: pieces },
    body(feeds, { weights, velocity, mask }) {
      const { images, labels, rate } = feeds;
      if (!images || !labels || !rate || !weights || !velocity || !mask) throw new Error('missing input');
      const x = ops.normalise(images, task.normalisation.mean, task.normalisation.deviation);
      let correct: Tensor | undefined;
      const lossOf = (...values: Tensor[]): Tensor => {
        const net = new Network(ops, named(layout, values), { kind: 'batch' });
        const logits = model.forward<Tensor>(net, x, classes);
        // Kept: the tape's scope would free what is not its result.
        correct = tf.keep(ops.countCorrect(logits, labels));
        return tf.mean(ops.softmaxCrossEntropy(logits, labels));
      };
      const { value: loss, grads } = tf.valueAndGrads(lossOf)([...weights]);
      if (!correct) throw new Error('the model did not run');
      const fetch = tf.stack([loss, correct]);
      correct.dispose();
      const gradients = layout.parameters.map(({ prunable }, index) => {
        let gradient = grads[index] as Tensor;
        if (weightDecay > 0) gradient = gradient.add((weights[index] as Tensor).mul(tf.scalar(weightDecay)));
        return prunable ? gradient.mul(mask[index] as Tensor) : gradient;
      });
      if (momentum === 0) return { fetch, descent: { weights: 'weights', momentum: null, gradients, rate } };
      if (!nesterov)
        return {
          fetch,
          descent: {
            weights: 'weights',
            momentum: { velocity: 'velocity', factor: momentum },
            gradients,
            rate,
          },
        };
      // TensorFlow's kernel rounds Nesterov's step otherwise than the formula does.
      const factor = tf.scalar(momentum);
      const nextVelocity = gradients.map((gradient, index) =>
        (velocity[index] as Tensor).mul(factor).add(gradient),
      );
      const nextWeights = gradients.map((gradient, index) => {
        const direction = gradient.add((nextVelocity[index] as Tensor).mul(factor));
        return (weights[index] as Tensor).sub(direction.mul(rate));
      });
      return { fetch, next: { weights: nextWeights, velocity: nextVelocity } };
    },
  });
}

/**
 * One batch of the re-estimation of batch-norm statistics. State: `weights`, and `sum`, to which the batch's
 * means and unbiased variances are added (every layer's means first). Feed: `images`. Gives nothing of use.
 */
export function statisticsStep(tensorflow: TensorFlow, task: NetworkTask): Program {
  const { tf } = tensorflow;
  const ops = makeOps(tensorflow);
  const { layout, model, description, classes } = task;
  return new Program(tensorflow, {
    state: { weights: weightPieces(layout), sum: statisticsPieces(description) },
    body({ images }, { weights, sum }) {
      if (!images || !weights || !sum) throw new Error('missing input');
      const mean = new Map<string, Tensor>();
      const variance = new Map<string, Tensor>();
      const net = new Network(ops, named(layout, weights), { kind: 'collect', mean, variance });
      model.forward<Tensor>(
        net,
        ops.normalise(images, task.normalisation.mean, task.normalisation.deviation),
        classes,
      );
      const made = [mean, variance].flatMap((values) =>
        description.statistics.map(({ name }) => values.get(name) as Tensor),
      );
      const next = sum.map((piece, index) => {
        const value = made[index];
        return value ? piece.add(value) : piece;
      });
      return { fetch: tf.scalar(0), next: { sum: next } };
    },
  });
}

/** Predictions. State: `weights`, `statistics`. Feed: `images`. Gives softmax probabilities [batch × classes]. */
export function predictionStep(tensorflow: TensorFlow, task: NetworkTask): Program {
  const { tf } = tensorflow;
  const ops = makeOps(tensorflow);
  const { layout, model, description, classes } = task;
  return new Program(tensorflow, {
    state: { weights: weightPieces(layout), statistics: statisticsPieces(description) },
    body({ images }, { weights, statistics }) {
      if (!images || !weights || !statistics) throw new Error('missing input');
      const given = namedStatistics(description, statistics);
      const net = new Network(ops, named(layout, weights), { kind: 'given', ...given });
      const x = ops.normalise(images, task.normalisation.mean, task.normalisation.deviation);
      return { fetch: tf.softmax(model.forward<Tensor>(net, x, classes)) };
    },
  });
}
