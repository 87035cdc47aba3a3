import { constants, deflateSync, zstdCompressSync } from 'node:zlib';
import { networkBytes } from '../analysis/bytes.ts';
import { encodeSafetensors } from '../checkpoint/safetensors.ts';
import type { SpecOf } from '../contract/job.ts';
import { layOut } from '../contract/parameters.ts';
import { describeModel } from '../models/registry.ts';
import { applyMask, fullMask, perLayerAlive } from '../pruning/mask.ts';
import { readMask, readWeights } from './common.ts';
import { input, NOTHING, type JobContext, type JobOutput } from './context.ts';
import { flatStatistics, maskTensors, statisticsTensors, weightTensors } from './flat.ts';
import { statisticsLength } from './network.ts';

/** Compression as strong as it is usual for files that are sent. */
const ZLIB_LEVEL = 9;
const ZSTD_LEVEL = 19;

/** What a network takes on a disk: counted, as exported, and compressed. */
export function size(
  { model, shape, classes, pruneClassifier, prunable }: SpecOf<'size'>,
  context: JobContext,
): JobOutput {
  const { order, objects } = context;
  const description = describeModel(model, shape, classes);
  const layout = layOut(description.parameters, pruneClassifier, prunable);
  const weights = readWeights(context, layout, input(order, 'solution'));
  const mask = readMask(context, layout) ?? fullMask(layout);
  applyMask(weights, mask);
  const stored = input(order, 'statistics');
  const statistics = flatStatistics(
    description,
    objects.read(stored).tensors,
    `object ${stored.slice(0, 12)}`,
  );
  // As experiment/export.ts writes a network, but for the facts in its metadata.
  const file = Buffer.concat(
    encodeSafetensors(
      new Map([
        ...weightTensors(layout, weights),
        ...statisticsTensors(description, statistics),
        ...maskTensors(mask, layout),
      ]),
    ),
  );
  const alive = [...perLayerAlive(mask, layout).values()];
  const counted = networkBytes(layout, alive, statisticsLength(description));
  const zstd = zstdCompressSync(file, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } });
  return {
    ...NOTHING,
    series: {
      dense: [counted.dense],
      bitmap: [counted.bitmap],
      indices: [counted.indices],
      file: [file.length],
      zlib: [deflateSync(file, { level: ZLIB_LEVEL }).length],
      zstd: [zstd.length],
    },
  };
}
