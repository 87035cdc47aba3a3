import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as tfjs from '@tensorflow/tfjs-core';
import type * as tfjsWasm from '@tensorflow/tfjs-backend-wasm';
import { EngineError } from '../../contract/errors.ts';
import type { EngineBuild } from '../../contract/job.ts';
import type { Engine } from '../engine.ts';
import { registerGradients } from './gradients.ts';
import { makeWasmOps } from './ops.ts';
import { EagerProgram } from './program.ts';

/** The part of tfjs's WebAssembly backend that the engine uses. */
export interface WasmBackend {
  /** Memory for a tensor, not cleared. */
  makeOutput(shape: readonly number[], dtype: 'float32' | 'int32'): tfjs.TensorInfo;
  /** A tensor's elements in WebAssembly's memory. Valid until the next allocation. */
  typedArrayFromHeap(tensor: tfjs.TensorInfo): Float32Array | Int32Array;
  readonly wasm: { _malloc: (bytes: number) => number; _free: (address: number) => void };
}

/** tfjs with its WebAssembly backend in this process. */
export interface Wasm extends Engine {
  readonly backend: WasmBackend;
}

/** tfjs's WebAssembly has one memory of at most so many bytes. */
const MEMORY_LIMIT = 4 * 2 ** 30;

let loading: Promise<Wasm> | null = null;

/**
 * Loads tfjs's WebAssembly backend with the gradients it lacks; once a process. It needs nothing but its npm packages:
 * no TensorFlow, no compiler, no network. It uses SIMD and one thread: the package's threads do not start under
 * Node, which knows no workers from blob addresses.
 *
 * @throws EngineError where the packages are missing or WebAssembly cannot be started.
 */
export function loadWasm(build: EngineBuild): Promise<Wasm> {
  loading ??= load(build);
  return loading;
}

async function load(build: EngineBuild): Promise<Wasm> {
  const require = createRequire(import.meta.url);
  try {
    // The whole of tfjs, which tfjs-node brings: its core alone knows no gradients.
    const tfjsNode = createRequire(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
    const tf = tfjsNode('@tensorflow/tfjs') as typeof tfjs;
    const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm') as typeof tfjsWasm;
    setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), '/'));
    if (!(await tf.setBackend('wasm'))) throw new Error('tfjs could not start its WebAssembly backend.');
    const backend = tf.backend() as unknown as WasmBackend;
    guardMemory(backend);
    registerGradients(tf);
    const native = { tf, backend };
    return {
      ...native,
      build,
      version: build.tensorflow,
      device: 'CPU',
      ops: makeWasmOps(native),
      program: (definition) => new EagerProgram(tf, definition),
    };
  } catch (cause) {
    throw new EngineError(
      `tfjs's WebAssembly backend could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Run npm ci: it installs @tensorflow/tfjs-backend-wasm and what it needs.',
      { cause },
    );
  }
}

/** tfjs does not look whether there was memory left, and would write to address 0. */
function guardMemory({ wasm }: WasmBackend): void {
  // The first call puts another function in its own place.
  wasm._free(wasm._malloc(8));
  const allocate = wasm._malloc;
  wasm._malloc = (bytes) => {
    const address = allocate(bytes);
    if (address === 0 && bytes > 0)
      throw new EngineError(
        `WebAssembly's memory, ${MEMORY_LIMIT / 2 ** 30} GB at most, is full.`,
        'Lower recipe.batch or the width of the model, or run where TensorFlow is to be had (`swamp doctor`).',
      );
    return address;
  };
}
