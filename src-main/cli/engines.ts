import type { EngineBuild } from '../contract/job.ts';
import { backendOf } from '../experiment/resolve.ts';
import type { EngineSource, Variant } from '../service/engines.ts';
import { engineFor, engineOf } from './session.ts';

/** Where a host's engines come from. @param given one that is ready already. */
export function engineSource(given: EngineBuild | undefined): EngineSource {
  const fits = (variant: Variant): boolean => {
    if (!given) return false;
    const backend = backendOf(given);
    return variant === 'auto' || backend === (variant === 'wasm' ? 'wasm' : `tensorflow-${variant}`);
  };
  return {
    find: async (variant) => {
      if (given && fits(variant)) return given;
      const { findEngine } = await import('../engine/provision/index.ts');
      return await findEngine(variant);
    },
    prepare: async (variant, report, signal) =>
      await engineFor(variant, signal, ({ message, doneBytes, totalBytes }) =>
        report({
          step: message,
          done: doneBytes !== undefined && totalBytes ? Math.min(1, doneBytes / totalBytes) : null,
        }),
      ),
    variantOf: engineOf,
    gpu: async () => await (await import('../engine/provision/index.ts')).findGpu(),
    advice: async (build, gpu) => {
      const { inPlaceOfTensorFlow } = await import('../engine/provision/index.ts');
      return adviceOn(build, gpu, build?.variant === 'wasm' ? inPlaceOfTensorFlow() : '');
    },
  };
}

/** @param instead why WebAssembly computes in TensorFlow's place. */
function adviceOn(build: EngineBuild | null, gpu: string | null, instead: string): string {
  if (build === null) {
    return gpu === null
      ? 'TensorFlow is downloaded and built when the first experiment runs, or now.'
      : `TensorFlow with CUDA for the ${gpu} is downloaded and built when the first experiment runs, or now.`;
  }
  if (build.variant === 'wasm')
    return (
      instead ||
      'WebAssembly computes, as SWAMP_ENGINE_VARIANT=wasm asks; TensorFlow is five to nine times faster.'
    );
  if (gpu !== null && build.variant === 'cpu')
    return `The ${gpu} is not used: SWAMP_ENGINE_VARIANT=cpu is set. Without it TensorFlow with CUDA computes.`;
  return gpu === null && build.variant !== 'cuda'
    ? 'The processor computes. With an NVIDIA GPU on Linux training is many times faster; it is found by itself.'
    : '';
}
