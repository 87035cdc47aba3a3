import { fileDigest } from '../checkpoint/files.ts';
import { ConfigError, DataError } from '../contract/errors.ts';
import type { ExperimentConfig } from '../contract/experiment.ts';
import type { Layout } from '../contract/parameters.ts';
import type { StartResolution } from '../contract/start.ts';
import { modelLayout } from '../models/registry.ts';
import { aliveCount, type Mask } from '../pruning/mask.ts';
import { aliveCounts } from '../pruning/schedules/registry.ts';
import { chooseMask, reachableCount } from '../pruning/scopes/registry.ts';
import { readStartMask, readStartWeights } from '../training/import.ts';
import { requireFile } from './checkpoint.ts';

/** A start as it was resolved, and what was done to the files' tensors, for people. */
export interface ResolvedStart {
  readonly start: StartResolution;
  readonly notes: readonly string[];
}

/**
 * Reads the files that an experiment starts from, so that what does not fit is told before anything runs.
 * @returns `null` where it starts as usual
 * @throws ConfigError where a file is missing; DataError where it does not fit the model.
 */
export function resolveStart(
  config: ExperimentConfig,
  { shape, classes }: { readonly shape: readonly number[]; readonly classes: number },
): ResolvedStart | null {
  const { start, model, pruneClassifier, prunable } = config;
  if (!start) return null;
  const layout = modelLayout(model, shape, classes, pruneClassifier, prunable);
  const network = { model, shape, classes };
  const notes: string[] = [];
  const resolved: { -readonly [Key in keyof StartResolution]: StartResolution[Key] } = {};
  if (start.weights !== undefined) {
    const path = start.weights;
    requireStart('weights', path);
    const found = placed('weights', () => readStartWeights({ path, names: start.names }, network, layout));
    notes.push(...found.notes.map((note) => `${path}: ${note}`));
    resolved.weights = { digest: fileDigest(path), names: found.names };
  }
  if (start.mask !== undefined) {
    const path = start.mask;
    requireStart('mask', path);
    const found = placed('mask', () => readStartMask({ path, names: start.names }, network, layout));
    const alive = aliveCount(found.value, layout);
    if (alive === 0)
      throw new DataError(
        `start.mask: the mask in ${path} keeps none of ${layout.prunable} prunable weights`,
        'Give a mask that leaves something to train.',
      );
    requireNext(config, layout, found.value);
    resolved.mask = { digest: fileDigest(path), names: found.names, alive };
  }
  return { start: resolved, notes };
}

/** What reads a file says of which setting it is that the file does not suit. */
function placed<T>(what: 'weights' | 'mask', read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DataError) throw new DataError(`start.${what}: ${error.message}`, error.hint);
    if (error instanceof ConfigError) throw new ConfigError(`start.${what}: ${error.message}`, error.hint);
    throw error;
  }
}

/**
 * The first mask that is made from the one that is given. What counts is how many weights each part of a layer has left,
 * whatever the scores, and a mask of a scope leaves room for those after it.
 * @throws ConfigError where the experiment's scope allows none
 */
function requireNext({ scope, sparsity }: ExperimentConfig, layout: Layout, mask: Mask): void {
  const [, asked] = aliveCounts(sparsity, layout.prunable, aliveCount(mask, layout));
  if (scope === undefined || asked === undefined) return;
  const alive = reachableCount(scope, asked, layout);
  const scores = new Float32Array(layout.total);
  placed('mask', () => chooseMask(scope, { scores, mask, layout, alive }));
}

function requireStart(what: 'weights' | 'mask', path: string): void {
  try {
    requireFile(path);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(
      `start.${what}: ${error.message}`,
      'Give a file of tensors: safetensors (of PyTorch or of `swamp export`) or .npz.',
    );
  }
}

/** Where the files lie that import jobs read, by their digest. */
export function startFiles(
  { start }: ExperimentConfig,
  resolved: StartResolution | undefined,
): Record<string, string> {
  const files: Record<string, string> = {};
  for (const what of ['weights', 'mask'] as const) {
    const [path, digest] = [start?.[what], resolved?.[what]?.digest];
    if (path !== undefined && digest !== undefined) files[digest] = path;
  }
  return files;
}
