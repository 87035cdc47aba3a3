import { basename } from 'node:path';
import { EngineError } from '../../contract/errors.ts';
import type { EngineBuild } from '../../contract/job.ts';
import { buildEngine, cudaFolder, engineFolder, installCuda, targetHere } from './build.ts';
import { orUseCpu } from './failures.ts';
import {
  buildOf,
  isWhole,
  libraryPath,
  planFor,
  wantedVariant,
  type EngineVariant,
  type Plan,
} from './find.ts';
import { cacheFolder, faultOf, requireSpace } from './folder.ts';
import { requireCuda, requirePlatform, thisPlatform } from './machine.ts';
import type { PackSource } from './pack.ts';
import { cudaWheels, type Wheel } from './pins.ts';
import type { Report } from './progress.ts';
import { findStock } from './stock.ts';
import { platformFault, type BuildVariant } from './targets.ts';
import { underLock } from './under-lock.ts';
import { wasmBuild } from './wasm.ts';

export interface EnsureEngineOptions {
  readonly variant?: EngineVariant | undefined;
  readonly onProgress?: Report | undefined;
  readonly signal?: AbortSignal | undefined;
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
    const { variant, tensorflow } = build;
    report({
      stage: 'ready',
      message: variant === 'wasm' ? tensorflow : `TensorFlow ${tensorflow} (${variant})`,
    });
    return build;
  };
  report({ stage: 'find', message: 'Looking for TensorFlow' });
  const wanted = wantedVariant(options.variant ?? 'auto');
  if (wanted === 'wasm') return ready(wasmBuild());
  if (wanted === 'auto') {
    const stock = await findStock(signal);
    if (stock !== null) return ready(stock);
    if (platformFault(thisPlatform()) !== null) return ready(wasmBuild());
  }
  requirePlatform();
  const plan = await planFor(wanted, signal);
  try {
    return ready(await provide(plan, report, signal));
  } catch (error) {
    const chosenForGpu = wanted === 'auto' && plan.variant === 'cuda';
    throw chosenForGpu && error instanceof EngineError ? orUseCpu(error) : error;
  }
}

/**
 * A variant's folders, provided where they are not there yet: all of NVIDIA's libraries with CUDA, for a machine that
 * may have none.
 * @throws EngineError saying what is missing and what to do; the signal's reason if aborted.
 */
export async function ensurePackable(
  variant: BuildVariant,
  report: Report,
  signal?: AbortSignal,
): Promise<PackSource> {
  requirePlatform();
  if (variant === 'cuda') requireCuda();
  report({ stage: 'find', message: 'Looking for TensorFlow' });
  const cache = cacheFolder();
  const wheels = variant === 'cuda' ? cudaWheels : [];
  const plan: Plan = {
    variant,
    cache,
    engine: await engineFolder(cache, variant),
    cuda: wheels.map((wheel) => ({ wheel, folder: cudaFolder(cache, wheel) })),
  };
  await provide(plan, report, signal);
  const folders = [plan.engine, ...plan.cuda.map(({ folder }) => folder)];
  return { variant, folders: folders.map((path) => ({ name: basename(path), path })) };
}

/** What a plan names, found or made. */
async function provide(plan: Plan, report: Report, signal?: AbortSignal): Promise<EngineBuild> {
  const isThere = (): Promise<boolean> => isWhole(plan);
  if (!(await isThere())) {
    await underLock(plan.cache, isThere, () => provision(plan, report, signal), report, signal);
  }
  return buildOf(plan);
}

/** Bytes that all missing parts take, with the largest wheel beside them while it is unpacked. */
function spaceFor(wheels: readonly Wheel[]): number {
  const unpacked = wheels.reduce((sum, wheel) => sum + wheel.unpackedBytes, 0);
  return unpacked + Math.max(0, ...wheels.map((wheel) => wheel.bytes));
}

async function provision(plan: Plan, report: Report, signal?: AbortSignal): Promise<void> {
  const missing: Plan['cuda'][number][] = [];
  for (const part of plan.cuda) if ((await faultOf(part.folder)) !== null) missing.push(part);
  const engineMissing = (await faultOf(plan.engine)) !== null;
  const wheels = [
    ...missing.map(({ wheel }) => wheel),
    ...(engineMissing ? [targetHere(plan.variant).wheel] : []),
  ];
  await requireSpace(plan.cache, spaceFor(wheels));
  for (const { wheel, folder } of missing) await installCuda(wheel, folder, plan.cache, report, signal);
  if (engineMissing) {
    await buildEngine(plan.variant, plan.engine, plan.cache, libraryPath(plan), report, signal);
  }
}
