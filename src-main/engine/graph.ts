import protobuf from 'protobufjs';
import type { TensorData } from './program.ts';

/** TensorFlow's DataType enum, as far as it is used (tensorflow/core/framework/types.proto). */
export const DataType = { float32: 1, int32: 3, uint8: 4, bool: 10, resource: 20 } as const;

/** An attribute of a node: exactly one member is set. */
export type AttributeValue =
  | { s: Uint8Array }
  | { i: number }
  | { f: number }
  | { b: boolean }
  | { type: number }
  | { shape: ShapeProto }
  | { tensor: { dtype: number; tensorShape: ShapeProto; tensorContent: Uint8Array } }
  | { list: { i?: number[]; f?: number[]; b?: boolean[]; shape?: ShapeProto[] } };

interface ShapeProto {
  dim: { size: number }[];
}

/** One operation of a graph. Inputs are `node:output`, or `^node` to wait for it. */
export interface GraphNode {
  name: string;
  op: string;
  input: string[];
  attr: Record<string, AttributeValue>;
}

export function shapeProto(shape: readonly number[]): ShapeProto {
  return { dim: shape.map((size) => ({ size })) };
}

/** A constant's bytes as a TensorProto attribute. */
export function tensorAttribute(dtype: number, shape: readonly number[], data: TensorData): AttributeValue {
  const tensorContent = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  return { tensor: { dtype, tensorShape: shapeProto(shape), tensorContent } };
}

// The few messages of a SavedModel that a graph without functions needs, with TensorFlow's field numbers
// (saved_model.proto, meta_graph.proto, graph.proto, node_def.proto, attr_value.proto, tensor.proto).
const schema = {
  nested: {
    Dim: { fields: { size: { type: 'int64', id: 1 } } },
    Shape: { fields: { dim: { rule: 'repeated', type: 'Dim', id: 2 } } },
    Tensor: {
      fields: {
        dtype: { type: 'int32', id: 1 },
        tensorShape: { type: 'Shape', id: 2 },
        tensorContent: { type: 'bytes', id: 4 },
      },
    },
    ListValue: {
      fields: {
        i: { rule: 'repeated', type: 'int64', id: 3 },
        f: { rule: 'repeated', type: 'float', id: 4 },
        b: { rule: 'repeated', type: 'bool', id: 5 },
        shape: { rule: 'repeated', type: 'Shape', id: 7 },
      },
    },
    Attribute: {
      // A oneof, so that zero and false are written: without it proto3 drops them and the attribute is unset.
      oneofs: { value: { oneof: ['s', 'i', 'f', 'b', 'type', 'shape', 'tensor', 'list'] } },
      fields: {
        list: { type: 'ListValue', id: 1 },
        s: { type: 'bytes', id: 2 },
        i: { type: 'int64', id: 3 },
        f: { type: 'float', id: 4 },
        b: { type: 'bool', id: 5 },
        type: { type: 'int32', id: 6 },
        shape: { type: 'Shape', id: 7 },
        tensor: { type: 'Tensor', id: 8 },
      },
    },
    Node: {
      fields: {
        name: { type: 'string', id: 1 },
        op: { type: 'string', id: 2 },
        input: { rule: 'repeated', type: 'string', id: 3 },
        attr: { keyType: 'string', type: 'Attribute', id: 5 },
      },
    },
    Versions: { fields: { producer: { type: 'int32', id: 1 }, minConsumer: { type: 'int32', id: 2 } } },
    Graph: {
      fields: { node: { rule: 'repeated', type: 'Node', id: 1 }, versions: { type: 'Versions', id: 4 } },
    },
    MetaInfo: { fields: { tags: { rule: 'repeated', type: 'string', id: 4 } } },
    MetaGraph: { fields: { metaInfoDef: { type: 'MetaInfo', id: 1 }, graphDef: { type: 'Graph', id: 2 } } },
    SavedModel: {
      fields: {
        savedModelSchemaVersion: { type: 'int64', id: 1 },
        metaGraphs: { rule: 'repeated', type: 'MetaGraph', id: 2 },
      },
    },
  },
} as const;

/** Tag under which the graph is loaded. */
export const TAG = 'serve';

// The map field (`keyType`) is missing from protobufjs's type of a field.
const messages = protobuf.Root.fromJSON(schema as unknown as protobuf.INamespace);

/** The bytes of `saved_model.pb`. */
export function encodeSavedModel(nodes: readonly GraphNode[]): Uint8Array {
  const SavedModel = messages.lookupType('SavedModel');
  // Producer 1286 is TensorFlow 2.11's graph version: old enough for every release used, new enough for every op.
  const graphDef = { node: nodes, versions: { producer: 1286, minConsumer: 12 } };
  return SavedModel.encode({
    savedModelSchemaVersion: 1,
    metaGraphs: [{ metaInfoDef: { tags: [TAG] }, graphDef }],
  }).finish();
}
