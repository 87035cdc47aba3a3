import type * as tfjs from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { WasmBackend } from './load.ts';

/** What computes on tensors in WebAssembly's memory. */
export interface Native {
  readonly tf: typeof tfjs;
  readonly backend: WasmBackend;
}

/**
 * New float32 tensors that `compute` fills from others, in one loop where tfjs would take several operations.
 * Unknown to the tape: it is called inside a gradient, or inside a function that has one of its own.
 */
export function fused(
  { tf, backend }: Native,
  inputs: readonly Tensor[],
  shapes: readonly (readonly number[])[],
  compute: (inputs: readonly View[], outputs: readonly Float32Array[]) => void,
): Tensor[] {
  const made = shapes.map((shape) => backend.makeOutput(shape, 'float32'));
  // Views come after the allocations: these may move the memory.
  compute(
    inputs.map((tensor) => backend.typedArrayFromHeap(tensor)),
    made.map((output) => backend.typedArrayFromHeap(output) as Float32Array),
  );
  const engine = tf.engine();
  return made.map((output) => engine.makeTensorFromTensorInfo(output));
}

export type View = Float32Array | Int32Array;
