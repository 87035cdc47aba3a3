import { DataType, shapeProto, type AttributeValue } from './graph.ts';
import { elementsOf, lengthOf, type Pieces } from './pieces.ts';
import type { Recorder } from './recorder.ts';

// A state vector as variables of a graph: one for each piece, the vector's read and its way to be set from outside.

const float = { type: DataType.float32 };
const int = { type: DataType.int32 };

const bytes = (text: string): AttributeValue => ({ s: new TextEncoder().encode(text) });

/** Node of a piece's variable; its value is `<node>/read:0`. */
export function pieceNode(vector: string, piece: number): string {
  return `state/${vector}/${piece}`;
}

/** The whole vector as one output. */
export function vectorSource(vector: string): string {
  return `state/${vector}/read:0`;
}

/** What to feed, and what to fetch, to set the vector. */
export function settingOf(vector: string): { readonly feed: string; readonly fetch: string } {
  return { feed: `state/${vector}/set:0`, fetch: `state/${vector}/was-set:0` };
}

/** Writes the nodes of a vector. */
export function writeVector(recorder: Recorder, vector: string, pieces: Pieces): void {
  const base = `state/${vector}`;
  const reads = pieces.map((shape, index) => {
    const node = pieceNode(vector, index);
    recorder.node(
      'VarHandleOp',
      [],
      { dtype: float, shape: { shape: shapeProto(shape) }, shared_name: bytes(node), container: bytes('') },
      node,
    );
    recorder.node('ReadVariableOp', [`${node}:0`], { dtype: float }, `${node}/read`);
    return reshape(recorder, `${node}/read:0`, [elementsOf(shape)], `${node}/flat`);
  });
  const axis = recorder.constant([], new Int32Array(1));
  if (reads.length === 1) recorder.node('Identity', reads, { T: float }, `${base}/read`);
  else {
    const attributes = { N: { i: reads.length }, T: float, Tidx: int };
    recorder.node('ConcatV2', [...reads, axis], attributes, `${base}/read`);
  }

  const shape = { shape: shapeProto([lengthOf(pieces)]) };
  recorder.node('Placeholder', [], { dtype: float, shape }, `${base}/set`);
  // What is fed shares its memory with JavaScript: the variables must not keep it.
  recorder.node('DeepCopy', [`${base}/set:0`], { T: float }, `${base}/copy`);
  if (pieces.length > 1) {
    const sizes = recorder.constant([pieces.length], Int32Array.from(pieces, elementsOf));
    const attributes = { num_split: { i: pieces.length }, T: float, Tlen: int };
    recorder.node('SplitV', [`${base}/copy:0`, sizes, axis], attributes, `${base}/split`);
  }
  const assigned = pieces.map((piece, index) => {
    const source = pieces.length > 1 ? `${base}/split:${index}` : `${base}/copy:0`;
    const node = pieceNode(vector, index);
    const value = reshape(recorder, source, piece, `${node}/set`);
    recorder.node('AssignVariableOp', [`${node}:0`, value], { dtype: float }, `${node}/set-assign`);
    return `^${node}/set-assign`;
  });
  const zero = {
    tensor: { dtype: DataType.float32, tensorShape: shapeProto([]), tensorContent: new Uint8Array(4) },
  };
  recorder.node('Const', assigned, { dtype: float, value: zero }, `${base}/was-set`);
}

function reshape(recorder: Recorder, source: string, shape: readonly number[], name: string): string {
  const to = recorder.constant([shape.length], Int32Array.from(shape));
  return `${recorder.node('Reshape', [source, to], { T: float, Tshape: int }, name)}:0`;
}

/** Writes the nodes that give state its new values. */
export class StateWriter {
  /** What the end of a call must wait for. */
  readonly waits: string[] = [];
  readonly #recorder: Recorder;
  readonly #taken: ReadonlySet<string>;

  /** @param also outputs that nodes yet to be written take: results, new values. */
  constructor(recorder: Recorder, also: readonly string[]) {
    this.#recorder = recorder;
    const own = recorder.nodes.filter(({ name }) => !name.endsWith('/flat'));
    this.#taken = new Set([...own.flatMap(({ input }) => input), ...also]);
  }

  /** Gives each piece of a vector a new value. */
  assign(vector: string, sources: readonly string[]): void {
    for (const [index, source] of sources.entries()) {
      const node = pieceNode(vector, index);
      const inputs = [`${node}:0`, source, ...this.#readsOf(node)];
      this.#write('AssignVariableOp', inputs, { dtype: float }, `${node}/assign`);
    }
  }

  /** A step of gradient descent on each piece (program.ts, Descent). */
  descend({ weights, momentum, sources, rate }: DescentSources): void {
    const factor = momentum && this.#recorder.constant([], Float32Array.of(momentum.factor));
    for (const [index, gradient] of sources.entries()) {
      const node = pieceNode(weights, index);
      const attributes = { T: float, use_locking: { b: false } };
      const reads = this.#readsOf(node);
      if (momentum && factor !== null) {
        const velocity = pieceNode(momentum.velocity, index);
        const inputs = [`${node}:0`, `${velocity}:0`, rate, gradient, factor];
        this.#write(
          'ResourceApplyMomentum',
          [...inputs, ...reads, ...this.#readsOf(velocity)],
          { ...attributes, use_nesterov: { b: false } },
          `${node}/descend`,
        );
      } else {
        const inputs = [`${node}:0`, rate, gradient, ...reads];
        this.#write('ResourceApplyGradientDescent', inputs, attributes, `${node}/descend`);
      }
    }
  }

  #write(op: string, inputs: string[], attributes: Record<string, AttributeValue>, name: string): void {
    this.waits.push(`^${this.#recorder.node(op, inputs, attributes, name)}`);
  }

  /**
   * The old value must have been read before a new one comes: nothing else orders the two. Only where it is read
   * at all, for a read that nobody needs holds the old value and costs the in-place kernels a copy.
   */
  #readsOf(node: string): string[] {
    return this.#taken.has(`${node}/read:0`) ? [`^${node}/read`] : [];
  }
}

export interface DescentSources {
  readonly weights: string;
  readonly momentum: { readonly velocity: string; readonly factor: number } | null;
  /** Gradients, one for each piece. */
  readonly sources: readonly string[];
  readonly rate: string;
}
