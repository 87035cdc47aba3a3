import { tensorNamed, type Tensor, type Tensors } from '../checkpoint/tensor.ts';
import { DataError } from '../contract/errors.ts';
import type { Layout } from '../contract/parameters.ts';
import type { ModelDescription } from '../models/layers.ts';
import { maskFromTensors, maskToTensors, type Mask } from '../pruning/mask.ts';

/** The tensors of a flat weight vector under their parameters' names; views, not copies. */
export function weightTensors(layout: Layout, weights: Float32Array): Map<string, Tensor> {
  return new Map(
    layout.parameters.map(({ name, shape, offset, size }) => [
      name,
      { dtype: 'F32', shape, data: weights.subarray(offset, offset + size) },
    ]),
  );
}

/** A mask's tensors `mask/<weight name>` as BOOL, 1 = alive. */
export function maskTensors(mask: Mask, layout: Layout): Map<string, Tensor> {
  return new Map(
    [...maskToTensors(mask, layout)].map(([name, { shape, data }]) => [name, { dtype: 'BOOL', shape, data }]),
  );
}

/** The reverse of {@link maskTensors}. @throws DataError where one is missing or of another shape. */
export function readMaskTensors(layout: Layout, tensors: Tensors, file: string): Mask {
  return maskFromTensors(
    new Map([...tensors.keys()].map((name) => [name, tensorNamed(tensors, name, 'BOOL', file)])),
    layout,
  );
}

/**
 * The flat vector of stored tensors.
 * @param file For messages.
 * @throws DataError where a tensor is missing, of another dtype or shape.
 */
export function flatWeights(layout: Layout, tensors: Tensors, file: string): Float32Array {
  const flat = new Float32Array(layout.total);
  for (const { name, shape, offset } of layout.parameters) {
    flat.set(shaped(tensors, name, shape, file), offset);
  }
  return flat;
}

/** Batch-norm statistics as tensors `<layer>/mean` and `<layer>/variance`; `flat` as in training/network.ts. */
export function statisticsTensors({ statistics }: ModelDescription, flat: Float32Array): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  let offset = 0;
  for (const part of ['mean', 'variance']) {
    for (const { name, channels } of statistics) {
      const data = flat.subarray(offset, offset + channels);
      tensors.set(`${name}/${part}`, { dtype: 'F32', shape: [channels], data });
      offset += channels;
    }
  }
  return tensors;
}

/** The reverse of {@link statisticsTensors}. */
export function flatStatistics(
  { statistics }: ModelDescription,
  tensors: Tensors,
  file: string,
): Float32Array {
  const channels = statistics.reduce((sum, layer) => sum + layer.channels, 0);
  const flat = new Float32Array(2 * channels);
  let offset = 0;
  for (const part of ['mean', 'variance']) {
    for (const layer of statistics) {
      flat.set(shaped(tensors, `${layer.name}/${part}`, [layer.channels], file), offset);
      offset += layer.channels;
    }
  }
  return flat;
}

function shaped(tensors: Tensors, name: string, shape: readonly number[], file: string): Float32Array {
  const tensor = tensorNamed(tensors, name, 'F32', file);
  if (tensor.shape.join() !== shape.join()) {
    throw new DataError(
      `tensor ${name} of ${file} is [${tensor.shape.join(', ')}], the model's is [${shape.join(', ')}]`,
      'It was made for another model. Check that the file is the one you mean.',
    );
  }
  return tensor.data;
}
