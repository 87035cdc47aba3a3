import type { Tensor } from '@tensorflow/tfjs-core';
import type { Layout } from '../contract/parameters.ts';
import type { Engine } from '../engine/engine.ts';
import type { Program } from '../engine/program.ts';
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
export function trainingStep(engine: Engine, task: NetworkTask, options: StepOptions): Program {
  const { tf, ops } = engine;
  const { layout, model, classes } = task;
  const { momentum, nesterov, weightDecay } = options;
  const pieces = weightPieces(layout);
  return engine.program({
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
        if (weightDecay > 0)
          gradient = tf.add(gradient, tf.mul(weights[index] as Tensor, tf.scalar(weightDecay)));
        return prunable ? tf.mul(gradient, mask[index] as Tensor) : gradient;
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
        tf.add(tf.mul(velocity[index] as Tensor, factor), gradient),
      );
      const nextWeights = gradients.map((gradient, index) => {
        const direction = tf.add(gradient, tf.mul(nextVelocity[index] as Tensor, factor));
        return tf.sub(weights[index] as Tensor, tf.mul(direction, rate));
      });
      return { fetch, next: { weights: nextWeights, velocity: nextVelocity } };
    },
  });
}

/**
 * One batch of the re-estimation of batch-norm statistics. State: `weights`, and `sum`, to which the batch's
 * means and unbiased variances are added (every layer's means first). Feed: `images`. Gives nothing of use.
 */
export function statisticsStep(engine: Engine, task: NetworkTask): Program {
  const { tf, ops } = engine;
  const { layout, model, description, classes } = task;
  return engine.program({
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
        return value ? tf.add(piece, value) : piece;
      });
      return { fetch: tf.scalar(0), next: { sum: next } };
    },
  });
}

/** Predictions. State: `weights`, `statistics`. Feed: `images`. Gives softmax probabilities [batch × classes]. */
export function predictionStep(engine: Engine, task: NetworkTask): Program {
  const { tf, ops } = engine;
  const { layout, model, description, classes } = task;
  return engine.program({
    byRows: true,
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
