import { join } from 'node:path';
import type { EngineBuild } from '../../contract/job.ts';
import { buildEngine, cudaFolder, engineFolder, installCuda, type BuildVariant } from './build.ts';
import { badVariant, environment, vanished } from './failures.ts';
import { cacheFolder, faultOf, inCache, sweep } from './folder.ts';
import { withLock } from './lock.ts';
import { findGpu, missingCuda, requirePlatform } from './machine.ts';
import { tensorflowVersion, type CudaWheel } from './pins.ts';
import type { Report } from './progress.ts';
import { findStock } from './stock.ts';

export { cacheFolder } from './folder.ts';
export { loaderEnvironment } from './probe.ts';
export type { ProvisionProgress } from './progress.ts';

/** `auto`: what SWAMP_ENGINE_VARIANT says, else a stock package that works, else CUDA with an NVIDIA GPU, else CPU. */
export type EngineVariant = 'auto' | BuildVariant;

export interface EnsureEngineOptions {
  readonly variant?: EngineVariant | undefined;
  readonly onProgress?: Report | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What has to be in the cache for a variant on this machine. */
interface Plan {
  readonly variant: BuildVariant;
  readonly cache: string;
  readonly engine: string;
  readonly cuda: readonly { readonly wheel: CudaWheel; readonly folder: string }[];
}

function wantedVariant(variant: EngineVariant): EngineVariant {
  if (variant !== 'auto') return variant;
  const named = process.env[environment.variant] ?? '';
  if (named === '' || named === 'auto') return 'auto';
  if (named !== 'cpu' && named !== 'cuda') throw badVariant(named);
  return named;
}

/**
 * CUDA on a machine without an NVIDIA GPU, asked for by name, is TensorFlow's CUDA build without NVIDIA's libraries:
 * it computes on the CPU, which is good for a trial and for preparing a cache for another machine.
 */
async function planFor(variant: EngineVariant, signal?: AbortSignal): Promise<Plan> {
  const gpu = variant === 'cpu' ? null : await findGpu(signal);
  const chosen: BuildVariant = variant === 'auto' ? (gpu === null ? 'cpu' : 'cuda') : variant;
  const cache = cacheFolder();
  const wheels = gpu === null ? [] : await missingCuda(signal);
  return {
    variant: chosen,
    cache,
    engine: await engineFolder(cache, chosen),
    cuda: wheels.map((wheel) => ({ wheel, folder: cudaFolder(cache, wheel) })),
  };
}

const libraryPath = (plan: Plan): string[] => plan.cuda.map(({ folder }) => join(folder, 'lib'));

/** The finished build of a plan, or `null` where something is missing or damaged. */
async function findPlanned(plan: Plan): Promise<EngineBuild | null> {
  for (const folder of [plan.engine, ...plan.cuda.map((part) => part.folder)]) {
    if ((await faultOf(folder)) !== null) return null;
  }
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
  if (wanted === 'auto') {
    const stock = await findStock();
    if (stock !== null) return stock;
  }
  return findPlanned(await planFor(wanted));
}

/**
 * The engine, downloaded and built where it is not there yet. Several processes may ask at once: one works, the
 * others wait for it.
 * @throws EngineError saying what is missing and what to do; the signal's reason if aborted.
 */
export async function ensureEngine(options: EnsureEngineOptions = {}): Promise<EngineBuild> {
  const { signal } = options;
  const report: Report = options.onProgress ?? (() => undefined);
  const ready = (build: EngineBuild): EngineBuild => {
    report({ stage: 'ready', message: `TensorFlow ${build.tensorflow} (${build.variant})` });
    return build;
  };
  report({ stage: 'find', message: 'Looking for TensorFlow' });
  const wanted = wantedVariant(options.variant ?? 'auto');
  if (wanted === 'auto') {
    const stock = await findStock(signal);
    if (stock !== null) return ready(stock);
  }
  requirePlatform();
  const plan = await planFor(wanted, signal);
  const found = await findPlanned(plan);
  if (found !== null) return ready(found);
  return inCache(plan.cache, () =>
    withLock(
      join(plan.cache, 'lock'),
      async () => {
        const meanwhile = await findPlanned(plan);
        if (meanwhile !== null) return ready(meanwhile);
        await sweep(plan.cache);
        await provision(plan, report, signal);
        const built = await findPlanned(plan);
        if (built === null) throw vanished(plan.engine);
        return ready(built);
      },
      () => report({ stage: 'find', message: 'Another process is preparing TensorFlow; waiting for it' }),
      signal,
    ),
  );
}

async function provision(plan: Plan, report: Report, signal?: AbortSignal): Promise<void> {
  for (const { wheel, folder } of plan.cuda) {
    if ((await faultOf(folder)) === null) continue;
    await installCuda(wheel, folder, plan.cache, report, signal);
  }
  if ((await faultOf(plan.engine)) === null) return;
  await buildEngine(plan.variant, plan.engine, plan.cache, libraryPath(plan), report, signal);
}
