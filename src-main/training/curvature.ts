import type { CurvatureSpec } from '../contract/job.ts';
import { DataError } from '../contract/errors.ts';
import type { Program } from '../engine/program.ts';
import { applyMask, fullMask } from '../pruning/mask.ts';
import { readMask, readWeights } from './common.ts';
import { input, type JobContext } from './context.ts';
import { gather } from './evaluation.ts';
import { flatStatistics } from './flat.ts';
import type { Prepared } from './workspace.ts';

/** Images in even parts of at most two sizes, as equal as they can be. @param images even; @param most even */
export function evenParts(images: number, most: number): number[] {
  const parts = Math.ceil(images / most);
  const pairs = images / 2;
  return Array.from(
    { length: parts },
    (_, part) => 2 * (Math.floor(pairs / parts) + (part < pairs % parts ? 1 : 0)),
  );
}

/**
 * The Hessian of the mean cross-entropy of a solution on some training images, batch norm's statistics standing still, as a
 * matrix over the weights that are alive: those that masks may prune and do not, and all that no mask may prune (biases, batch
 * norm's scales and offsets, the classifier unless it is pruned). Pruned weights are zeros that do not move.
 */
export class Curvature {
  /** Places in the flat vector of the weights that are alive. */
  readonly alive: Int32Array;
  /** Steps of a product. */
  readonly steps: number;
  /** Length of the flat vector. */
  readonly total: number;
  readonly #prepared: Prepared;
  readonly #program: Program;
  readonly #parts: readonly Int32Array[];

  private constructor(prepared: Prepared, program: Program, alive: Int32Array, parts: readonly Int32Array[]) {
    this.alive = alive;
    this.steps = parts.length;
    this.total = prepared.layout.total;
    this.#prepared = prepared;
    this.#program = program;
    this.#parts = parts;
  }

  /** @throws DataError where the split has too few images */
  static async of(spec: CurvatureSpec, context: JobContext): Promise<Curvature> {
    const { task, images, batch } = spec;
    const { order, workspace, objects } = context;
    const prepared = await workspace.prepare(task, order.source);
    const { layout, description, split } = prepared;
    if (images > split.train.length) {
      throw new DataError(
        `${images} training images are asked for, the split has ${split.train.length}`,
        'Ask for fewer.',
      );
    }
    const weights = readWeights(context, layout, input(order, 'solution'));
    const mask = readMask(context, layout) ?? fullMask(layout);
    applyMask(weights, mask);
    const digest = input(order, 'statistics');
    const file = `object ${digest.slice(0, 12)}`;
    const statistics = flatStatistics(description, objects.read(digest).tensors, file);
    const program = workspace.hessianVectorProduct(task, prepared, { temperature: 1, statistics: 'given' });
    program.write('weights', weights);
    program.write('statistics', statistics.length > 0 ? statistics : new Float32Array(1));
    const alive = Int32Array.from(mask.keys()).filter((at) => mask[at] === 1);
    let from = 0;
    const parts = evenParts(images, batch).map((size) => split.train.slice(from, (from += size)));
    return new Curvature(prepared, program, alive, parts);
  }

  get sessionMs(): number {
    return this.#program.sessionMs;
  }

  /** What a flat vector has at the weights that are alive. */
  atAlive(flat: Float32Array): Float32Array {
    return Float32Array.from(this.alive, (at) => flat[at] as number);
  }

  /**
   * H·v, exactly: the sum over all images by their number.
   * @param vector a number for each weight that is alive
   * @param between called after each step but the last
   */
  async multiply(
    vector: Float32Array,
    between: (step: number) => Promise<void> = () => Promise.resolve(),
  ): Promise<Float64Array> {
    const { alive } = this;
    const program = this.#program;
    const flat = new Float32Array(this.total);
    for (const [index, at] of alive.entries()) flat[at] = vector[index] as number;
    program.write('vector', flat);
    const images = this.#parts.reduce((sum, { length }) => sum + length, 0);
    const product = new Float64Array(alive.length);
    let step = 0;
    // The program adds up means over steps: those of one size weigh alike.
    for (const [size, parts] of Map.groupBy(this.#parts, ({ length }) => length)) {
      program.write('product', new Float32Array(this.total));
      for (const part of parts) {
        program.run(this.#feed(part));
        if (++step < this.steps) await between(step);
      }
      const made = program.read('product');
      for (const [index, at] of alive.entries())
        product[index] = (product[index] as number) + ((made[at] as number) * size) / images;
    }
    return product;
  }

  #feed(part: Int32Array) {
    const { dataset } = this.#prepared;
    const { images, labels } = dataset.train;
    const pixels = dataset.shape.reduce((product, side) => product * side, 1);
    const data = new Uint8Array(part.length * pixels);
    gather(images, pixels, part, data);
    return {
      images: { shape: [part.length, ...dataset.shape], data },
      labels: { shape: [part.length], data: Int32Array.from(part, (index) => labels[index] as number) },
    };
  }
}
