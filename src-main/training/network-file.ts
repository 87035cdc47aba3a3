import { readNamed, type NamedTensors, type Wanted } from '../checkpoint/names/read.ts';
import type { NetworkTensors } from '../checkpoint/names/naming.ts';
import type { TensorOf, Tensors } from '../checkpoint/tensor.ts';
import { DataError } from '../contract/errors.ts';
import { setOf, type Layout, type PrunableSet } from '../contract/parameters.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import type { CountedSparsity } from '../contract/use.ts';
import { describeModel } from '../models/registry.ts';
import { fullMask, type Mask } from '../pruning/mask.ts';

/** A model on images of a shape, as far as files of its tensors go. */
export interface NetworkShape {
  readonly model: NamedSpec;
  /** Height, width, channels. */
  readonly shape: readonly number[];
  readonly classes: number;
}

export function networkTensors({ model, shape, classes }: NetworkShape): NetworkTensors {
  const { parameters, statistics } = describeModel(model, shape, classes);
  return { kind: model.kind, image: shape, parameters, statistics };
}

/** A network's tensors in a file of ours or from elsewhere. @throws DataError where the file does not fit. */
export function readNetwork(
  tensors: Tensors,
  network: NetworkShape,
  options: { readonly path: string; readonly naming: string; readonly want: Wanted },
): NamedTensors {
  return readNamed(tensors, networkTensors(network), options);
}

/**
 * The flat mask of masks by weight; layers without one are whole.
 * @returns `null` where there is no mask at all
 * @throws DataError where one prunes what may not be pruned.
 */
export function flatMask(
  layout: Layout,
  masks: ReadonlyMap<string, TensorOf<'BOOL'>>,
  path: string,
): Mask | null {
  const mask = fullMask(layout);
  let some = false;
  for (const { name, role, shape, classifier, offset, prunable } of layout.parameters) {
    const data = masks.get(name)?.data;
    if (!data) continue;
    if (prunable) {
      some = true;
      mask.set(data, offset);
      continue;
    }
    const pruned = data.reduce((count, kept) => count + 1 - kept, 0);
    if (pruned === 0) continue;
    throw new DataError(
      `the mask in ${path} prunes ${pruned} weights of ${name}, which may not be pruned`,
      wholeHint(setOf({ role, shape, classifier })),
    );
  }
  return some ? mask : null;
}

/** What to do about a mask of a tensor that may not be pruned. */
function wholeHint(set: PrunableSet | null): string {
  if (set === null) return 'Biases and batch norm are never pruned: leave them whole.';
  if (set === 'classifier') return 'This is the classifier: set pruneClassifier to true, or leave it whole.';
  return `Set prunable.${set} to true, or leave it whole.`;
}

/** Counts zeros of prunable weights, and what a mask prunes. */
export function countSparsity(layout: Layout, weights: Float32Array, mask: Mask | null): CountedSparsity {
  let zeros = 0;
  let pruned = 0;
  let revived = 0;
  for (const { prunable, offset, size } of layout.parameters) {
    if (!prunable) continue;
    for (let index = offset; index < offset + size; index++) {
      const zero = weights[index] === 0;
      if (zero) zeros++;
      if (mask?.[index] !== 0) continue;
      pruned++;
      if (!zero) revived++;
    }
  }
  return { prunable: layout.prunable, zeros, pruned: mask ? pruned : null, revived };
}
