import type { Tensor } from '@tensorflow/tfjs-core';
import type { Layout } from '../contract/parameters.ts';
import type { Recipe } from '../contract/recipe.ts';
import type { Engine } from '../engine/engine.ts';
import type { Program } from '../engine/program.ts';
import type { ModelDescription } from '../models/layers.ts';
import type { Model } from '../models/registry.ts';
import { batchGradient, type LossOptions } from './batch-gradient.ts';
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

export interface StepOptions extends LossOptions {
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
  /** ρ of sharpness-aware minimisation; 0 or left out: off. */
  readonly sharpness?: number | undefined;
  /**
   * The network computes with w ∘ m and the gradient taken there is applied to all of w, unmasked (dynamic pruning with
   * feedback, Lin et al. 2020). Otherwise pruned weights are zero and stay so.
   */
  readonly feedback?: boolean | undefined;
}

/** Added to a gradient's norm before it divides: a gradient of zeros moves nothing. */
const SMALLEST_NORM = 1e-12;

/** What of a recipe is recorded in its step; what is off is not there. */
export function stepOptions(recipe: Recipe): StepOptions {
  const { momentum, nesterov, weightDecay, sharpness } = recipe.optimizer;
  return {
    momentum,
    nesterov,
    weightDecay,
    ...(sharpness > 0 ? { sharpness } : {}),
    ...lossOptions(recipe),
  };
}

/** What of it is recorded in the gradient of its loss. */
export function lossOptions({ labelSmoothing, mixup, accumulate }: Recipe): LossOptions {
  return {
    ...(labelSmoothing > 0 ? { labelSmoothing } : {}),
    ...(mixup > 0 ? { mixup: true } : {}),
    ...(accumulate > 1 ? { accumulate } : {}),
  };
}

/**
 * The training step. State: `weights`, `velocity` and `mask`, flat as the layout says. Feeds: `images` uint8
 * [batch, h, w, c], `labels` int32 [batch], `rate` float32 scalar; with mixup `share` and `partners` as well. Gives
 * [mean loss, correct images].
 *
 * With sharpness ρ the gradient is that at w + ρ·g₀/‖g₀‖, of the same batch, g₀ being the one at w, masked; loss and
 * hits are those at w.
 *
 * g = ∂loss/∂w + λw, masked; v ← μv + g; w ← w − η·v (Nesterov: w − η·(g + μv)). Weights and velocity must be +0 at
 * pruned places when they are written; there they stay +0 to the bit (+0 − η·±0), as if masked after every step.
 */
export function trainingStep(engine: Engine, task: NetworkTask, options: StepOptions): Program {
  const { tf } = engine;
  const { layout } = task;
  const { momentum, nesterov, weightDecay, sharpness = 0, feedback = false } = options;
  const pieces = weightPieces(layout);
  return engine.program({
    state: { weights: pieces, velocity: pieces, mask: pieces },
    body(feeds, { weights, velocity, mask }) {
      const { rate } = feeds;
      if (!rate || !weights || !velocity || !mask) throw new Error('missing input');
      const gradientAt = batchGradient(engine, task, options, feeds);
      const masked = (tensor: Tensor, index: number): Tensor =>
        layout.parameters[index]?.prunable === true ? tf.mul(tensor, mask[index] as Tensor) : tensor;
      const at = feedback ? weights.map(masked) : weights;
      const { result: fetch, gradients: plain } = gradientAt(at);
      const taken =
        sharpness > 0
          ? tf.tidy(() => {
              const worst = ascend(tf, at, plain.map(masked), sharpness);
              return [...gradientAt(worst).gradients];
            })
          : plain;
      const gradients = taken.map((each, index) => {
        let gradient = each;
        if (weightDecay > 0)
          gradient = tf.add(gradient, tf.mul(weights[index] as Tensor, tf.scalar(weightDecay)));
        return feedback ? gradient : masked(gradient, index);
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

/** w + ρ·g/‖g‖: where, to first order, the loss is highest within ρ (Foret et al. 2021). The norm is that of all pieces. */
function ascend(
  tf: Engine['tf'],
  weights: readonly Tensor[],
  gradients: readonly Tensor[],
  radius: number,
): Tensor[] {
  const squares = gradients.map((gradient) => tf.sum(tf.square(gradient)));
  const norm = tf.sqrt(squares.reduce((sum, square) => tf.add(sum, square)));
  const factor = tf.div(tf.scalar(radius), tf.add(norm, tf.scalar(SMALLEST_NORM)));
  return weights.map((weight, index) => tf.add(weight, tf.mul(gradients[index] as Tensor, factor)));
}

/**
 * Adds the gradient of a batch's loss to a sum, without decay or mask. State: `weights`, `sum`. Feeds: those of the
 * training step, whose rate does nothing. Gives [mean loss, correct images].
 */
export function gradientStep(engine: Engine, task: NetworkTask, options: LossOptions): Program {
  const pieces = weightPieces(task.layout);
  return engine.program({
    state: { weights: pieces, sum: pieces },
    body(feeds, { weights, sum }) {
      if (!weights || !sum) throw new Error('missing input');
      const { result, gradients } = batchGradient(engine, task, options, feeds)(weights);
      const added = sum.map((piece, index) => engine.tf.add(piece, gradients[index] as Tensor));
      return { fetch: result, next: { sum: added } };
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
