import { DataError } from '../contract/errors.ts';
import type { Layout, PlacedParameter } from '../contract/parameters.ts';

/**
 * One byte for each element of the flat vector (contract/parameters.ts): 1 = alive, 0 = pruned. Elements of
 * tensors that may not be pruned are always 1. Length `layout.total`.
 */
export type Mask = Uint8Array;

/** A prunable tensor's part of a mask, as stored: bytes 0 and 1 in C order. */
export interface MaskTensor {
  readonly dtype: 'U8';
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** Name prefix of masks in stored objects. */
export const MASK_PREFIX = 'mask/';

/** All ones: the mask of round 0. */
export function fullMask(layout: Layout): Mask {
  return new Uint8Array(layout.total).fill(1);
}

/** Number of prunable weights alive. */
export function aliveCount(mask: Mask, layout: Layout): number {
  checkLength(mask.length, layout, 'mask');
  let alive = 0;
  for (const parameter of prunableOf(layout)) alive += aliveIn(mask, parameter);
  return alive;
}

/** Pruned / prunable, exact count; 0 where nothing is prunable. */
export function sparsity(mask: Mask, layout: Layout): number {
  return layout.prunable === 0 ? 0 : (layout.prunable - aliveCount(mask, layout)) / layout.prunable;
}

/** Weights alive in each prunable tensor, by name, in layout order. */
export function perLayerAlive(mask: Mask, layout: Layout): Map<string, number> {
  checkLength(mask.length, layout, 'mask');
  return new Map(prunableOf(layout).map((parameter) => [parameter.name, aliveIn(mask, parameter)]));
}

/** Sets pruned weights to +0 in place. Not a multiplication: that makes −0 of negative weights and NaN of infinite ones. */
export function applyMask(weights: Float32Array, mask: Mask): void {
  if (weights.length !== mask.length)
    throw new RangeError(`${weights.length} weights cannot be masked by ${mask.length} bits`);
  for (let i = 0; i < mask.length; i++) if (mask[i] === 0) weights[i] = 0;
}

/** The prunable tensors' parts under `mask/<name>`. They are views into the mask, not copies. */
export function maskToTensors(mask: Mask, layout: Layout): Map<string, MaskTensor> {
  checkLength(mask.length, layout, 'mask');
  return new Map(
    prunableOf(layout).map(({ name, shape, offset, size }) => [
      MASK_PREFIX + name,
      { dtype: 'U8', shape, data: mask.subarray(offset, offset + size) },
    ]),
  );
}

/**
 * The flat mask of stored tensors; others than `mask/…` are ignored.
 * @throws DataError where a prunable tensor's mask is missing, has another size or other bytes than 0 and 1, or
 * where a mask is for a tensor that the layout does not have or may not prune.
 */
export function maskFromTensors(
  tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Uint8Array }>,
  layout: Layout,
): Mask {
  const mask = fullMask(layout);
  const prunable = prunableOf(layout);
  for (const { name, shape, offset, size } of prunable) {
    const tensor = tensors.get(MASK_PREFIX + name);
    if (tensor === undefined) throw misfit(`there is no mask for ${name}`);
    if (tensor.data.length !== size || tensor.shape.join() !== shape.join())
      throw misfit(`the mask of ${name} is [${tensor.shape.join()}], the layer [${shape.join()}]`);
    const wrong = tensor.data.find((byte) => byte > 1);
    if (wrong !== undefined) throw misfit(`the mask of ${name} holds ${wrong}, not just 0 and 1`);
    mask.set(tensor.data, offset);
  }
  const known = new Set(prunable.map(({ name }) => MASK_PREFIX + name));
  for (const name of tensors.keys())
    if (name.startsWith(MASK_PREFIX) && !known.has(name))
      throw misfit(`${name} is for a layer that this model does not have or may not prune`);
  return mask;
}

/** Tensors that masks may prune, in layout order. */
export function prunableOf(layout: Layout): PlacedParameter[] {
  return layout.parameters.filter((parameter) => parameter.prunable);
}

/** @throws RangeError unless a vector has one element for each of the layout's. */
export function checkLength(length: number, layout: Layout, what: string): void {
  if (length !== layout.total)
    throw new RangeError(`the ${what} has ${length} elements, the model's layout ${layout.total}`);
}

function aliveIn(mask: Mask, { offset, size }: PlacedParameter): number {
  let alive = 0;
  for (let i = offset; i < offset + size; i++) alive += mask[i] as number;
  return alive;
}

function misfit(message: string): DataError {
  return new DataError(
    `Mask does not fit the model: ${message}`,
    'Use a mask made for this model with the same pruneClassifier and prunable settings.',
  );
}
