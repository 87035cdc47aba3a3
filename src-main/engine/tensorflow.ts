import { createRequire, Module } from 'node:module';
import type * as tfjs from '@tensorflow/tfjs-core';
import { EngineError } from '../contract/errors.ts';
import type { EngineBuild } from '../contract/job.ts';
import type { Engine } from './engine.ts';
import { makeOps } from './ops.ts';
import type { TensorData } from './program.ts';
import { RecordedProgram } from './recorded.ts';

/** What the addon tells about a tensor it made. */
export interface TensorMetadata {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** One attribute of an op, as tfjs-node hands it to the addon. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: boolean | number | string | readonly number[] | readonly boolean[];
}

/** The part of tfjs-node's native binding that the engine uses. */
export interface Binding {
  createTensor(shape: readonly number[], dtype: number, data: TensorData): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): TensorData;
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): TensorMetadata[];
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(
    id: number,
    inputs: readonly number[],
    inputNames: string,
    outputNames: string,
  ): TensorMetadata[];
  getNumOfTensors(): number;
  getNumOfSavedModels(): number;
  isUsingGpuDevice(): boolean;
  /** Of a recorder: tensor `id` is to be computed once the others are. */
  order?(id: number, earlier: readonly number[]): void;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_BOOL: number;
  readonly TF_UINT8: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_Version: string;
}

/** The part of tfjs-node's backend that the engine uses. `binding` is replaced while a program is recorded. */
export interface NodeBackend {
  binding: Binding;
  getInputTensorIds(tensors: readonly tfjs.Tensor[]): number[];
  createOutputTensor(metadata: TensorMetadata): tfjs.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly tfjs.Tensor[],
    outputs: number,
  ): tfjs.Tensor[];
}

/** TensorFlow in this process. */
export interface TensorFlow extends Engine {
  readonly backend: NodeBackend;
}

let loaded: TensorFlow | null = null;

/**
 * Loads tfjs-node-gpu on the provisioned addon; once a process.
 *
 * @throws EngineError where the addon or TensorFlow cannot be loaded, or another build is loaded already.
 */
export function loadTensorFlow(build: EngineBuild): TensorFlow {
  if (loaded) {
    if (loaded.build.binding === build.binding) return loaded;
    throw new EngineError('Another TensorFlow is loaded in this process already.', 'Start a new process.');
  }
  // Errors only: TensorFlow greets at length on standard error otherwise.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  restoreRemovedUtilities();
  const require = createRequire(import.meta.url);
  try {
    // tfjs-node asks node-pre-gyp where its addon is; ours lies in the cache, outside node_modules.
    const tfjsNode = createRequire(require.resolve('@tensorflow/tfjs-node-gpu'));
    const locator = tfjsNode.resolve('@mapbox/node-pre-gyp');
    require.cache[locator] = Object.assign(new Module(locator), {
      filename: locator,
      loaded: true,
      exports: { find: () => build.binding },
    });
    const tf = require('@tensorflow/tfjs-node-gpu') as typeof tfjs;
    const backend = tf.backend() as unknown as NodeBackend;
    const native = { tf, backend };
    loaded = {
      ...native,
      build,
      version: backend.binding.TF_Version,
      device: backend.binding.isUsingGpuDevice() ? 'GPU' : 'CPU',
      ops: makeOps(native),
      program: (definition) => new RecordedProgram(native, definition),
    };
    return loaded;
  } catch (cause) {
    throw new EngineError(
      `TensorFlow could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Run `swamp doctor`: it says what is missing and how to mend it.',
      { cause },
    );
  }
}

/** tfjs-node 4.22 calls two functions that Node 23 removed from `util`. */
function restoreRemovedUtilities(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= (value: unknown) => Array.isArray(value);
}
