import type { Tensor } from '@tensorflow/tfjs-core';
import type { Layout } from '../contract/parameters.ts';
import type { Ops } from '../engine/ops.ts';
import { BATCH_NORM_EPSILON, type Layers, type ModelDescription } from '../models/layers.ts';

/** Normalise by the batch, normalise by the batch and note its statistics, or by given statistics. */
export type BatchNormMode =
  | { readonly kind: 'batch' }
  | { readonly kind: 'collect'; readonly mean: Map<string, Tensor>; readonly variance: Map<string, Tensor> }
  | {
      readonly kind: 'given';
      readonly mean: ReadonlyMap<string, Tensor>;
      readonly variance: ReadonlyMap<string, Tensor>;
    };

/** Runs a model's layers on TensorFlow tensors with given parameters. */
export class Network implements Layers<Tensor> {
  readonly #ops: Ops;
  readonly #parameters: ReadonlyMap<string, Tensor>;
  readonly #batchNorm: BatchNormMode;

  constructor(ops: Ops, parameters: ReadonlyMap<string, Tensor>, batchNorm: BatchNormMode) {
    this.#ops = ops;
    this.#parameters = parameters;
    this.#batchNorm = batchNorm;
  }

  conv2d(name: string, x: Tensor, { stride, padding }: { stride: number; padding: number }): Tensor {
    return this.#ops.conv2d(x, this.#parameter(`${name}/kernel`), stride, padding);
  }

  batchNorm(name: string, x: Tensor): Tensor {
    const scale = this.#parameter(`${name}/scale`);
    const offset = this.#parameter(`${name}/offset`);
    const mode = this.#batchNorm;
    switch (mode.kind) {
      case 'batch':
        return this.#ops.batchNormTraining(x, scale, offset, BATCH_NORM_EPSILON);
      case 'collect': {
        const { y, mean, variance } = this.#ops.batchNormStatistics(x, scale, offset, BATCH_NORM_EPSILON);
        mode.mean.set(name, mean);
        mode.variance.set(name, variance);
        return y;
      }
      case 'given': {
        const mean = found(mode.mean, name);
        return this.#ops.batchNormInference(
          x,
          scale,
          offset,
          mean,
          found(mode.variance, name),
          BATCH_NORM_EPSILON,
        );
      }
    }
  }

  dense(name: string, x: Tensor): Tensor {
    return this.#ops.dense(x, this.#parameter(`${name}/kernel`), this.#parameter(`${name}/bias`));
  }

  relu(x: Tensor): Tensor {
    return this.#ops.relu(x);
  }

  add(a: Tensor, b: Tensor): Tensor {
    return this.#ops.add(a, b);
  }

  globalAveragePool(x: Tensor): Tensor {
    return this.#ops.globalAveragePool(x);
  }

  flatten(x: Tensor): Tensor {
    return this.#ops.flatten(x);
  }

  #parameter(name: string): Tensor {
    return found(this.#parameters, name);
  }
}

function found(tensors: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const tensor = tensors.get(name);
  if (!tensor) throw new Error(`the model asks for ${name}, which its layout does not have`);
  return tensor;
}

/** Shapes of the parameters: the pieces of a weight vector (engine/program.ts). */
export function weightPieces({ parameters }: Layout): readonly (readonly number[])[] {
  return parameters.map(({ shape }) => shape);
}

/** The pieces of a weight vector under their names. */
export function named({ parameters }: Layout, pieces: readonly Tensor[]): Map<string, Tensor> {
  return new Map(parameters.map(({ name }, index) => [name, pieces[index] as Tensor]));
}

/** Length of the flat vector of batch-norm statistics: every layer's means, then every layer's variances. */
export function statisticsLength({ statistics }: ModelDescription): number {
  return 2 * statistics.reduce((sum, { channels }) => sum + channels, 0);
}

/** Shapes of the pieces of a vector of batch-norm statistics; one of 1 where the model has none. */
export function statisticsPieces({ statistics }: ModelDescription): readonly (readonly number[])[] {
  const shapes = statistics.map(({ channels }) => [channels]);
  return shapes.length > 0 ? [...shapes, ...shapes] : [[1]];
}

/** The pieces of a vector of batch-norm statistics by layer. */
export function namedStatistics(
  { statistics }: ModelDescription,
  pieces: readonly Tensor[],
): { mean: Map<string, Tensor>; variance: Map<string, Tensor> } {
  const part = (from: number): Map<string, Tensor> =>
    new Map(statistics.map(({ name }, index) => [name, pieces[from + index] as Tensor]));
  return { mean: part(0), variance: part(statistics.length) };
}
