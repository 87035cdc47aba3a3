import type { Tensor } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.ts';
import type { Program } from '../engine/program.ts';
import { named, namedStatistics, Network, statisticsPieces, weightPieces } from './network.ts';
import type { NetworkTask } from './programs.ts';
import { TangentNetwork, type Dual } from './tangent.ts';

// First and second derivatives of the mean cross-entropy of a batch without weight decay, summed over batches.

export interface DerivativeOptions {
  /** Logits are divided by it before the softmax; 1 is the plain loss. */
  readonly temperature: number;
}

export interface ProductOptions extends DerivativeOptions {
  /**
   * By what batch norm normalises. `batch`: by the batch, as in training, and the derivatives go through its statistics.
   * `given`: by the state `statistics`, which stands still.
   */
  readonly statistics: 'batch' | 'given';
}

/**
 * Adds a batch's gradient to a sum. State: `weights` and `sum`. Feeds: `images` uint8 [batch, h, w, c], `labels` int32
 * [batch]. Gives the mean loss. Batch norm normalises by the batch, as in training.
 */
export function lossGradient(engine: Engine, task: NetworkTask, { temperature }: DerivativeOptions): Program {
  const { tf, ops } = engine;
  const { layout, model, classes } = task;
  const pieces = weightPieces(layout);
  return engine.program({
    state: { weights: pieces, sum: pieces },
    body({ images, labels }, { weights, sum }) {
      if (!images || !labels || !weights || !sum) throw new Error('missing input');
      const x = ops.normalise(images, task.normalisation.mean, task.normalisation.deviation);
      const lossOf = (...values: Tensor[]): Tensor => {
        const net = new Network(ops, named(layout, values), { kind: 'batch' });
        const logits = cooled(engine, model.forward<Tensor>(net, x, classes), temperature);
        return tf.mean(ops.softmaxCrossEntropy(logits, labels));
      };
      const { value, grads } = tf.valueAndGrads(lossOf)([...weights]);
      return { fetch: value, next: { sum: added(engine, sum, grads) } };
    },
  });
}

/**
 * Adds H·v of a batch to a sum, H the Hessian of the batch's mean loss: the gradient of the loss's derivative along v,
 * which is exact, not a difference of gradients. State: `weights`, `vector` (v), `product` (the sum), and where they
 * are given `statistics` (batch norm's, flat as in network.ts). Feeds: `images` uint8 [batch, h, w, c], `labels` int32
 * [batch]. Gives v·g, the loss's derivative along v.
 */
export function hessianVectorProduct(
  engine: Engine,
  task: NetworkTask,
  { temperature, statistics: kind }: ProductOptions,
): Program {
  const { tf, ops } = engine;
  const { layout, model, description, classes } = task;
  const pieces = weightPieces(layout);
  const given: Readonly<Record<string, readonly (readonly number[])[]>> =
    kind === 'given' ? { statistics: statisticsPieces(description) } : {};
  return engine.program({
    state: { weights: pieces, vector: pieces, product: pieces, ...given },
    body({ images, labels }, { weights, vector, product, statistics = [] }) {
      if (!images || !labels || !weights || !vector || !product) throw new Error('missing input');
      const x = ops.normalise(images, task.normalisation.mean, task.normalisation.deviation);
      const still = { value: x, tangent: null };
      const slopeOf = (...values: Tensor[]): Tensor => {
        const duals = new Map(
          layout.parameters.map(({ name }, index) => [
            name,
            { value: values[index] as Tensor, tangent: vector[index] as Tensor },
          ]),
        );
        const batchNorm = kind === 'batch' ? { kind } : { kind, ...namedStatistics(description, statistics) };
        const logits = model.forward<Dual>(new TangentNetwork(engine, duals, batchNorm), still, classes);
        return lossTangent(engine, logits, labels, temperature);
      };
      const { value, grads } = tf.valueAndGrads(slopeOf)([...weights]);
      return { fetch: value, next: { product: added(engine, product, grads) } };
    },
  });
}

/** Derivative of the mean cross-entropy: the mean over the images of (softmax − one-hot) · ∂logits. */
function lossTangent(engine: Engine, logits: Dual, labels: Tensor, temperature: number): Tensor {
  const { tf } = engine;
  if (!logits.tangent) throw new Error('the logits do not depend on the parameters');
  const scores = cooled(engine, logits.value, temperature);
  const moved = cooled(engine, logits.tangent, temperature);
  const [, classes = 0] = scores.shape;
  const wanted = tf.cast(tf.oneHot(labels, classes), 'float32');
  return tf.mean(tf.sum(tf.mul(tf.sub(tf.softmax(scores), wanted), moved), 1));
}

function cooled({ tf }: Engine, logits: Tensor, temperature: number): Tensor {
  return temperature === 1 ? logits : tf.mul(logits, tf.scalar(1 / temperature));
}

function added({ tf }: Engine, sums: readonly Tensor[], values: readonly Tensor[]): Tensor[] {
  return sums.map((sum, index) => tf.add(sum, values[index] as Tensor));
}
