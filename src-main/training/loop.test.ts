import { afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { average } from '../averaging/average.ts';
import { SwampError } from '../contract/errors.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import { openLoader, type BatchLoader } from '../datasets/loader.ts';
import type { Program } from '../engine/program.ts';
import { loadTensorFlow, type TensorFlow } from '../engine/tensorflow.ts';
import { applyMask } from '../pruning/mask.ts';
import { Stopped } from './context.ts';
import {
  bits,
  MemoryPartial,
  networkTask,
  randomImages,
  randomMask,
  randomWeights,
  undisturbed,
} from './fixtures.ts';
import { runTraining, type Training } from './loop.ts';
import { trainingStep, type StepOptions } from './programs.ts';

let tensorflow: TensorFlow;
const made: Program[] = [];

beforeAll(() => {
  tensorflow = loadTensorFlow(inject('engine'));
});

afterEach(() => {
  for (const program of made.splice(0)) program.dispose();
});

const SHAPE = [6, 6, 2] as const;
const BATCH = 8;
const data = randomImages(45, SHAPE, 3);
/** floor(45 / 8). */
const PER_EPOCH = 5;

const everything: StepOptions = { momentum: 0.9, nesterov: true, weightDecay: 1e-2 };
const switches: StepOptions = {
  ...everything,
  sharpness: 0.05,
  labelSmoothing: 0.1,
  mixup: true,
  accumulate: 2,
};

interface Given {
  readonly model?: NamedSpec;
  readonly options?: StepOptions;
  readonly masked?: boolean;
  readonly iterations?: number;
  readonly snapshots?: readonly number[];
  readonly averagingFrom?: number;
  readonly rate?: (iteration: number) => number;
  /** Called before each batch. */
  readonly onBatch?: (iteration: number) => void;
}

function training({
  model = { kind: 'lenet', hidden: [12, 7] },
  options = everything,
  masked = true,
  iterations = 20,
  snapshots = [],
  averagingFrom = iterations,
  rate = (iteration) => 0.05 / (1 + iteration),
  onBatch = () => undefined,
}: Given): Training {
  const task = networkTask(model, SHAPE, 3);
  const step = trainingStep(tensorflow, task, options);
  made.push(step);
  const weights = randomWeights(task.layout);
  const mask = masked ? randomMask(task.layout) : null;
  if (mask) applyMask(weights, mask);
  return {
    step,
    weights,
    mask,
    imagesShape: [BATCH, ...SHAPE],
    iterations,
    iterationsPerEpoch: PER_EPOCH,
    rate,
    snapshots: new Set(snapshots),
    averagingFrom,
    batches(start): BatchLoader {
      const indices = Int32Array.from({ length: 45 }, (_, at) => at);
      const loader = openLoader({
        source: { ...data, background: [0, 0] },
        order: {
          ...{ phase: 'round', seed: 1, member: 0, round: 1, particle: 0 },
          ...{ indices, batch: BATCH, augment: { flip: true, crop: 1, cutout: options.mixup ? 2 : 0 } },
          mixup: options.mixup ? 0.4 : 0,
        },
        start,
        end: iterations,
      });
      let at = start;
      return {
        iterationsPerEpoch: PER_EPOCH,
        next() {
          onBatch(at++);
          return loader.next();
        },
        close: () => loader.close(),
      };
    },
  };
}

const resnet = { kind: 'resnet', depth: 8, width: 3 };

describe('pruned weights', () => {
  test.each([
    ['LeNet, momentum, Nesterov, decay', undefined, everything, []],
    ['LeNet, plain SGD', undefined, { momentum: 0, nesterov: false, weightDecay: 0 }, []],
    ['LeNet, SWA', undefined, everything, [10, 15, 20]],
    ['ResNet-8, SWA', resnet, { momentum: 0.9, nesterov: false, weightDecay: 5e-4 }, [10, 15, 20]],
    ['ResNet-8, every switch of the recipe', resnet, switches, []],
  ])('stay +0 to the bit: %s', async (_, model, options, snapshots) => {
    const given = training({ ...(model ? { model } : {}), options, snapshots });
    const { weights } = await runTraining(given, undisturbed());
    const vectors = [weights, given.step.read('weights'), given.step.read('velocity')];
    const pruned = [...(given.mask ?? [])].flatMap((alive, index) => (alive === 0 ? [index] : []));
    expect(pruned.length).toBeGreaterThan(100);
    for (const vector of vectors) expect(pruned.filter((index) => bits(vector)[index] !== 0)).toEqual([]);
    const alive = [...(given.mask ?? [])].flatMap((one, index) => (one === 1 ? [index] : []));
    // Of the others, most moved: not those of a unit that is dead.
    const moved = alive.filter((index) => weights[index] !== given.weights[index]);
    expect(moved.length).toBeGreaterThan(alive.length / 2);
  });
});

test('weights that come unmasked are masked first', async () => {
  const masked = await runTraining(training({}), undisturbed());
  const given = training({});
  const weights = given.weights.map((value, index) => (given.mask?.[index] === 0 ? 3 : value));
  const other = await runTraining({ ...given, weights }, undisturbed());
  expect(bits(other.weights)).toEqual(bits(masked.weights));
});

describe('stochastic weight averaging', () => {
  test('gives the mean of the snapshots, to the bit', async () => {
    const { weights } = await runTraining(training({ snapshots: [10, 15, 20] }), undisturbed());
    const snapshots: Float32Array[] = [];
    for (const iterations of [10, 15, 20])
      snapshots.push((await runTraining(training({ iterations }), undisturbed())).weights);
    expect(bits(weights)).toEqual(bits(average(snapshots)));
  });
});

describe('stopped and resumed', () => {
  /** Stops in the middle of the step that trains iteration `at`, as a user does. */
  async function stopAt(at: number, given: Given, partial: MemoryPartial): Promise<void> {
    let slept = false;
    const stopping = training({
      ...given,
      onBatch(iteration) {
        if (iteration !== at) return;
        // Longer than the interval at which a training listens.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250);
        slept = true;
      },
    });
    const context = { partial, progress: () => undefined, stopRequested: () => slept };
    await expect(runTraining(stopping, context)).rejects.toBeInstanceOf(Stopped);
  }

  test.each([
    ['LeNet with SWA', { snapshots: [10, 15, 20] }],
    ['ResNet-8 with momentum', { model: resnet, options: { ...everything, nesterov: false } }],
    ['LeNet with every switch of the recipe', { options: switches }],
  ])('in mid-epoch, several times, gives the same bits and series: %s', async (_, given: Given) => {
    const expected = await runTraining(training(given), undisturbed());
    const partial = new MemoryPartial();
    for (const at of [2, 11, 17]) await stopAt(at, given, partial);
    expect(partial.saves).toBe(3);
    const resumed = await runTraining(training(given), { ...undisturbed(), partial });
    expect(bits(resumed.weights)).toEqual(bits(expected.weights));
    expect(resumed.series).toEqual(expected.series);
    expect([expected.steps, resumed.steps]).toEqual([20, 2]);
  });

  test('a checkpoint comes with time, in mid-epoch too, and a crash at any step goes on from it', async () => {
    const given = { snapshots: [10, 15, 20] };
    const expected = await runTraining(training(given), undisturbed());
    const crash = (at: number): Given => ({
      ...given,
      onBatch(iteration) {
        if (iteration === at) throw new Error('crash');
      },
    });
    const context = (partial: MemoryPartial, atEpochSeconds: number, seconds: number) => ({
      ...{ ...undisturbed(), partial },
      checkpoints: { atEpochSeconds, seconds },
    });
    // After every step; at every end of an epoch but the last; never.
    for (const [atEpoch, anywhere, saves, left] of [
      [0, 0, 13, 7],
      [0, 1e6, 2, 10],
      [1e6, 1e6, 0, 20],
    ] as const) {
      const partial = new MemoryPartial();
      await expect(runTraining(training(crash(13)), context(partial, atEpoch, anywhere))).rejects.toThrow(
        'crash',
      );
      expect(partial.saves).toBe(saves);
      const resumed = await runTraining(training(given), { ...undisturbed(), partial });
      expect(resumed.steps).toBe(left);
      expect(bits(resumed.weights)).toEqual(bits(expected.weights));
      expect(resumed.series).toEqual(expected.series);
    }
  });

  test('behind the last iteration there is nothing left to do', async () => {
    const expected = await runTraining(training({}), undisturbed());
    const partial = new MemoryPartial();
    await stopAt(19, {}, partial);
    const resumed = await runTraining(training({}), { ...undisturbed(), partial });
    expect(bits(resumed.weights)).toEqual(bits(expected.weights));
    expect(resumed.series).toEqual(expected.series);
    expect(resumed.steps).toBe(0);
  });
});

test('the series say how each epoch went', async () => {
  const { series } = await runTraining(training({ iterations: 12 }), undisturbed());
  expect(series['iteration']).toEqual([5, 10, 12]);
  expect(series['learningRate']).toEqual([4, 9, 11].map((iteration) => Math.fround(0.05 / (1 + iteration))));
  expect(series['loss']?.every((loss) => loss > 0 && loss < 5)).toBe(true);
  expect(series['accuracy']?.every((accuracy) => accuracy >= 0 && accuracy <= 1)).toBe(true);
});

test('the same program trains again from the start as if it were new', async () => {
  const given = training({});
  const first = await runTraining(given, undisturbed());
  const second = await runTraining(given, undisturbed());
  expect(bits(second.weights)).toEqual(bits(first.weights));
  expect(second.series).toEqual(first.series);
  expect(given.step.recordings).toBe(1);
});

test('a training that diverges says so, and what to do', async () => {
  const diverging = training({ rate: () => 1e20, options: { ...everything, weightDecay: 0.1 } });
  const error = await runTraining(diverging, undisturbed()).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SwampError);
  const { message, hint } = error as SwampError;
  expect(message).toMatch(/^The training diverged: the loss is (NaN|-?Infinity) at iteration \d+\.$/);
  expect(hint).toContain('Lower recipe.learningRate');
  const averaging = training({ rate: (iteration) => (iteration < 5 ? 0.01 : 1e20), averagingFrom: 5 });
  await expect(runTraining(averaging, undisturbed())).rejects.toMatchObject({
    hint: expect.stringContaining('lower swa.learningRate') as string,
  });
});
