import { createRequire } from 'node:module';
import type { EngineBuild } from '../../contract/job.ts';
import { environment, missingPackage, wasmCost } from './failures.ts';
import type { ProbeOutcome } from './probe.ts';
import { loadWasm } from '../wasm/load.ts';
import { oldestGlibc } from './glibc.ts';
import { thisPlatform } from './machine.ts';
import { platformFault } from './targets.ts';

/**
 * tfjs's WebAssembly backend: part of the npm packages, so that nothing is to be provided.
 * @throws EngineError where the package is missing.
 */
export function wasmBuild(): EngineBuild {
  const name = '@tensorflow/tfjs-backend-wasm';
  try {
    const { version } = createRequire(import.meta.url)(`${name}/package.json`) as { version: string };
    return { variant: 'wasm', tensorflow: `tfjs ${version} (WebAssembly)`, binding: '', libraryPath: [] };
  } catch (cause) {
    throw missingPackage(name, cause);
  }
}

/** Said where WebAssembly was taken because there is no TensorFlow; empty where it was asked for. */
export function inPlaceOfTensorFlow(): string {
  const here = thisPlatform();
  const fault = platformFault(here);
  if (process.env[environment.variant] === 'wasm' || fault === null) return '';
  return (
    `TensorFlow is not provided for ${here.platform} ${here.arch}: ${fault} Computing with WebAssembly instead, ` +
    `${wasmCost} and on one thread a worker (docs/performance.md). On Linux with glibc ${oldestGlibc} or ` +
    'newer (on Windows: inside WSL 2), on Macs with Apple processors, or with a working @tensorflow/tfjs-node-gpu, TensorFlow computes.'
  );
}

/** Loads the backend here and multiplies two matrices. */
export async function probeWasm(build: EngineBuild): Promise<ProbeOutcome> {
  try {
    const { tf, version } = await loadWasm(build);
    const product = tf.tidy(() =>
      tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2])),
    );
    const values = [...product.dataSync()].join();
    product.dispose();
    if (values === '19,22,43,50')
      return { works: true, tensorflow: version, gpu: false, gpuName: '', log: '' };
    return { works: false, reason: `it multiplied two matrices wrongly: ${values}.`, log: '' };
  } catch (error) {
    return { works: false, reason: error instanceof Error ? error.message : String(error), log: '' };
  }
}
