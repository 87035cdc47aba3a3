import type { EnginePack } from '../contract/api/host.ts';
import type { EngineBuild } from '../contract/job.ts';
import { runWork } from '../desk/work-thread.ts';
import { backendOf } from '../experiment/resolve.ts';
import type { EngineSource, Variant } from '../service/engines.ts';
import type { EngineWork, Installed } from './engine-work.ts';
import { shareOf } from './share.ts';
import { engineFor, engineOf } from './session.ts';

/** Packing and unpacking hash gigabytes: in a thread of their own. */
const WORK = new URL('../engine-work.ts', import.meta.url);

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
          done: shareOf(doneBytes, totalBytes),
        }),
      ),
    variantOf: engineOf,
    list: async () => {
      const { cacheFolder, listEngines } = await import('../engine/provision/index.ts');
      return { cache: cacheFolder(), engines: await listEngines() };
    },
    install: async (folder, report, signal) =>
      (await runWork(WORK, { kind: 'install', folder } satisfies EngineWork, {
        report,
        signal,
      })) as Installed,
    pack: async (order, report, signal) =>
      (await runWork(WORK, { kind: 'pack', ...order } satisfies EngineWork, {
        report,
        signal,
      })) as EnginePack,
    diagnose: async () => {
      const { diagnose } = await import('../engine/provision/index.ts');
      const { ok, checks } = await diagnose();
      return { ok, checks };
    },
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
