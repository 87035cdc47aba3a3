import type * as tfjs from '@tensorflow/tfjs-core';
import type { EngineBuild } from '../contract/job.ts';
import type { Ops } from './ops.ts';
import type { Program, ProgramDefinition } from './program.ts';

/** What computes in this process: TensorFlow (tensorflow.ts), or tfjs's WebAssembly backend (wasm/load.ts). */
export interface Engine {
  readonly tf: typeof tfjs;
  readonly build: EngineBuild;
  /** Version of the native library. */
  readonly version: string;
  readonly device: 'CPU' | 'GPU';
  readonly ops: Ops;
  program(definition: ProgramDefinition): Program;
}
