import { beforeAll, describe, expect, inject, test } from 'vitest';
import type { Tensor } from '../checkpoint/tensor.ts';
import type { Digest, JobKey } from '../contract/ids.ts';
import type { JobOrder, SpecOf, Task } from '../contract/job.ts';
import { corruptImages } from '../datasets/corruptions/corrupt.ts';
import { splitTraining } from '../datasets/split.ts';
import { calibration } from './calibration.ts';
import { Stopped, type JobContext, type JobOutput } from './context.ts';
import { predict } from './evaluation.ts';
import { MemoryPartial, randomWeights } from './fixtures.ts';
import { statisticsTensors, weightTensors } from './flat.ts';
import { ensembleProbabilities, metricsOf } from './metrics.ts';
import { statisticsLength } from './network.ts';
import { robustness } from './robustness.ts';
import { Workspace, type Prepared } from './workspace.ts';

const IMAGES = 40;
const source = { kind: 'digits' };
let workspace: Workspace;
let task: Task;
let prepared: Prepared;
const objects = new Map<string, ReadonlyMap<string, Tensor>>();
const networks: { weights: Float32Array; statistics: Float32Array }[] = [];

beforeAll(async () => {
  workspace = new Workspace(inject('engine'));
  const dataset = await workspace.dataset(source);
  const split = { validation: 0.1, seed: 1 };
  task = {
    dataset: source,
    datasetDigest: dataset.digest,
    split: { ...split, digest: splitTraining(dataset.train.labels, split.validation, split.seed).digest },
    model: { kind: 'resnet', depth: 8, width: 2 },
    pruneClassifier: false,
    precision: 'float32',
    backend: 'tensorflow-cpu',
    threads: 1,
  };
  prepared = await workspace.prepare(task, source);
  const { layout, description } = prepared;
  for (const seed of [1, 2]) {
    const weights = randomWeights(layout, seed);
    const statistics = new Float32Array(statisticsLength(description)).map(
      (_, at) => 0.5 + ((at + seed) % 3) / 4,
    );
    objects.set(`weights ${seed}`, weightTensors(layout, weights));
    objects.set(`statistics ${seed}`, statisticsTensors(description, statistics));
    networks.push({ weights, statistics });
  }
});

function run(
  { members = [1], ...spec }: Partial<SpecOf<'robustness'>> & { members?: number[] },
  context: Partial<JobContext> = {},
): Promise<JobOutput> {
  const full = { kind: 'robustness', task, corruption: null, images: IMAGES, ...spec } as const;
  const inputs = {
    solution: members.map((seed) => `weights ${seed}` as Digest),
    statistics: members.map((seed) => `statistics ${seed}` as Digest),
  };
  return robustness(full, contextOf(full, inputs, context));
}

function contextOf(
  spec: JobOrder['spec'],
  inputs: Record<string, Digest[]>,
  context: Partial<JobContext> = {},
): JobContext {
  return {
    order: { key: 'robust' as JobKey, spec, inputs, source },
    workspace,
    objects: {
      read: (digest) => ({ tensors: objects.get(digest) ?? new Map<string, Tensor>(), metadata: {} }),
      put: () => {
        throw new Error('nothing is put');
      },
    },
    partial: new MemoryPartial(),
    progress: () => undefined,
    stopRequested: () => false,
    ...context,
  };
}

function predicted(images: Uint8Array, members: readonly number[]): Float32Array {
  const { dataset, network } = prepared;
  const step = workspace.predictionStep(task, prepared);
  return ensembleProbabilities(
    members.map((seed) => {
      const { weights, statistics } = networks[seed - 1] as (typeof networks)[number];
      return predict(step, weights, statistics, { images, shape: dataset.shape }, null, network.classes);
    }),
  );
}

function judged(images: Uint8Array, members: readonly number[]): number[] {
  const { dataset, network } = prepared;
  const labels = dataset.test.labels.subarray(0, IMAGES);
  const { accuracy, nll, ece } = metricsOf(predicted(images, members), labels, network.classes);
  return [1 - accuracy, nll, ece];
}

describe('robustness', () => {
  test('judges the first test images, corrupted, by severity', async () => {
    const { dataset } = prepared;
    const severities = [1, 5] as const;
    const { series } = await run({ corruption: { kind: 'gaussian_noise', severities: [...severities] } });
    for (const [at, severity] of severities.entries()) {
      const asked = { kind: 'gaussian_noise', severity, count: IMAGES };
      const images = await corruptImages(dataset.test.images, dataset.shape, asked);
      expect([series['error']?.[at], series['nll']?.[at], series['ece']?.[at]]).toEqual(judged(images, [1]));
    }
    expect(series['nll']?.[0]).not.toBe(series['nll']?.[1]);
  });

  test('judges clean images where nothing corrupts them, of several networks the mean probability', async () => {
    const { dataset } = prepared;
    const clean = dataset.test.images.subarray(0, (IMAGES * dataset.test.images.length) / dataset.test.count);
    const { series } = await run({ members: [1, 2] });
    expect([series['error'], series['nll'], series['ece']]).toEqual(
      judged(clean, [1, 2]).map((value) => [value]),
    );
    expect(judged(clean, [1, 2])).not.toEqual(judged(clean, [1]));
  });

  test('goes on after a stop with what it has judged', async () => {
    const corruption = { kind: 'shot_noise', severities: [1, 2, 3] };
    const partial = new MemoryPartial();
    let reached = 0;
    const progress: JobContext['progress'] = ({ iteration }) => void (reached = iteration);
    const stopped = run({ corruption }, { partial, progress, stopRequested: () => reached === 2 });
    await expect(stopped).rejects.toThrow(Stopped);
    expect(partial.load()?.tensors.get('judged')?.shape).toEqual([2, 3]);
    const told: number[] = [];
    const again: JobContext['progress'] = ({ iteration }) => void told.push(iteration);
    const { series } = await run({ corruption }, { partial, progress: again });
    expect(told).toEqual([2, 3]);
    expect(series).toEqual((await run({ corruption })).series);
  });

  test('stops while images are corrupted, too', async () => {
    const corruption = { kind: 'fog', severities: [1, 2] };
    const partial = new MemoryPartial();
    let asked = 0;
    const stopped = run({ corruption, images: 300 }, { partial, stopRequested: () => ++asked > 2 });
    await expect(stopped).rejects.toThrow(Stopped);
    // 300 images are corrupted 64 at a time: it stopped among those of the first severity.
    expect(asked).toBe(3);
  });

  test('names the places of what is no number', async () => {
    const { layout } = prepared;
    objects.set('weights 3', weightTensors(layout, randomWeights(layout, 1).fill(NaN, 0, 1)));
    objects.set('statistics 3', objects.get('statistics 1') ?? new Map<string, Tensor>());
    const { series } = await run({ members: [3], corruption: { kind: 'contrast', severities: [2, 3] } });
    expect(series).toEqual({ error: [0, 0], nll: [0, 0], ece: [0, 0], lost: [0, 1] });
  });
});

test('calibration counts the test images by confidence, and its ECE is that of the metrics', async () => {
  const { dataset, network } = prepared;
  for (const seed of [1, 2]) {
    const data = predicted(dataset.test.images, [seed]);
    const shape = [dataset.test.count, network.classes];
    objects.set(`predictions ${seed}`, new Map([['test', { dtype: 'F32', shape, data }]]));
  }
  for (const members of [[1], [1, 2]]) {
    const spec = { kind: 'calibration', task } as const;
    const predictions = members.map((seed) => `predictions ${seed}` as Digest);
    const { series } = await calibration(spec, contextOf(spec, { predictions }));
    const { count = [], correct = [], confidence = [] } = series;
    expect([count.length, correct.length, confidence.length]).toEqual([15, 15, 15]);
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
    expect(sum(count)).toBe(dataset.test.count);
    const metrics = metricsOf(predicted(dataset.test.images, members), dataset.test.labels, network.classes);
    expect(sum(correct) / sum(count)).toBe(metrics.accuracy);
    const ece = sum(correct.map((right, bin) => Math.abs(right - (confidence[bin] ?? NaN)) / sum(count)));
    expect(ece).toBeCloseTo(metrics.ece, 12);
    for (const [bin, images] of count.entries()) {
      if (images === 0) continue;
      const mean = (confidence[bin] ?? NaN) / images;
      expect(mean).toBeGreaterThan(bin / 15);
      expect(mean).toBeLessThanOrEqual((bin + 1) / 15);
    }
  }
});
