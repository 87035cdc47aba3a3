import type { Tensor } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.ts';
import type { Tensors } from '../engine/program.ts';
import { named, Network } from './network.ts';
import type { NetworkTask } from './programs.ts';

/** What the loss of a batch is, besides the cross-entropy of its labels. */
export interface LossOptions {
  /** ε of label smoothing; 0 or left out: off. */
  readonly labelSmoothing?: number | undefined;
  /** Whether batches come mixed: feeds `share` and `partners` as well (datasets/mixup.ts). */
  readonly mixup?: boolean | undefined;
  /** Parts the batch is computed in, one after another; 1 or left out: the batch at once. */
  readonly accumulate?: number | undefined;
}

/** A batch at some weights. */
export interface BatchGradient {
  /** [mean loss, correct images]. */
  readonly result: Tensor;
  /** Of the mean loss, for each piece of the weights. */
  readonly gradients: readonly Tensor[];
}

/** Images with what they are to be taken for; a batch, or a part of it. */
interface Images {
  /** Normalised, and mixed where they are. */
  readonly x: Tensor;
  readonly labels: Tensor;
  /** Probabilities [images, classes] to aim at; `null`: the labels. */
  readonly targets: Tensor | null;
  /** Labels of the partners; `null` without mixup. */
  readonly others: Tensor | null;
}

/**
 * Loss and gradient of a batch as a function of the weights, to be recorded. Batch norm normalises by the statistics of
 * the batch, or of each part. A correct image of a mixed batch counts λ where the network says its label, 1 − λ where
 * its partner's.
 */
export function batchGradient(
  { tf, ops }: Engine,
  { layout, model, classes, normalisation }: NetworkTask,
  { labelSmoothing = 0, mixup = false, accumulate = 1 }: LossOptions,
  { images, labels, share, partners }: Tensors,
): (weights: readonly Tensor[]) => BatchGradient {
  if (!images || !labels) throw new Error('missing input');
  const pixels = ops.normalise(images, normalisation.mean, normalisation.deviation);
  const blend = (own: Tensor, other: Tensor): Tensor => {
    const part = share as Tensor;
    return tf.add(tf.mul(own, part), tf.mul(other, tf.sub(tf.scalar(1), part)));
  };
  const mixed = (): Pick<Images, 'x' | 'others'> => {
    if (!share || !partners) throw new Error('missing input');
    return { x: blend(pixels, ops.rows(pixels, partners)), others: ops.rows(labels, partners) };
  };
  const { x, others } = mixup ? mixed() : { x: pixels, others: null };
  const aims = (): Tensor => {
    const own = oneHot(labels);
    const mean = others ? blend(own, oneHot(others)) : own;
    if (labelSmoothing === 0) return mean;
    return tf.add(tf.mul(mean, tf.scalar(1 - labelSmoothing)), tf.scalar(labelSmoothing / classes));
  };
  const targets = others || labelSmoothing > 0 ? aims() : null;

  function oneHot(of: Tensor): Tensor {
    // Asked for floats, tfjs's WebAssembly backend writes integers all the same.
    return tf.cast(tf.oneHot(of, classes), 'float32');
  }

  function hits(logits: Tensor, { labels, others }: Images): Tensor {
    const own = ops.countCorrect(logits, labels);
    return others ? blend(own, ops.countCorrect(logits, others)) : own;
  }

  function gradientOf(part: Images, weights: readonly Tensor[]): BatchGradient {
    let correct: Tensor | undefined;
    const lossOf = (...values: Tensor[]): Tensor => {
      const net = new Network(ops, named(layout, values), { kind: 'batch' });
      const logits = model.forward<Tensor>(net, part.x, classes);
      // Kept: the tape's scope would free what is not its result.
      correct = tf.keep(hits(logits, part));
      const losses = part.targets
        ? ops.softmaxCrossEntropyTo(logits, part.targets)
        : ops.softmaxCrossEntropy(logits, part.labels);
      return tf.mean(losses);
    };
    const { value: loss, grads } = tf.valueAndGrads(lossOf)([...weights]);
    if (!correct) throw new Error('the model did not run');
    const result = tf.stack([loss, correct]);
    correct.dispose();
    return { result, gradients: grads };
  }

  function accumulated(weights: readonly Tensor[]): BatchGradient {
    const size = (x.shape[0] ?? 0) / accumulate;
    const cut = (of: Tensor, at: number): Tensor =>
      tf.slice(of, [at * size, ...of.shape.slice(1).map(() => 0)], [size, ...of.shape.slice(1)]);
    /** Results, then gradients of every piece. */
    let sums: readonly Tensor[] = [];
    for (let at = 0; at < accumulate; at++) {
      const before = sums;
      sums = tf.tidy(() => {
        const { result, gradients } = gradientOf(
          {
            // Otherwise all parts would be computed at a time, and be in memory together.
            x: ops.after(cut(x, at), before),
            labels: cut(labels as Tensor, at),
            targets: targets && cut(targets, at),
            others: others && cut(others, at),
          },
          weights,
        );
        return [result, ...gradients].map((value, index) => {
          const earlier = before[index];
          return earlier ? tf.add(earlier, value) : value;
        });
      });
      for (const tensor of before) tensor.dispose();
    }
    const equal = tf.scalar(1 / accumulate);
    const [result, ...gradients] = sums;
    return {
      // Losses are means of their parts, hits are counts.
      result: tf.mul(result as Tensor, tf.tensor1d([1 / accumulate, 1])),
      gradients: gradients.map((gradient) => tf.mul(gradient, equal)),
    };
  }

  return accumulate > 1 ? accumulated : (weights) => gradientOf({ x, labels, targets, others }, weights);
}
