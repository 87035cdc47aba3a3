import type * as tfjs from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Descent, FeedValues, Program, ProgramDefinition, TensorData } from '../program.ts';
import { checkLength, checkPieces, elementsOf, lengthOf, piecesOf, type Pieces } from '../pieces.ts';

/** Rows of a program by rows that are computed at a time: all that a forward pass makes is held to its end. */
const ROWS = 100;

/** A program whose operations are executed one by one, each time anew, on tensors in WebAssembly's memory. */
export class EagerProgram implements Program {
  readonly recordings = 0;
  readonly #tf: typeof tfjs;
  readonly #definition: ProgramDefinition;
  readonly #state = new Map<string, Tensor[]>();
  #computeMs = 0;

  constructor(tf: typeof tfjs, definition: ProgramDefinition) {
    this.#tf = tf;
    this.#definition = definition;
  }

  get sessionMs(): number {
    return this.#computeMs;
  }

  write(name: string, values: Float32Array): void {
    const pieces = this.#piecesOf(name);
    checkLength(name, pieces, values);
    this.#activate();
    let offset = 0;
    const tensors = pieces.map((shape) => {
      const data = values.subarray(offset, (offset += elementsOf(shape)));
      return this.#tf.keep(this.#tf.tensor(data, [...shape], 'float32'));
    });
    this.#replace(name, tensors);
  }

  read(name: string): Float32Array {
    const values = new Float32Array(lengthOf(this.#piecesOf(name)));
    let offset = 0;
    for (const tensor of this.#tensorsOf(name)) {
      values.set(tensor.dataSync<'float32'>(), offset);
      offset += tensor.size;
    }
    return values;
  }

  run(feeds: FeedValues): Float32Array {
    const start = performance.now();
    this.#activate();
    try {
      if (this.#definition.byRows) return this.#byRows(feeds);
      return this.#once(feeds);
    } finally {
      this.#computeMs += performance.now() - start;
    }
  }

  dispose(): void {
    for (const name of this.#state.keys()) this.#replace(name, []);
    this.#state.clear();
  }

  /** Only where a process holds another engine as well, as a comparison of the two does. */
  #activate(): void {
    if (this.#tf.getBackend() !== 'wasm') void this.#tf.setBackend('wasm');
  }

  #piecesOf(name: string): Pieces {
    return piecesOf(this.#definition.state, name);
  }

  #tensorsOf(name: string): readonly Tensor[] {
    const tensors = this.#state.get(name);
    if (!tensors) throw new Error(`State ${name} was never written.`);
    return tensors;
  }

  #replace(name: string, tensors: Tensor[]): void {
    for (const old of this.#state.get(name) ?? []) old.dispose();
    this.#state.set(name, tensors);
  }

  #byRows(feeds: FeedValues): Float32Array {
    const rows = Math.max(...Object.values(feeds).map(({ shape }) => shape[0] ?? 0));
    const parts: Float32Array[] = [];
    for (let from = 0; from < rows; from += ROWS) parts.push(this.#once(rowsOf(feeds, from, from + ROWS)));
    const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let offset = 0;
    for (const part of parts) {
      joined.set(part, offset);
      offset += part.length;
    }
    return joined;
  }

  #once(feeds: FeedValues): Float32Array {
    const tf = this.#tf;
    const next = new Map<string, Tensor[]>();
    const values = tf.tidy(() => {
      const fed: Record<string, Tensor> = {};
      for (const [name, { shape, data }] of Object.entries(feeds)) fed[name] = feedTensor(tf, shape, data);
      const state: Record<string, readonly Tensor[]> = {};
      for (const name of Object.keys(this.#definition.state)) state[name] = this.#tensorsOf(name);
      const made = this.#definition.body(fed, state);
      const after = { ...made.next, ...(made.descent && this.#descend(made.descent)) };
      for (const [name, tensors] of Object.entries(after)) {
        checkPieces(name, this.#piecesOf(name), tensors);
        // Another handle on the same memory: what the body gives may be state or feed itself.
        next.set(
          name,
          tensors.map((tensor) => tf.keep(tf.clone(tensor))),
        );
      }
      return made.fetch.dataSync<'float32'>();
    });
    for (const [name, tensors] of next) this.#replace(name, tensors);
    return values;
  }

  /** New tensors, never the old ones' memory: tfjs keeps convolution kernels repacked for as long as they live. */
  #descend({ weights, momentum, gradients, rate }: Descent): Record<string, Tensor[]> {
    const tf = this.#tf;
    const from = this.#tensorsOf(weights);
    checkPieces(weights, this.#piecesOf(weights), gradients);
    const step = (by: readonly Tensor[]): Tensor[] =>
      by.map((direction, index) => tf.sub(from[index] as Tensor, tf.mul(direction, rate)));
    if (!momentum) return { [weights]: step(gradients) };
    const velocity = this.#tensorsOf(momentum.velocity);
    const factor = tf.scalar(momentum.factor);
    const faster = gradients.map((gradient, index) =>
      tf.add(tf.mul(velocity[index] as Tensor, factor), gradient),
    );
    return { [weights]: step(faster), [momentum.velocity]: faster };
  }
}

/** WebAssembly's backend has no bytes: they become floats, which hold them exactly. */
function feedTensor(tf: typeof tfjs, shape: readonly number[], data: TensorData): Tensor {
  if (data instanceof Int32Array) return tf.tensor(data, [...shape], 'int32');
  return tf.tensor(data instanceof Float32Array ? data : new Float32Array(data), [...shape], 'float32');
}

/** Rows `from` to `to` of every feed. */
function rowsOf(feeds: FeedValues, from: number, to: number): FeedValues {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { shape, data }]) => {
      const [rows = 0, ...rest] = shape;
      const size = elementsOf(rest);
      const end = Math.min(to, rows);
      return [name, { shape: [end - from, ...rest], data: data.subarray(from * size, end * size) }];
    }),
  );
}
