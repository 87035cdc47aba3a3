import { ALIVE, type Task } from '../contract/job.ts';
import type { Digest } from '../contract/ids.ts';
import type { Layout } from '../contract/parameters.ts';
import { perLayerAlive, type Mask } from '../pruning/mask.ts';
import { inputs, NOTHING, type JobContext, type JobOutput } from './context.ts';
import { estimateStatistics } from './evaluation.ts';
import { flatWeights, maskTensors, readMaskTensors } from './flat.ts';
import { statisticsLength } from './network.ts';
import type { Prepared } from './workspace.ts';

// What handlers of several kinds of jobs do.

/** The flat weights of an object. */
export function readWeights({ objects }: JobContext, layout: Layout, digest: Digest): Float32Array {
  return flatWeights(layout, objects.read(digest).tensors, `object ${digest.slice(0, 12)}`);
}

/** The mask that a job is given; `null` where it is given none. */
export function readMask({ order, objects }: JobContext, layout: Layout): Mask | null {
  const [digest] = inputs(order, 'mask');
  if (digest === undefined) return null;
  return readMaskTensors(layout, objects.read(digest).tensors, `object ${digest.slice(0, 12)}`);
}

/** Output of a job that makes a mask. */
export function keepMask({ objects }: JobContext, layout: Layout, mask: Mask): JobOutput {
  const { digest } = objects.put(maskTensors(mask, layout));
  // Kept beside the mask, so that nobody has to open it to know densities or see a layer collapse.
  const alive = [...perLayerAlive(mask, layout).values()];
  return { ...NOTHING, outputs: { mask: digest }, series: { [ALIVE]: alive } };
}

/** Batch-norm statistics re-estimated for weights, on the training images of the split or on some of them. */
export function reestimate(
  { workspace }: JobContext,
  task: Task,
  prepared: Prepared,
  weights: Float32Array,
  batch: number,
  indices: Int32Array = prepared.split.train,
): Float32Array {
  const { dataset, description } = prepared;
  const images = { images: dataset.train.images, shape: dataset.shape };
  const length = statisticsLength(description);
  return estimateStatistics(
    workspace.statisticsStep(task, prepared),
    weights,
    length,
    images,
    indices,
    batch,
  );
}

/** Pruned weights must have stayed zero: momentum, decay and averaging are where others revive them. */
export function assertZeros(weights: Float32Array, mask: Mask): void {
  for (let index = 0; index < mask.length; index++) {
    if (mask[index] === 0 && weights[index] !== 0)
      throw new Error(`pruned weight ${index} came back to life`);
  }
}
