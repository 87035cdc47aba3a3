import type { Tensor } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.ts';
import type { Program } from '../engine/program.ts';
import type { Layers } from '../models/layers.ts';
import { named, weightPieces } from './network.ts';
import type { NetworkTask } from './programs.ts';

/** A tensor whose true values are `value` · exp(`exponent`), the exponent a scalar that counts as a constant. */
interface Flow {
  readonly value: Tensor;
  readonly exponent: Tensor;
}

/**
 * Images of ones, each as good as the other. TensorFlow 2.21's oneDNN kernels write beyond their memory in the gradient of a
 * 1×1 convolution at stride 2 with few channels (16×16×4 → 8) where the number of images is odd.
 */
const IMAGES = 2;

/** Below what a layer counts as silent. */
const SILENT = 1e-30;

/**
 * Synaptic flow (Tanaka et al. 2020): the model on weights |w| with batch norm as identity. In deep networks it leaves
 * the range of float32, so what comes out of a layer is divided by its largest value, and the divisors are carried
 * along. They are constants to the gradient, and all paths bear the same ones in the end: gradients are those of the
 * plain flow times one factor, and their order is the same.
 */
class FlowNetwork implements Layers<Flow> {
  readonly #engine: Pick<Engine, 'tf' | 'ops'>;
  readonly #parameters: ReadonlyMap<string, Tensor>;

  constructor(engine: Pick<Engine, 'tf' | 'ops'>, parameters: ReadonlyMap<string, Tensor>) {
    this.#engine = engine;
    this.#parameters = parameters;
  }

  conv2d(name: string, x: Flow, { stride, padding }: { stride: number; padding: number }): Flow {
    const value = this.#engine.ops.conv2d(x.value, this.#parameter(`${name}/kernel`), stride, padding);
    return this.#scaled({ value, exponent: x.exponent });
  }

  batchNorm(_name: string, x: Flow): Flow {
    return x;
  }

  dense(name: string, x: Flow): Flow {
    const { tf } = this.#engine;
    const kernel = this.#parameter(`${name}/kernel`);
    const bias = this.#parameter(`${name}/bias`);
    const value = tf.matMul(x.value, kernel);
    return this.#scaled(this.add({ value, exponent: x.exponent }, { value: bias, exponent: tf.scalar(0) }));
  }

  /** Nothing is negative here. */
  relu(x: Flow): Flow {
    return x;
  }

  add(a: Flow, b: Flow): Flow {
    const { tf } = this.#engine;
    const exponent = tf.maximum(a.exponent, b.exponent);
    const aligned = (flow: Flow): Tensor =>
      tf.mul(flow.value, constant(this.#engine, tf.sub(flow.exponent, exponent), tf.exp));
    return { value: tf.add(aligned(a), aligned(b)), exponent };
  }

  globalAveragePool({ value, exponent }: Flow): Flow {
    return { value: this.#engine.ops.globalAveragePool(value), exponent };
  }

  flatten({ value, exponent }: Flow): Flow {
    return { value: this.#engine.ops.flatten(value), exponent };
  }

  #scaled({ value, exponent }: Flow): Flow {
    const { tf } = this.#engine;
    const peak = constant(this.#engine, value, (all) => tf.maximum(tf.max(all), tf.scalar(SILENT)));
    return { value: tf.div(value, peak), exponent: tf.add(exponent, tf.log(peak)) };
  }

  #parameter(name: string): Tensor {
    const tensor = this.#parameters.get(name);
    if (!tensor) throw new Error(`the model asks for ${name}, which its layout does not have`);
    return tensor;
  }
}

/** f(x), whose gradient is taken to be zero. */
function constant({ tf }: Pick<Engine, 'tf'>, x: Tensor, f: (x: Tensor) => Tensor): Tensor {
  const { shape } = x;
  return tf.customGrad((...inputs: unknown[]) => ({
    value: f(inputs[0] as Tensor),
    gradFunc: () => tf.zeros(shape),
  }))(x);
}

/**
 * The gradient of the synaptic flow R = Σ logits of images of ones, up to a factor that all weights share. State:
 * `weights`, which are to be |w| and zero where pruned, and `gradient`, of kernels and zero elsewhere. No feeds; gives
 * nothing of use.
 * @param shape [height, width, channels] of an image
 */
export function flowStep(engine: Engine, task: NetworkTask, shape: readonly number[]): Program {
  const { tf } = engine;
  const { layout, model, classes } = task;
  const pieces = weightPieces(layout);
  const kernels = [...layout.parameters.entries()].filter(([, { role }]) => role === 'kernel');
  return engine.program({
    state: { weights: pieces, gradient: pieces },
    body(_feeds, { weights }) {
      if (!weights) throw new Error('missing input');
      const flowOf = (...values: Tensor[]): Tensor => {
        const all = [...weights];
        for (const [at, [index]] of kernels.entries()) all[index] = values[at] as Tensor;
        const net = new FlowNetwork(engine, named(layout, all));
        const ones = { value: tf.ones([IMAGES, ...shape]), exponent: tf.scalar(0) };
        return tf.sum(model.forward<Flow>(net, ones, classes).value);
      };
      const grads = tf.grads(flowOf)(kernels.map(([index]) => weights[index] as Tensor));
      const gradient: Tensor[] = layout.parameters.map((parameter) => tf.zeros([...parameter.shape]));
      for (const [at, [index]] of kernels.entries()) gradient[index] = grads[at] as Tensor;
      return { fetch: tf.scalar(0), next: { gradient } };
    },
  });
}
