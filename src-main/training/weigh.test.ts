import { expect, inject, test } from 'vitest';
import type { Tensor } from '../checkpoint/tensor.ts';
import type { Digest } from '../contract/ids.ts';
import type { JobOrder, JobSpec, SpecOf, Task } from '../contract/job.ts';
import { ALIVE } from '../contract/job.ts';
import { applyMask } from '../pruning/mask.ts';
import { Stopped, type JobContext } from './context.ts';
import { MemoryPartial, networkTask, randomImages, randomMask, randomWeights } from './fixtures.ts';
import { maskTensors, statisticsTensors, weightTensors } from './flat.ts';
import { runJob } from './jobs.ts';
import { statisticsLength } from './network.ts';
import { Workspace, type Prepared } from './workspace.ts';

// Jobs that look at stored networks: sizes, overlaps, times.

const SHAPE = [8, 8, 2] as const;
const MODEL = { kind: 'resnet', depth: 8, width: 3 };
const network = networkTask(MODEL, SHAPE, 3);
const { layout, description } = network;
const masks = [randomMask(layout, 1), randomMask(layout, 2)] as const;
const weights = randomWeights(layout);
applyMask(weights, masks[0]);
const statistics = new Float32Array(statisticsLength(description)).map((_, at) => 1 + at / 7);

const stored = new Map<string, ReadonlyMap<string, Tensor>>([
  ['solution', weightTensors(layout, weights)],
  ['statistics', statisticsTensors(description, statistics)],
  ['mask 0', maskTensors(masks[0], layout)],
  ['mask 1', maskTensors(masks[1], layout)],
]);

const where = { model: MODEL, shape: [...SHAPE], classes: 3, pruneClassifier: false };

function contextOf(spec: JobSpec, inputs: Record<string, string[]>, stopped = () => false): JobContext {
  const workspace = new Workspace(inject('engine'));
  const images = randomImages(7, SHAPE, 3);
  const set = { images: images.images, labels: images.labels, count: 7 };
  const prepared = {
    dataset: { train: set, test: set, shape: SHAPE },
    split: { train: Int32Array.from([0, 1]), validation: new Int32Array(0) },
    description,
    layout,
    network,
  };
  workspace.prepare = () => Promise.resolve(prepared as unknown as Prepared);
  return {
    order: { key: 'a'.repeat(64), spec, inputs, source: { kind: 'digits' } } as unknown as JobOrder,
    workspace,
    objects: {
      read: (digest) => ({ tensors: stored.get(digest) ?? new Map<string, Tensor>(), metadata: {} }),
      put: () => ({ digest: '' as Digest, bytes: 0 }),
    },
    partial: new MemoryPartial(),
    progress: () => undefined,
    stopRequested: stopped,
  };
}

const network0 = { solution: ['solution'], statistics: ['statistics'], mask: ['mask 0'] };

test('size: what the file that export writes takes, and takes compressed', async () => {
  const { series } = await runJob(contextOf({ kind: 'size', ...where }, network0));
  const numbers = layout.total + statistics.length;
  const pruned = weights.filter((value) => value === 0).length;
  expect(series['dense']).toEqual([4 * numbers]);
  const bits = layout.parameters
    .filter(({ prunable }) => prunable)
    .reduce((sum, { size }) => sum + Math.ceil(size / 8), 0);
  expect(series['bitmap']).toEqual([4 * (numbers - pruned) + bits]);
  const [file = 0] = series['file'] ?? [];
  expect(file).toBeGreaterThan(4 * numbers + layout.prunable);
  expect(file % 1).toBe(0);
  for (const kind of ['zlib', 'zstd']) expect(series[kind]?.[0]).toBeLessThan(0.75 * file);
});

test('size: without a mask nothing is pruned', async () => {
  const { mask: _mask, ...dense } = network0;
  const { series } = await runJob(contextOf({ kind: 'size', ...where }, dense));
  expect(series['bitmap']?.[0]).toBeGreaterThan(series['dense']?.[0] ?? NaN);
});

test('overlap: counts of two stored masks', async () => {
  const { series } = await runJob(contextOf({ kind: 'overlap', ...where }, { mask: ['mask 0', 'mask 1'] }));
  const prunable = layout.parameters.filter((each) => each.prunable);
  const both = prunable.reduce(
    (sum, { offset, size }) =>
      sum +
      Array.from({ length: size }, (_, at) => offset + at).filter(
        (at) => masks[0][at] === 1 && masks[1][at] === 1,
      ).length,
    0,
  );
  expect(series['intersection']?.[1]).toBe(both);
  expect(series['layers']).toHaveLength(4 * prunable.length);
  expect(series).not.toHaveProperty(ALIVE);
});

test('a mask of another model is refused', async () => {
  const wide = { ...where, model: { ...MODEL, width: 4 } };
  await expect(
    runJob(contextOf({ kind: 'overlap', ...wide }, { mask: ['mask 0', 'mask 1'] })),
  ).rejects.toThrow(/does not fit/);
});

const latency: SpecOf<'latency'> = {
  kind: 'latency',
  task: { backend: 'tensorflow-cpu', datasetDigest: '', model: MODEL } as unknown as Task,
  batches: [1, 20],
  warmUp: 2,
  repetitions: 4,
  measurement: 1,
};

test('latency: every repetition of every batch, more images than there are too', async () => {
  const start = performance.now();
  const { series } = await runJob(contextOf(latency, network0));
  // Each takes 50 ms, however short a prediction is.
  expect(performance.now() - start).toBeGreaterThanOrEqual(8 * 50);
  expect(Object.keys(series)).toEqual(['ms-1', 'ms-20']);
  for (const times of Object.values(series)) {
    expect(times).toHaveLength(4);
    expect(times.every((ms) => ms > 0 && ms < 10_000)).toBe(true);
  }
});

test('latency: a stop keeps what was measured, and it goes on from there', async () => {
  let asked = 0;
  const context = contextOf(latency, network0, () => ++asked === 3);
  await expect(runJob(context)).rejects.toThrow(Stopped);
  const kept = context.partial.load()?.tensors.get('judged')?.data;
  expect(kept).toHaveLength(3);
  const { series } = await runJob(context);
  expect(series['ms-1']?.slice(0, 3)).toEqual([...(kept as Float64Array)]);
  expect(series['ms-20']).toHaveLength(4);
});
