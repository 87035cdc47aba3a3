import { fileDigest } from '../checkpoint/files.ts';
import { formatOfFile } from '../checkpoint/formats.ts';
import { DataError } from '../contract/errors.ts';
import { ALIVE, type SpecOf } from '../contract/job.ts';
import type { Layout } from '../contract/parameters.ts';
import { modelLayout } from '../models/registry.ts';
import { perLayerAlive, type Mask } from '../pruning/mask.ts';
import { NOTHING, type JobContext, type JobOutput } from './context.ts';
import { flatWeights, maskTensors, weightTensors } from './flat.ts';
import { flatMask, readNetwork, type NetworkShape } from './network-file.ts';

/** A file to start from. */
export interface StartFile {
  readonly path: string;
  /** Kind of the naming, or `auto`. */
  readonly names: string;
}

/** What was found in one. */
interface Found<T> {
  readonly value: T;
  /** Kind of the naming that the file goes by. */
  readonly names: string;
  /** What was done to its tensors, for people. */
  readonly notes: readonly string[];
}

/** The flat weights of a file. @throws DataError where they do not fit or one is no number. */
export function readStartWeights(
  { path, names }: StartFile,
  network: NetworkShape,
  layout: Layout,
): Found<Float32Array> {
  const { tensors } = formatOfFile(path).read(path);
  const named = readNetwork(tensors, network, { path, naming: names, want: 'weights' });
  for (const [name, { data }] of named.tensors) {
    const wrong = data.find((value) => !Number.isFinite(value));
    if (wrong === undefined) continue;
    throw new DataError(
      `${name} of ${path} holds ${wrong}`,
      'Give weights that are finite numbers: this network diverged or was damaged.',
    );
  }
  return { value: flatWeights(layout, named.tensors, path), names: named.naming, notes: named.notes };
}

/** The flat mask of a file. @throws DataError where it does not fit or prunes what may not be pruned. */
export function readStartMask(
  { path, names }: StartFile,
  network: NetworkShape,
  layout: Layout,
): Found<Mask> {
  const { tensors } = formatOfFile(path).read(path);
  const named = readNetwork(tensors, network, { path, naming: names, want: 'mask' });
  const mask = flatMask(layout, named.masks, path);
  if (mask === null)
    throw new DataError(
      `${path} holds no mask of a weight that may be pruned`,
      'Give a file with masks: mask/…, weight_mask, or tensors of 0 and 1 under the names of the weights.',
    );
  return { value: mask, names: named.naming, notes: named.notes };
}

/** Takes weights or a mask from a file into the library. @throws DataError where the file changed since the plan. */
export function importFile(spec: SpecOf<'import'>, { order, objects }: JobContext): JobOutput {
  const { take, digest, names, model, shape, classes, pruneClassifier, prunable } = spec;
  const path = order.files?.[digest];
  if (path === undefined) throw new Error(`job ${order.key} was not told where its file is`);
  if (fileDigest(path) !== digest)
    throw new DataError(
      `${path} changed since the experiment was planned`,
      'Put the old file back, or start a new experiment on the new one.',
    );
  const layout = modelLayout(model, shape, classes, pruneClassifier ?? false, prunable);
  const network = { model, shape, classes };
  if (take === 'weights') {
    const { value } = readStartWeights({ path, names }, network, layout);
    return { ...NOTHING, outputs: { solution: objects.put(weightTensors(layout, value)).digest } };
  }
  const { value } = readStartMask({ path, names }, network, layout);
  return {
    ...NOTHING,
    outputs: { mask: objects.put(maskTensors(value, layout)).digest },
    series: { [ALIVE]: [...perLayerAlive(value, layout).values()] },
  };
}
