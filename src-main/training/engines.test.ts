import { beforeAll, describe, expect, inject, test } from 'vitest';
import type { EngineBuild } from '../contract/job.ts';
import type { Engine } from '../engine/engine.ts';
import { loadTensorFlow } from '../engine/tensorflow.ts';
import { loadWasm } from '../engine/wasm/load.ts';
import { estimateStatistics, predict } from './evaluation.ts';
import {
  bits,
  MemoryPartial,
  networkTask,
  pseudoRandom,
  randomImages,
  randomMask,
  randomWeights,
  undisturbed,
} from './fixtures.ts';
import { runTraining, type Training } from './loop.ts';
import { statisticsLength } from './network.ts';
import { predictionStep, statisticsStep, trainingStep, type StepOptions } from './programs.ts';
import { Stopped } from './context.ts';

// The WebAssembly engine against TensorFlow: the same weights, masks and batches through both.
//
// Both compute in float32 and add in different orders: a sum of n products of like size is off by about √n·2⁻²⁴ of its
// size, and n is up to 8 · 6 · 6 = 288 here: 1e-6. That is what a sum may differ by, relative to the largest element of a
// tensor (its small elements are differences of large terms); the layers behind one another, with batch norm over
// few values, get a factor of thirty. Ten updates carry each other's differences on.
// The images are small for a reason: a ReLU whose input is zero but for rounding lets its gradient through on one engine
// and not on the other, and everything differs by 1e-2 from there on. With 100,000 activations that happens in one
// step of twenty, with these 6,000 it does not happen below.
const ONE_PASS = 3e-5;
const TEN_STEPS = 2e-4;

const SHAPE = [6, 6, 3] as const;
const CLASSES = 5;
const BATCH = 8;
const build: EngineBuild = { variant: 'wasm', tensorflow: 'tfjs', binding: '', libraryPath: [] };
const resnet = networkTask({ kind: 'resnet', depth: 8, width: 4 }, SHAPE, CLASSES);
const lenet = networkTask({ kind: 'lenet', hidden: [30, 20] }, SHAPE, CLASSES);
const everything: StepOptions = { momentum: 0.9, nesterov: false, weightDecay: 1e-3 };
let tensorflow: Engine;
let wasm: Engine;

beforeAll(async () => {
  tensorflow = loadTensorFlow(inject('engine'));
  wasm = await loadWasm(build);
});

type Task = typeof resnet;

/** The largest difference of a vector's parts, relative to the largest element of the part. */
function worst(parts: readonly { name: string; offset: number; size: number }[]) {
  return (given: Float32Array, wanted: Float32Array): { error: number; name: string } => {
    let found = { error: 0, name: '' };
    for (const { name, offset, size } of parts) {
      let [largest, difference] = [0, 0];
      for (let at = offset; at < offset + size; at++) {
        const [one, other] = [given[at] ?? NaN, wanted[at] ?? NaN];
        largest = Math.max(largest, Math.abs(other));
        difference = Math.max(difference, Math.abs(one - other));
      }
      // One that is NaN must not compare as small.
      const error = largest === 0 && difference === 0 ? 0 : difference / largest;
      if (!(error <= found.error)) found = { error, name };
    }
    return found;
  };
}

function whole(vector: Float32Array) {
  return [{ name: 'all', offset: 0, size: vector.length }];
}

function report(what: string, { error, name }: { error: number; name: string }): number {
  console.log(`${what}: largest difference ${error.toExponential(1)} of the largest element (${name})`);
  return error;
}

function feeds(batch: number, mixed = false) {
  const data = randomImages(BATCH, SHAPE, CLASSES, batch + 1);
  return {
    images: { shape: [BATCH, ...SHAPE], data: data.images },
    labels: { shape: [BATCH], data: Int32Array.from(data.labels) },
    ...(mixed && {
      share: { shape: [], data: Float32Array.of(0.7) },
      partners: { shape: [BATCH], data: Int32Array.from({ length: BATCH }, (_, at) => (at + batch) % BATCH) },
    }),
  };
}

function stepOn(engine: Engine, task: Task, mask: Uint8Array, options = everything) {
  const step = trainingStep(engine, task, options);
  step.write(
    'weights',
    randomWeights(task.layout).map((weight, at) => (mask[at] === 0 ? 0 : weight)),
  );
  step.write('velocity', new Float32Array(task.layout.total));
  step.write('mask', Float32Array.from(mask));
  return step;
}

describe.each([
  ['ResNet-8', resnet],
  ['LeNet', lenet],
])('%s gives on WebAssembly what it gives on TensorFlow', (title, task) => {
  const perTensor = worst(task.layout.parameters);
  const dense = new Uint8Array(task.layout.total).fill(1);

  test('loss, hits and the gradients of all parameters', () => {
    // Without momentum's past and decay, the velocity after one step is the gradient.
    const made = [wasm, tensorflow].map((engine) => {
      const step = stepOn(engine, task, dense, { momentum: 0.5, nesterov: false, weightDecay: 0 });
      const [loss = NaN, correct] = step.run({ ...feeds(0), rate: { shape: [], data: new Float32Array(1) } });
      const gradients = step.read('velocity');
      step.dispose();
      return { loss, correct, gradients };
    });
    const [ours, theirs] = made;
    if (!ours || !theirs) throw new Error('two engines');
    expect(ours.correct).toBe(theirs.correct);
    expect(Math.abs(ours.loss / theirs.loss - 1)).toBeLessThan(ONE_PASS);
    expect(theirs.gradients.some((value) => Math.abs(value) > 1e-3)).toBe(true);
    const error = worst(task.layout.parameters)(ours.gradients, theirs.gradients);
    expect(report(`${title}, gradients`, error)).toBeLessThan(ONE_PASS);
  });

  test.each([
    ['momentum', 0, everything],
    ['Nesterov', 0, { ...everything, nesterov: true }],
    ['plain', 0, { momentum: 0, nesterov: false, weightDecay: 0 }],
    ['label smoothing', 0, { ...everything, labelSmoothing: 0.1 }],
    ['mixup', 0, { ...everything, mixup: true }],
    ['two parts', 0, { ...everything, accumulate: 2 }],
    ['sharpness', 0, { ...everything, sharpness: 0.05 }],
  ])('ten updates with decay under a mask: %s', (kind, first, options) => {
    const mask = randomMask(task.layout);
    const [ours, theirs] = [wasm, tensorflow].map((engine) => {
      const step = stepOn(engine, task, mask, options);
      const losses = Array.from({ length: 10 }, (_, at) => {
        const [loss = NaN] = step.run({
          ...feeds(first + at, options.mixup),
          rate: { shape: [], data: Float32Array.of(0.01) },
        });
        return loss;
      });
      const after = { losses, weights: step.read('weights'), velocity: step.read('velocity') };
      step.dispose();
      return after;
    });
    if (!ours || !theirs) throw new Error('two engines');
    expect(report(`${title}, ${kind}, weights`, perTensor(ours.weights, theirs.weights))).toBeLessThan(
      TEN_STEPS,
    );
    expect(perTensor(ours.velocity, theirs.velocity).error).toBeLessThan(10 * TEN_STEPS);
    for (const [at, loss] of ours.losses.entries())
      expect(Math.abs(loss / (theirs.losses[at] ?? NaN) - 1)).toBeLessThan(TEN_STEPS);
    // Pruned weights and their velocity are +0 to the bit.
    const [weights, velocity] = [bits(ours.weights), bits(ours.velocity)];
    for (const [at, alive] of mask.entries())
      if (alive === 0) expect([weights[at], velocity[at]]).toEqual([0, 0]);
  });

  test('batch-norm statistics and predictions, of a last batch that is not full too', () => {
    const data = randomImages(53, SHAPE, CLASSES);
    const order = Int32Array.from({ length: 53 }, (_, at) => (at * 7) % 53);
    const weights = randomWeights(task.layout);
    const length = statisticsLength(task.description);
    const [ours, theirs] = [wasm, tensorflow].map((engine) => {
      const [statistics, prediction] = [statisticsStep(engine, task), predictionStep(engine, task)];
      const estimated = estimateStatistics(statistics, weights, length, data, order, BATCH);
      const probabilities = predict(prediction, weights, estimated, data, null, CLASSES);
      for (const program of [statistics, prediction]) program.dispose();
      return { estimated, probabilities };
    });
    if (!ours || !theirs) throw new Error('two engines');
    const layers = task.description.statistics.flatMap(({ channels }) => [channels]);
    let offset = 0;
    const parts = [...layers, ...layers].map((size, at) => {
      offset += size;
      return { name: `statistic ${at}`, offset: offset - size, size };
    });
    expect(report(`${title}, statistics`, worst(parts)(ours.estimated, theirs.estimated))).toBeLessThan(
      ONE_PASS,
    );
    const { probabilities } = theirs;
    expect(probabilities).toHaveLength(53 * CLASSES);
    const error = worst(whole(probabilities))(ours.probabilities, probabilities);
    expect(report(`${title}, probabilities`, error)).toBeLessThan(ONE_PASS);
  });
});

describe('a training on WebAssembly', () => {
  const images = randomImages(64, SHAPE, CLASSES);
  const pixels = SHAPE[0] * SHAPE[1] * SHAPE[2];
  function training(): Training {
    return {
      step: trainingStep(wasm, resnet, everything),
      weights: randomWeights(resnet.layout),
      mask: randomMask(resnet.layout),
      imagesShape: [8, ...SHAPE],
      iterations: 12,
      iterationsPerEpoch: 4,
      rate: (iteration) => 0.05 / (1 + iteration),
      snapshots: new Set([8, 12]),
      averagingFrom: 12,
      batches: (start) => {
        let at = start;
        return {
          next() {
            const random = pseudoRandom(at++);
            const chosen = Array.from({ length: 8 }, () => Math.floor(random() * 64));
            return {
              images: Uint8Array.from(
                chosen.flatMap((index) => [...images.images.subarray(index * pixels, (index + 1) * pixels)]),
              ),
              labels: Int32Array.from(chosen, (index) => images.labels[index] as number),
            };
          },
          close: () => undefined,
          iterationsPerEpoch: 4,
        };
      },
    };
  }

  test('gives the same bits again, stopped and resumed or not', async () => {
    const expected = await runTraining(training(), undisturbed());
    const partial = new MemoryPartial();
    let runs = 0;
    for (;;) {
      // A new program each time, as in a new process.
      const given = training();
      const stopAfter = [3, 6][runs++];
      let steps = 0;
      const rate = given.rate.bind(given);
      const context = {
        partial,
        progress: () => undefined,
        stopRequested: () => steps >= (stopAfter ?? Infinity),
      };
      const slow = { ...given, rate: (iteration: number) => (steps++, pause(), rate(iteration)) };
      const trained = await runTraining(slow, context).catch((error: unknown) => error);
      given.step.dispose();
      if (trained instanceof Stopped) continue;
      const { weights, series } = trained as typeof expected;
      expect(runs).toBe(3);
      expect(bits(weights)).toEqual(bits(expected.weights));
      expect(series).toEqual(expected.series);
      break;
    }
  });

  test('leaves nothing behind: tensors are as many after eight steps as after one', () => {
    const { tf } = wasm;
    const before = tf.memory();
    const step = stepOn(wasm, resnet, randomMask(resnet.layout));
    const statistics = statisticsStep(wasm, resnet);
    const prediction = predictionStep(wasm, resnet);
    const length = statisticsLength(resnet.description);
    const count = (): readonly number[] => {
      step.run({ ...feeds(0), rate: { shape: [], data: Float32Array.of(0.01) } });
      const weights = step.read('weights');
      const order = Int32Array.from({ length: 64 }, (_, at) => at);
      const estimated = estimateStatistics(statistics, weights, length, images, order, 32);
      predict(prediction, weights, estimated, images, null, CLASSES);
      const { numTensors, numDataBuffers, numBytes } = tf.memory();
      return [numTensors, numDataBuffers, numBytes];
    };
    const first = count();
    expect(first[0]).toBeGreaterThan(before.numTensors);
    for (let at = 0; at < 7; at++) expect(count()).toEqual(first);
    for (const program of [step, statistics, prediction]) program.dispose();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numBytes).toBe(before.numBytes);
  });
});

/** Longer than the training waits before it listens for a stop. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 210);
}
