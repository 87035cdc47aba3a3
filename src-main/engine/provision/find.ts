import { join } from 'node:path';
import type { EngineBuild } from '../../contract/job.ts';
import { cudaFolder, engineFolder } from './build.ts';
import { badVariant, environment } from './failures.ts';
import { cacheFolder, faultOf } from './folder.ts';
import { findGpu, missingCuda, requireCuda, thisPlatform } from './machine.ts';
import { tensorflowVersion, type CudaWheel } from './pins.ts';
import { findStock } from './stock.ts';
import { platformFault, type BuildVariant } from './targets.ts';
import { wasmBuild } from './wasm.ts';

/**
 * `auto`: what SWAMP_ENGINE_VARIANT says, else a stock package that works, else CUDA with an NVIDIA GPU, else CPU;
 * WebAssembly where there is no TensorFlow for the platform.
 */
export type EngineVariant = 'auto' | BuildVariant | 'wasm';

/** What has to be in the cache for a variant on this machine. */
export interface Plan {
  readonly variant: BuildVariant;
  readonly cache: string;
  readonly engine: string;
  readonly cuda: readonly { readonly wheel: CudaWheel; readonly folder: string }[];
}

export function wantedVariant(variant: EngineVariant): EngineVariant {
  if (variant !== 'auto') return variant;
  const named = process.env[environment.variant] ?? '';
  if (named === '' || named === 'auto') return 'auto';
  if (named !== 'cpu' && named !== 'cuda' && named !== 'wasm') throw badVariant(named);
  return named;
}

const forGpu = (gpu: string | null): BuildVariant => (gpu === null ? 'cpu' : 'cuda');

/** What is asked for; where that is `auto`, CUDA with a usable GPU, else CPU. */
export async function variantHere(
  wanted: EngineVariant,
  signal?: AbortSignal,
): Promise<BuildVariant | 'wasm'> {
  const named = wantedVariant(wanted);
  return named === 'auto' ? forGpu(await findGpu(signal)) : named;
}

/**
 * CUDA on a machine without an NVIDIA GPU, asked for by name, is TensorFlow's CUDA build without NVIDIA's libraries:
 * it computes on the CPU and shows that the build loads.
 * @throws EngineError where there is no such build.
 */
export async function planFor(variant: 'auto' | BuildVariant, signal?: AbortSignal): Promise<Plan> {
  if (variant === 'cuda') requireCuda();
  const gpu = variant === 'cpu' ? null : await findGpu(signal);
  const chosen = variant === 'auto' ? forGpu(gpu) : variant;
  const cache = cacheFolder();
  const wheels = gpu === null ? [] : await missingCuda(signal);
  return {
    variant: chosen,
    cache,
    engine: await engineFolder(cache, chosen),
    cuda: wheels.map((wheel) => ({ wheel, folder: cudaFolder(cache, wheel) })),
  };
}

export const libraryPath = (plan: Plan): string[] => plan.cuda.map(({ folder }) => join(folder, 'lib'));

/** Whether nothing of a plan is missing or damaged. */
export async function isWhole(plan: Plan): Promise<boolean> {
  for (const folder of [plan.engine, ...plan.cuda.map((part) => part.folder)]) {
    if ((await faultOf(folder)) !== null) return false;
  }
  return true;
}

/** What a plan gives where it is whole. */
export function buildOf(plan: Plan): EngineBuild {
  return {
    variant: plan.variant,
    tensorflow: tensorflowVersion,
    binding: join(plan.engine, 'tfjs_binding.node'),
    libraryPath: libraryPath(plan),
  };
}

/** The engine that is already there; nothing is downloaded. */
export async function findEngine(variant: EngineVariant = 'auto'): Promise<EngineBuild | null> {
  const wanted = wantedVariant(variant);
  if (wanted === 'wasm') return wasmBuild();
  if (wanted === 'auto') {
    const stock = await findStock();
    if (stock !== null) return stock;
    if (platformFault(thisPlatform()) !== null) return wasmBuild();
  }
  const plan = await planFor(wanted);
  return (await isWhole(plan)) ? buildOf(plan) : null;
}
