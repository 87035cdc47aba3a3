import type { Tensor } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.ts';
import { BATCH_NORM_EPSILON, type Layers } from '../models/layers.ts';

/** A tensor and its derivative along a direction in the space of the parameters. */
export interface Dual {
  readonly value: Tensor;
  readonly tangent: Tensor;
}

/** Normalise by the batch, whose statistics then depend on the parameters, or by given statistics, which do not. */
export type TangentBatchNorm =
  | { readonly kind: 'batch' }
  | {
      readonly kind: 'given';
      readonly mean: ReadonlyMap<string, Tensor>;
      readonly variance: ReadonlyMap<string, Tensor>;
    };

/**
 * Runs a model's layers on values and tangents at once (Pearlmutter 1994). Everything is made of operations that the
 * tape differentiates, so that the gradient of a tangent, which is a second derivative, needs no operation of its own:
 * no gradient of a convolution's gradient, which neither engine has.
 */
export class TangentNetwork implements Layers<Dual> {
  readonly #engine: Pick<Engine, 'tf' | 'ops'>;
  readonly #parameters: ReadonlyMap<string, Dual>;
  readonly #batchNorm: TangentBatchNorm;

  constructor(
    engine: Pick<Engine, 'tf' | 'ops'>,
    parameters: ReadonlyMap<string, Dual>,
    batchNorm: TangentBatchNorm,
  ) {
    this.#engine = engine;
    this.#parameters = parameters;
    this.#batchNorm = batchNorm;
  }

  conv2d(name: string, x: Dual, { stride, padding }: { stride: number; padding: number }): Dual {
    const { tf, ops } = this.#engine;
    const kernel = this.#parameter(`${name}/kernel`);
    const convolve = (image: Tensor, by: Tensor): Tensor => ops.conv2d(image, by, stride, padding);
    return {
      value: convolve(x.value, kernel.value),
      tangent: tf.add(convolve(x.tangent, kernel.value), convolve(x.value, kernel.tangent)),
    };
  }

  /** y = scale · x̂ + offset with x̂ = (x − mean) · r, r = 1/√(variance + ε); and the derivative of each factor. */
  batchNorm(name: string, x: Dual): Dual {
    const { tf } = this.#engine;
    const scale = this.#parameter(`${name}/scale`);
    const offset = this.#parameter(`${name}/offset`);
    const normal = this.#normalise(name, x);
    const bent = tf.add(tf.mul(normal.tangent, scale.value), tf.mul(normal.value, scale.tangent));
    return {
      value: tf.add(tf.mul(normal.value, scale.value), offset.value),
      tangent: tf.add(bent, offset.tangent),
    };
  }

  dense(name: string, x: Dual): Dual {
    const { tf, ops } = this.#engine;
    const kernel = this.#parameter(`${name}/kernel`);
    const bias = this.#parameter(`${name}/bias`);
    const turned = tf.matMul(x.value, kernel.tangent);
    return {
      value: ops.dense(x.value, kernel.value, bias.value),
      tangent: tf.add(ops.dense(x.tangent, kernel.value, bias.tangent), turned),
    };
  }

  /** The second derivative of ReLU is zero wherever there is one. */
  relu(x: Dual): Dual {
    const { tf, ops } = this.#engine;
    const value = ops.relu(x.value);
    return { value, tangent: tf.mul(x.tangent, tf.step(value)) };
  }

  add(a: Dual, b: Dual): Dual {
    const { ops } = this.#engine;
    return { value: ops.add(a.value, b.value), tangent: ops.add(a.tangent, b.tangent) };
  }

  globalAveragePool(x: Dual): Dual {
    return this.#linear(x, (tensor) => this.#engine.ops.globalAveragePool(tensor));
  }

  flatten(x: Dual): Dual {
    return this.#linear(x, (tensor) => this.#engine.ops.flatten(tensor));
  }

  #linear({ value, tangent }: Dual, map: (tensor: Tensor) => Tensor): Dual {
    return { value: map(value), tangent: map(tangent) };
  }

  #normalise(name: string, { value, tangent }: Dual): Dual {
    const { tf } = this.#engine;
    const mode = this.#batchNorm;
    const epsilon = tf.scalar(BATCH_NORM_EPSILON);
    if (mode.kind === 'given') {
      const inverse = tf.rsqrt(tf.add(found(mode.variance, name), epsilon));
      return {
        value: tf.mul(tf.sub(value, found(mode.mean, name)), inverse),
        tangent: tf.mul(tangent, inverse),
      };
    }
    const centred = tf.sub(value, this.#mean(value));
    const variance = this.#mean(tf.square(centred));
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    const moved = tf.sub(tangent, this.#mean(tangent));
    // ∂r = −r³ · mean((x − mean) · ∂x): half of ∂variance, which is twice that mean.
    const cube = tf.mul(inverse, tf.square(inverse));
    const bent = tf.neg(tf.mul(cube, this.#mean(tf.mul(centred, moved))));
    return {
      value: tf.mul(centred, inverse),
      tangent: tf.add(tf.mul(moved, inverse), tf.mul(centred, bent)),
    };
  }

  /** Mean of each channel. An image at a time first: sums of many float32 numbers in a row lose digits. */
  #mean(x: Tensor): Tensor {
    const { tf } = this.#engine;
    const [batch = 0, ...rest] = x.shape;
    const channels = rest.at(-1) ?? 0;
    const pixels = rest.slice(0, -1).reduce((product, side) => product * side, 1);
    return tf.mean(tf.mean(tf.reshape(x, [batch, pixels, channels]), 1), 0);
  }

  #parameter(name: string): Dual {
    return found(this.#parameters, name);
  }
}

function found<T>(named: ReadonlyMap<string, T>, name: string): T {
  const value = named.get(name);
  if (value === undefined) throw new Error(`the model asks for ${name}, which its layout does not have`);
  return value;
}
