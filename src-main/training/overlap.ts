import { countOverlaps } from '../analysis/overlap.ts';
import type { SpecOf } from '../contract/job.ts';
import { modelLayout } from '../models/registry.ts';
import { inputs, NOTHING, type JobContext, type JobOutput } from './context.ts';
import { readMaskTensors } from './flat.ts';

/** How many weights every pair of masks has in common. */
export function overlap(
  { model, shape, classes, pruneClassifier, prunable }: SpecOf<'overlap'>,
  { order, objects }: JobContext,
): JobOutput {
  const layout = modelLayout(model, shape, classes, pruneClassifier, prunable);
  const masks = inputs(order, 'mask').map((digest) =>
    readMaskTensors(layout, objects.read(digest).tensors, `object ${digest.slice(0, 12)}`),
  );
  const { intersection, union, layers } = countOverlaps(masks, layout);
  return {
    ...NOTHING,
    series: { intersection: [...intersection], union: [...union], layers: [...layers] },
  };
}
