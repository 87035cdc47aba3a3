import type { Tensor } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.ts';
import { BATCH_NORM_EPSILON, type Layers } from '../models/layers.ts';

type Computer = Pick<Engine, 'tf' | 'ops'>;

/** A tensor and its derivative along a direction in the space of the parameters; `null`: it does not depend on them. */
export interface Dual {
  readonly value: Tensor;
  readonly tangent: Tensor | null;
}

/** One that a direction moves. */
interface Moved extends Dual {
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
  readonly #engine: Computer;
  readonly #parameters: ReadonlyMap<string, Moved>;
  readonly #batchNorm: TangentBatchNorm;

  constructor(engine: Computer, parameters: ReadonlyMap<string, Moved>, batchNorm: TangentBatchNorm) {
    this.#engine = engine;
    this.#parameters = parameters;
    this.#batchNorm = batchNorm;
  }

  conv2d(name: string, x: Dual, options: { stride: number; padding: number }): Dual {
    return new Convolution(this.#engine, x, this.#parameter(`${name}/kernel`), options);
  }

  /** y = scale · x̂ + offset with x̂ = (x − mean) · r, r = 1/√(variance + ε); and the derivative of each factor. */
  batchNorm(name: string, x: Dual): Dual {
    const { tf } = this.#engine;
    const mode = this.#batchNorm;
    const scale = this.#parameter(`${name}/scale`);
    const offset = this.#parameter(`${name}/offset`);
    if (mode.kind === 'batch') return this.#byBatch(x, scale, offset);
    const inverse = tf.rsqrt(tf.add(found(mode.variance, name), tf.scalar(BATCH_NORM_EPSILON)));
    const mean = found(mode.mean, name);
    const slope = { value: tf.mul(scale.value, inverse), tangent: tf.mul(scale.tangent, inverse) };
    const shift = {
      value: tf.sub(offset.value, tf.mul(mean, slope.value)),
      tangent: tf.sub(offset.tangent, tf.mul(mean, slope.tangent)),
    };
    return x instanceof Convolution ? x.scaled(slope, shift) : this.#scaled(x, slope, shift);
  }

  dense(name: string, x: Dual): Dual {
    const { tf, ops } = this.#engine;
    const kernel = this.#parameter(`${name}/kernel`);
    const bias = this.#parameter(`${name}/bias`);
    const moved = x.tangent
      ? tf.add(ops.dense(x.tangent, kernel.value, bias.tangent), tf.matMul(x.value, kernel.tangent))
      : ops.dense(x.value, kernel.tangent, bias.tangent);
    return { value: ops.dense(x.value, kernel.value, bias.value), tangent: moved };
  }

  /** The second derivative of ReLU is zero wherever there is one. */
  relu(x: Dual): Dual {
    const { tf, ops } = this.#engine;
    const value = ops.relu(x.value);
    // Two ways to one number, whose sums over a network differ by roundings: scores were always computed by the slower one.
    const pass = (tangent: Tensor): Tensor =>
      this.#batchNorm.kind === 'batch' ? tf.mul(tangent, tf.step(value)) : ops.reluGate(tangent, value);
    return { value, tangent: x.tangent && pass(x.tangent) };
  }

  add(a: Dual, b: Dual): Dual {
    const { ops } = this.#engine;
    const tangent = a.tangent && b.tangent ? ops.add(a.tangent, b.tangent) : (a.tangent ?? b.tangent);
    return { value: ops.add(a.value, b.value), tangent };
  }

  globalAveragePool(x: Dual): Dual {
    return this.#linear(x, (tensor) => this.#engine.ops.globalAveragePool(tensor));
  }

  flatten(x: Dual): Dual {
    return this.#linear(x, (tensor) => this.#engine.ops.flatten(tensor));
  }

  #linear({ value, tangent }: Dual, map: (tensor: Tensor) => Tensor): Dual {
    return { value: map(value), tangent: tangent && map(tangent) };
  }

  #byBatch({ value, tangent: given }: Dual, scale: Moved, offset: Moved): Dual {
    const { tf } = this.#engine;
    const tangent = given ?? tf.zerosLike(value);
    const centred = tf.sub(value, this.#mean(value));
    const variance = this.#mean(tf.square(centred));
    const inverse = tf.rsqrt(tf.add(variance, tf.scalar(BATCH_NORM_EPSILON)));
    const moved = tf.sub(tangent, this.#mean(tangent));
    // ∂r = −r³ · mean((x − mean) · ∂x): half of ∂variance, which is twice that mean.
    const cube = tf.mul(inverse, tf.square(inverse));
    const change = tf.neg(tf.mul(cube, this.#mean(tf.mul(centred, moved))));
    const normal = tf.mul(centred, inverse);
    const normalMoved = tf.add(tf.mul(moved, inverse), tf.mul(centred, change));
    const bent = tf.add(tf.mul(normalMoved, scale.value), tf.mul(normal, scale.tangent));
    return {
      value: tf.add(tf.mul(normal, scale.value), offset.value),
      tangent: tf.add(bent, offset.tangent),
    };
  }

  /** slope · x + shift, channel by channel. */
  #scaled({ value, tangent }: Dual, slope: Moved, shift: Moved): Dual {
    const { tf, ops } = this.#engine;
    const turned = ops.bias(tf.mul(value, slope.tangent), shift.tangent);
    return {
      value: ops.bias(tf.mul(value, slope.value), shift.value),
      tangent: tangent ? tf.add(tf.mul(tangent, slope.value), turned) : turned,
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

  #parameter(name: string): Moved {
    return found(this.#parameters, name);
  }
}

/**
 * What a convolution gives, computed when it is looked at: where all that follows is a factor and a shift of each channel, these
 * go into the kernel, which is thousands of times smaller than the images.
 */
class Convolution implements Moved {
  readonly #engine: Computer;
  readonly #x: Dual;
  readonly #kernel: Moved;
  readonly #options: { readonly stride: number; readonly padding: number };
  #value: Tensor | undefined;
  #tangent: Tensor | undefined;

  constructor(engine: Computer, x: Dual, kernel: Moved, options: { stride: number; padding: number }) {
    this.#engine = engine;
    this.#x = x;
    this.#kernel = kernel;
    this.#options = options;
  }

  get value(): Tensor {
    return (this.#value ??= this.#convolve(this.#x.value, this.#kernel.value));
  }

  get tangent(): Tensor {
    return (this.#tangent ??= this.#move());
  }

  /** slope · this + shift, channel by channel. */
  scaled(slope: Moved, shift: Moved): Dual {
    const { tf, ops } = this.#engine;
    const { value, tangent } = this.#kernel;
    const kernel = {
      value: tf.mul(value, slope.value),
      tangent: tf.add(tf.mul(tangent, slope.value), tf.mul(value, slope.tangent)),
    };
    const made = new Convolution(this.#engine, this.#x, kernel, this.#options);
    return { value: ops.bias(made.value, shift.value), tangent: ops.bias(made.tangent, shift.tangent) };
  }

  #move(): Tensor {
    const { value, tangent } = this.#x;
    const turned = this.#convolve(value, this.#kernel.tangent);
    return tangent ? this.#engine.tf.add(this.#convolve(tangent, this.#kernel.value), turned) : turned;
  }

  #convolve(image: Tensor, kernel: Tensor): Tensor {
    const { stride, padding } = this.#options;
    return this.#engine.ops.conv2d(image, kernel, stride, padding);
  }
}

function found<T>(named: ReadonlyMap<string, T>, name: string): T {
  const value = named.get(name);
  if (value === undefined) throw new Error(`the model asks for ${name}, which its layout does not have`);
  return value;
}
