import { fileDigest } from '../checkpoint/files.ts';
import { ConfigError, DataError } from '../contract/errors.ts';
import type { ExperimentConfig } from '../contract/experiment.ts';
import type { StartResolution } from '../contract/start.ts';
import { modelLayout } from '../models/registry.ts';
import { aliveCount } from '../pruning/mask.ts';
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
  { start, model, pruneClassifier, prunable }: ExperimentConfig,
  { shape, classes }: { readonly shape: readonly number[]; readonly classes: number },
): ResolvedStart | null {
  if (!start) return null;
  const layout = modelLayout(model, shape, classes, pruneClassifier, prunable);
  const network = { model, shape, classes };
  const notes: string[] = [];
  const resolved: { -readonly [Key in keyof StartResolution]: StartResolution[Key] } = {};
  if (start.weights !== undefined) {
    const path = start.weights;
    requireStart('weights', path);
    const found = readStartWeights({ path, names: start.names }, network, layout);
    notes.push(...found.notes.map((note) => `${path}: ${note}`));
    resolved.weights = { digest: fileDigest(path), names: found.names };
  }
  if (start.mask !== undefined) {
    const path = start.mask;
    requireStart('mask', path);
    const found = readStartMask({ path, names: start.names }, network, layout);
    const alive = aliveCount(found.value, layout);
    if (alive === 0)
      throw new DataError(
        `the mask in ${path} keeps none of ${layout.prunable} prunable weights`,
        'Give a mask that leaves something to train.',
      );
    resolved.mask = { digest: fileDigest(path), names: found.names, alive };
  }
  return { start: resolved, notes };
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
