import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { DataError } from '../contract/errors.ts';
import type { ExperimentConfig } from '../contract/experiment.ts';
import type { ExperimentId } from '../contract/ids.ts';
import type { EngineBuild } from '../contract/job.ts';
import { ownOf } from '../contract/own.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import { ResolutionData } from '../contract/resolution.ts';
import type { LoadWatch } from '../datasets/dataset.ts';
import { loadDataset } from '../datasets/registry.ts';
import { splitTraining } from '../datasets/split.ts';
import type { ModelDescription } from '../models/layers.ts';
import { describeModel } from '../models/registry.ts';
import type { Resolved } from './plan.ts';
import { resolveStart } from './start.ts';
import { forwardFlops } from './training-flops.ts';

/** What was chosen when an experiment was planned, as it is stored. */
export const StoredResolution = ResolutionData.extend({
  /** What a user's own model is made of: needed to look at results, and not had without running its file. */
  model: z.custom<ModelDescription>((value) => typeof value === 'object' && value !== null).optional(),
});
export type StoredResolution = z.infer<typeof StoredResolution>;

/**
 * Below this many FLOPs a step, a step's operations are too small to share among threads, and several workers
 * of one thread get more done (measured: docs/performance.md).
 */
const SMALL_STEP_FLOPS = 1e10;

/** What data and files say: the part of a resolution that needs no engine. */
export interface ResolvedData extends Pick<StoredResolution, 'dataset' | 'splits' | 'start'> {
  /** What was done to files that are started from, for people. */
  readonly notes?: readonly string[];
}

/**
 * Loads the data and splits them, and reads the files that the experiment starts from.
 * @throws DataError or ConfigError where they are not what the configuration says.
 */
export async function resolveData(config: ExperimentConfig, watch: LoadWatch = {}): Promise<ResolvedData> {
  return resolveRead(config, await readData(config.dataset, watch));
}

/** What planning needs of a data set: its images are not kept. */
export interface ReadData {
  readonly dataset: StoredResolution['dataset'];
  /** Of the training set. */
  readonly labels: Uint8Array;
}

/** Loads a data set for what it says of itself. @throws DataError or ConfigError */
export async function readData(spec: NamedSpec, watch: LoadWatch = {}): Promise<ReadData> {
  const { title, digest, shape, classes, test, train } = await loadDataset(spec, watch);
  const dataset = { title, digest, shape: [...shape], classes: classes.length, test: test.count };
  return { dataset, labels: train.labels };
}

/** As `resolveData`, of data that were read before. */
export function resolveRead(config: ExperimentConfig, { dataset, labels }: ReadData): ResolvedData {
  const splits: StoredResolution['splits'] = {};
  for (const seed of config.seeds) {
    const { digest, train, validation } = splitTraining(labels, config.split.validation, seed);
    splits[seed] = { digest, training: train.length, validation: validation.length };
  }
  return { dataset, splits, ...resolveStart(config, dataset) };
}

/** Backend class of an engine: results of one are never taken for results of another. */
export function backendOf({ variant }: Pick<EngineBuild, 'variant'>): StoredResolution['backend'] {
  if (variant === 'wasm') return 'wasm';
  return variant === 'cuda' ? 'tensorflow-cuda' : 'tensorflow-cpu';
}

/** @throws DataError where the data are not what they were when an experiment was planned. */
export function requireSameData(
  id: ExperimentId,
  { dataset: planned }: Pick<StoredResolution, 'dataset'>,
  { dataset: now }: ResolvedData,
): void {
  if (now.digest === planned.digest) return;
  const text = ({ title, digest }: ResolvedData['dataset']): string =>
    `${title}, digest ${digest.slice(0, 12)}`;
  throw new DataError(
    `the data are not those that ${id} was made with: then ${text(planned)}; now ${text(now)}`,
    `Put the files back, or start another experiment on the new ones; what is stored of ${id} stays. \`swamp data check\` shows what is there now.`,
  );
}

/** Settles everything that defaults leave open. @throws ConfigError where the model does not fit the data. */
export function resolveExperiment(
  config: ExperimentConfig,
  { dataset, splits, start }: ResolvedData,
  engine: Pick<EngineBuild, 'variant'>,
): StoredResolution {
  const model = describeModel(config.model, dataset.shape, dataset.classes);
  const stepFlops = 3 * config.recipe.batch * forwardFlops(model, () => 1);
  const cores = availableParallelism();
  const { variant } = engine;
  // WebAssembly has one thread a worker, so workers are what keeps the cores busy.
  const small = variant === 'wasm' || (stepFlops < SMALL_STEP_FLOPS && variant !== 'cuda');
  const threads = variant === 'wasm' ? 1 : (config.threads ?? (small ? 1 : cores));
  return {
    dataset,
    splits,
    ...(start ? { start } : {}),
    precision: 'float32',
    backend: backendOf(engine),
    threads,
    workers: config.workers ?? (small ? Math.max(1, Math.floor(cores / threads)) : 1),
    ...(ownOf(config.model) ? { model } : {}),
  };
}

/** What an experiment computes on, for people. */
export function deviceText(backend: StoredResolution['backend']): string {
  return { 'tensorflow-cpu': 'CPU', 'tensorflow-cuda': 'GPU', wasm: 'CPU (WebAssembly)' }[backend];
}

/** In the form the plan takes. */
export function resolvedOf(stored: StoredResolution): Resolved {
  const { dataset, splits, start, precision, backend, threads, model } = stored;
  return {
    dataset,
    splits: new Map(Object.entries(splits).map(([seed, split]) => [Number(seed), split])),
    start,
    precision,
    backend,
    threads,
    model,
  };
}
