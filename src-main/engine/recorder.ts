import { DataType, shapeProto, tensorAttribute, type AttributeValue, type GraphNode } from './graph.ts';
import type { TensorData } from './program.ts';
import type { Binding, OpAttribute, TensorMetadata } from './tensorflow.ts';

/** Constants of more elements than this that hold one value become Fill ops, or graphs grow by megabytes. */
const FILL_FROM = 64;

interface Captured {
  readonly shape: readonly number[];
  readonly dtype: number;
  readonly data: TensorData;
}

/**
 * Stands in for tfjs-node's binding while a function runs once: every op is executed as usual and written down
 * as a graph node. All tfjs kernels go through `executeOp` and `createTensor`, so nothing escapes.
 */
export class Recorder {
  readonly nodes: GraphNode[] = [];
  readonly binding: Binding;
  /** Where each tensor comes from: `node:output`. Ids are never reused by the addon. */
  readonly #producers = new Map<number, string>();
  /** Tensors made from JavaScript data while recording; a node is written when one is used. */
  readonly #captured = new Map<number, Captured>();
  #count = 0;

  constructor(real: Binding) {
    // Constants and the rest of the binding are inherited; its own properties are read-only.
    this.binding = Object.create(real, {
      createTensor: { value: this.#createTensor.bind(this, real) },
      executeOp: { value: this.#executeOp.bind(this, real) },
      tensorDataSync: { value: refuseReading },
      order: { value: this.#order.bind(this) },
    }) as Binding;
  }

  /** Declares that tensor `id` is the output `source` of a node written by the caller. */
  declare(id: number, source: string): void {
    this.#producers.set(id, source);
  }

  /** The graph output that computes tensor `id`. */
  sourceOf(id: number): string {
    const known = this.#producers.get(id);
    if (known !== undefined) return known;
    const captured = this.#captured.get(id);
    if (!captured) {
      throw new Error(`Tensor ${id} was made before the recording: pass it as state or as a feed.`);
    }
    const source = `${this.#constant(captured)}:0`;
    this.#producers.set(id, source);
    return source;
  }

  /** Writes a constant; gives its output. */
  constant(shape: readonly number[], data: Int32Array | Float32Array): string {
    const dtype = data instanceof Int32Array ? DataType.int32 : DataType.float32;
    return `${this.#constant({ shape, dtype, data })}:0`;
  }

  node(op: string, input: string[], attr: Record<string, AttributeValue>, name = this.#name(op)): string {
    this.nodes.push({ name, op, input, attr });
    return name;
  }

  #name(op: string): string {
    return `${op}_${this.#count++}`;
  }

  #createTensor(real: Binding, shape: readonly number[], dtype: number, data: TensorData): number {
    const id = real.createTensor(shape, dtype, data);
    // Copied: tfjs may reuse the array behind the tensor.
    this.#captured.set(id, { shape: [...shape], dtype, data: data.slice() });
    return id;
  }

  #executeOp(
    real: Binding,
    op: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): TensorMetadata[] {
    const made = real.executeOp(op, attributes, inputs, outputs);
    const attr: Record<string, AttributeValue> = {};
    for (const attribute of attributes) attr[attribute.name] = attributeValue(real, attribute);
    // tfjs leaves this op's types to eager inference, which a graph does not do.
    if (op === 'ExpandDims') attr['T'] ??= { type: made[0]?.dtype ?? DataType.float32 };
    const name = this.node(
      op,
      inputs.map((id) => this.sourceOf(id)),
      attr,
    );
    for (const [index, { id }] of made.entries()) this.#producers.set(id, `${name}:${index}`);
    return made;
  }

  /** Control inputs, which the runtime waits for. */
  #order(id: number, earlier: readonly number[]): void {
    const producer = (of: number): string => this.sourceOf(of).replace(/:\d+$/, '');
    const name = producer(id);
    const node = this.nodes.find((each) => each.name === name);
    if (!node) throw new Error(`there is no node ${name}`);
    node.input.push(...new Set(earlier.map((each) => `^${producer(each)}`)));
  }

  #constant({ shape, dtype, data }: Captured): string {
    const first = data[0];
    if (data.length > FILL_FROM && first !== undefined && data.every((value: number) => value === first)) {
      const dims = this.#constant({
        shape: [shape.length],
        dtype: DataType.int32,
        data: Int32Array.from(shape),
      });
      const value = this.#constant({ shape: [], dtype, data: data.slice(0, 1) });
      return this.node('Fill', [`${dims}:0`, `${value}:0`], {
        T: { type: dtype },
        index_type: { type: DataType.int32 },
      });
    }
    return this.node('Const', [], { dtype: { type: dtype }, value: tensorAttribute(dtype, shape, data) });
  }
}

function refuseReading(): never {
  throw new Error(
    'A recorded function must not read values: what it decides would be frozen into the graph.',
  );
}

function attributeValue(binding: Binding, { name, type, value }: OpAttribute): AttributeValue {
  switch (type) {
    case binding.TF_ATTR_STRING:
      return { s: new TextEncoder().encode(value as string) };
    case binding.TF_ATTR_INT:
      return Array.isArray(value) ? { list: { i: value as number[] } } : { i: value as number };
    case binding.TF_ATTR_FLOAT:
      return Array.isArray(value) ? { list: { f: value as number[] } } : { f: value as number };
    case binding.TF_ATTR_BOOL:
      return Array.isArray(value) ? { list: { b: value as boolean[] } } : { b: value as boolean };
    case binding.TF_ATTR_TYPE:
      return { type: value as number };
    case binding.TF_ATTR_SHAPE:
      return { shape: shapeProto(value as number[]) };
    default:
      throw new Error(`Attribute ${name} has the unknown type ${type}`);
  }
}
