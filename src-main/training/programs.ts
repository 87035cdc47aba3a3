import type { Tensor } from '@tensorflow/tfjs';
import type { Layout } from '../contract/parameters.ts';
import { makeOps } from '../engine/ops.ts';
import { Program } from '../engine/program.ts';
import type { TensorFlow } from '../engine/tensorflow.ts';
import type { ModelDescription } from '../models/layers.ts';
import type { Model } from '../models/registry.ts';
import { Network, statisticsLength, unpack, unpackStatistics } from './network.ts';

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
 * g = ∂loss/∂w + λw, masked; v ← μv + g; w ← w − η·v (Nesterov: η·(g + μv)), masked: pruned weights stay zero.
 */
export function trainingStep(tensorflow: TensorFlow, task: NetworkTask, options: StepOptions): Program {
  const { tf } = tensorflow;
  const ops = makeOps(tensorflow);
  const { layout, model, classes } = task;
  const state = { weights: [layout.total], velocity: [layout.total], mask: [layout.total] };
  return new Program(tensorflow, {
    state,
    body(feeds, { weights, velocity, mask }) {
      const { images, labels, rate } = feeds;
      if (!images || !labels || !rate || !weights || !velocity || !mask) throw new Error('missing input');
      const x = ops.normalise(images, task.normalisation.mean, task.normalisation.deviation);
      const parameters = unpack(ops, layout, weights);
      const names = [...parameters.keys()];
      let correct: Tensor | undefined;
      const lossOf = (...values: Tensor[]): Tensor => {
        const net = new Network(ops, new Map(names.map((name, index) => [name, values[index] as Tensor])), {
          kind: 'batch',
        });
        const logits = model.forward<Tensor>(net, x, classes);
        // Kept: the tape's scope would free what is not its result.
        correct = tf.keep(ops.countCorrect(logits, labels));
        return tf.mean(ops.softmaxCrossEntropy(logits, labels));
      };
      const { value: loss, grads } = tf.valueAndGrads(lossOf)([...parameters.values()]);
      let gradient: Tensor = ops.join(grads);
      if (options.weightDecay > 0) gradient = gradient.add(weights.mul(tf.scalar(options.weightDecay)));
      gradient = gradient.mul(mask);
      const nextVelocity =
        options.momentum > 0 ? velocity.mul(tf.scalar(options.momentum)).add(gradient) : gradient;
      const direction = options.nesterov
        ? gradient.add(nextVelocity.mul(tf.scalar(options.momentum)))
        : nextVelocity;
      const nextWeights = weights.sub(direction.mul(rate)).mul(mask);
      if (!correct) throw new Error('the model did not run');
      const fetch = tf.stack([loss, correct]);
      correct.dispose();
      return {
        fetch,
        next: { weights: nextWeights, ...(options.momentum > 0 ? { velocity: nextVelocity } : {}) },
      };
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
    state: { weights: [layout.total], sum: [statisticsLength(description)] },
    body({ images }, { weights, sum }) {
      if (!images || !weights || !sum) throw new Error('missing input');
      const mean = new Map<string, Tensor>();
      const variance = new Map<string, Tensor>();
      const net = new Network(ops, unpack(ops, layout, weights), { kind: 'collect', mean, variance });
      model.forward<Tensor>(
        net,
        ops.normalise(images, task.normalisation.mean, task.normalisation.deviation),
        classes,
      );
      const pieces = [mean, variance].flatMap((values) =>
        description.statistics.map(({ name }) => values.get(name) as Tensor),
      );
      return { fetch: tf.scalar(0), next: { sum: sum.add(ops.join(pieces)) } };
    },
  });
}

/** Predictions. State: `weights`, `statistics`. Feed: `images`. Gives softmax probabilities [batch × classes]. */
export function predictionStep(tensorflow: TensorFlow, task: NetworkTask): Program {
  const { tf } = tensorflow;
  const ops = makeOps(tensorflow);
  const { layout, model, description, classes } = task;
  return new Program(tensorflow, {
    state: { weights: [layout.total], statistics: [Math.max(1, statisticsLength(description))] },
    body({ images }, { weights, statistics }) {
      if (!images || !weights || !statistics) throw new Error('missing input');
      const given = unpackStatistics(ops, description, statistics);
      const net = new Network(ops, unpack(ops, layout, weights), { kind: 'given', ...given });
      const x = ops.normalise(images, task.normalisation.mean, task.normalisation.deviation);
      return { fetch: tf.softmax(model.forward<Tensor>(net, x, classes)) };
    },
  });
}
