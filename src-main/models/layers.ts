import type { Parameter } from '../contract/parameters.ts';

/**
 * The layers a model is written in. `T` is whatever flows through it: TensorFlow tensors when it runs, bare
 * shapes when it is described, so that one function gives the parameters, the FLOPs and the network.
 * Images are [batch, height, width, channels]; convolution kernels [height, width, in, out]; dense kernels [in, out].
 */
export interface Layers<T> {
  /** Convolution without bias. `padding` pixels of zeros on every side, as in PyTorch. Parameter `<name>/kernel`. */
  conv2d(name: string, x: T, options: { filters: number; size: number; stride: number; padding: number }): T;
  /** Batch normalisation, ε = {@link BATCH_NORM_EPSILON}. `<name>/scale`, `<name>/offset`; statistics `<name>/mean`, `<name>/variance`. */
  batchNorm(name: string, x: T): T;
  /** x·kernel + bias. `<name>/kernel`, `<name>/bias`. */
  dense(name: string, x: T, options: { units: number; classifier?: boolean }): T;
  relu(x: T): T;
  add(a: T, b: T): T;
  /** Mean over height and width: [batch, channels]. */
  globalAveragePool(x: T): T;
  /** [batch, everything else in C order]. */
  flatten(x: T): T;
}

/** As in PyTorch. */
export const BATCH_NORM_EPSILON = 1e-5;

/** Batch-norm statistics of one layer: `<name>/mean` and `<name>/variance`, each of `channels` numbers. */
export interface StatisticsOf {
  readonly name: string;
  readonly channels: number;
}

/** What is known of a model without running it. */
export interface ModelDescription {
  readonly parameters: readonly Parameter[];
  /** In the order of the forward pass. */
  readonly statistics: readonly StatisticsOf[];
  /** Dense forward FLOPs of one image by kernel; a multiply-add is 2. They shrink with the kernel's density. */
  readonly layers: readonly { readonly kernel: string; readonly flops: number }[];
  /** Forward FLOPs of one image that no mask saves: biases, batch norm, ReLU, additions, pooling. */
  readonly otherFlops: number;
}

/** Shape of one image (or of its features) without the batch: [h, w, c] or [features]. */
type Shape = readonly number[];

const elements = (shape: Shape): number => shape.reduce((product, side) => product * side, 1);

/** Walks a model with bare shapes and writes down what it is made of. */
export class Describer implements Layers<Shape> {
  readonly #parameters: Parameter[] = [];
  readonly #statistics: StatisticsOf[] = [];
  readonly #layers: { kernel: string; flops: number }[] = [];
  #otherFlops = 0;

  description(): ModelDescription {
    return {
      parameters: this.#parameters,
      statistics: this.#statistics,
      layers: this.#layers,
      otherFlops: this.#otherFlops,
    };
  }

  conv2d(
    name: string,
    x: Shape,
    { filters, size, stride, padding }: { filters: number; size: number; stride: number; padding: number },
  ): Shape {
    const [height, width, channels] = imageShape(name, x);
    const out = [height, width].map((side) => Math.floor((side + 2 * padding - size) / stride) + 1);
    if (out.some((side) => side < 1)) {
      throw new Error(`${name}: a ${size}×${size} kernel does not fit a ${height}×${width} image`);
    }
    const shape = [size, size, channels, filters];
    this.#parameters.push({ name: `${name}/kernel`, shape, role: 'kernel', classifier: false });
    this.#layers.push({ kernel: `${name}/kernel`, flops: 2 * elements(shape) * elements(out) });
    return [...out, filters];
  }

  batchNorm(name: string, x: Shape): Shape {
    const channels = x.at(-1) ?? 0;
    this.#parameters.push({ name: `${name}/scale`, shape: [channels], role: 'scale', classifier: false });
    this.#parameters.push({ name: `${name}/offset`, shape: [channels], role: 'offset', classifier: false });
    this.#statistics.push({ name, channels });
    this.#otherFlops += 2 * elements(x);
    return x;
  }

  dense(
    name: string,
    x: Shape,
    { units, classifier = false }: { units: number; classifier?: boolean },
  ): Shape {
    const [features, ...rest] = x;
    if (features === undefined || rest.length > 0)
      throw new Error(`${name}: a dense layer wants flat features`);
    this.#parameters.push({ name: `${name}/kernel`, shape: [features, units], role: 'kernel', classifier });
    this.#parameters.push({ name: `${name}/bias`, shape: [units], role: 'bias', classifier });
    this.#layers.push({ kernel: `${name}/kernel`, flops: 2 * features * units });
    this.#otherFlops += units;
    return [units];
  }

  relu(x: Shape): Shape {
    this.#otherFlops += elements(x);
    return x;
  }

  add(a: Shape, b: Shape): Shape {
    if (a.join() !== b.join()) throw new Error(`cannot add [${a.join()}] and [${b.join()}]`);
    this.#otherFlops += elements(a);
    return a;
  }

  globalAveragePool(x: Shape): Shape {
    const [, , channels] = imageShape('globalAveragePool', x);
    this.#otherFlops += elements(x);
    return [channels];
  }

  flatten(x: Shape): Shape {
    return [elements(x)];
  }
}

function imageShape(name: string, shape: Shape): [number, number, number] {
  const [height, width, channels] = shape;
  if (height === undefined || width === undefined || channels === undefined || shape.length !== 3) {
    throw new Error(`${name} wants [height, width, channels], not [${shape.join()}]`);
  }
  return [height, width, channels];
}
