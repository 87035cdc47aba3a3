import { beforeAll, describe, expect, inject, test } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { loadTensorFlow } from '../engine/tensorflow.ts';
import { loadWasm } from '../engine/wasm/load.ts';
import { BATCH, CLASSES, HIDDEN, images, inputs, labels, lossAndGradient, oneHot, SHAPE } from './by-hand.ts';
import { networkTask, pseudoRandom, randomMask, randomWeights } from './fixtures.ts';
import { trainingStep, type StepOptions } from './programs.ts';

// The recorded step against the same formulas written out in float64: a network of one hidden layer, its
// gradient by hand, v ← μv + m∘(g + λw), w ← w − η·v (Nesterov: η·(m∘(g + λw) + μv)).

const engines: Record<string, Engine> = {};

beforeAll(async () => {
  engines['TensorFlow'] = loadTensorFlow(inject('engine'));
  engines['WebAssembly'] = await loadWasm({
    variant: 'wasm',
    tensorflow: 'tfjs',
    binding: '',
    libraryPath: [],
  });
});

/** Partners and λ of a step's mixup. */
function mixOf(step: number): { share: number; partners: number[] } {
  const random = pseudoRandom(step + 100);
  const partners = Array.from({ length: BATCH }, (_, at) => at);
  partners.sort(() => random() - 0.5);
  return { share: Math.fround(0.3 + 0.6 * random()), partners };
}

const blend = (own: number[], other: number[], share: number): number[] =>
  own.map((value, at) => share * value + (1 - share) * (other[at] ?? NaN));

describe('the optimizer step is the one of the formulas', () => {
  const plain = { momentum: 0, nesterov: false, weightDecay: 0 };
  const full = { momentum: 0.9, nesterov: false, weightDecay: 0.05 };
  const cases: [string, StepOptions, boolean][] = [
    ['plain SGD', { momentum: 0, nesterov: false, weightDecay: 0 }, false],
    ['weight decay', { momentum: 0, nesterov: false, weightDecay: 0.1 }, false],
    ['momentum', { momentum: 0.9, nesterov: false, weightDecay: 0 }, false],
    ['Nesterov', { momentum: 0.9, nesterov: true, weightDecay: 0 }, false],
    ['momentum, decay, mask', { momentum: 0.9, nesterov: false, weightDecay: 0.05 }, true],
    ['Nesterov, decay, mask', { momentum: 0.8, nesterov: true, weightDecay: 0.05 }, true],
    ['mask alone', { momentum: 0, nesterov: false, weightDecay: 0 }, true],
    ['label smoothing', { ...plain, labelSmoothing: 0.1 }, false],
    ['mixup', { ...plain, mixup: true }, false],
    ['three parts', { ...plain, accumulate: 3 }, false],
    ['sharpness', { ...plain, sharpness: 0.5 }, false],
    ['sharpness, momentum, decay, mask', { ...full, sharpness: 0.2 }, true],
    ['all of them', { ...full, sharpness: 0.3, labelSmoothing: 0.2, mixup: true, accumulate: 2 }, true],
  ];
  test.each(['TensorFlow', 'WebAssembly'].flatMap((on) => cases.map((each) => [on, ...each] as const)))(
    'on %s: %s',
    (on, _, options, masked) => {
      const engine = engines[on] as Engine;
      const task = networkTask({ kind: 'lenet', hidden: [HIDDEN] }, SHAPE, CLASSES);
      const { total } = task.layout;
      const mask = masked ? randomMask(task.layout) : new Uint8Array(total).fill(1);
      const start = randomWeights(task.layout).map((value, index) => (mask[index] === 1 ? value : 0));
      const step = trainingStep(engine, task, options);
      step.write('weights', start);
      step.write('velocity', new Float32Array(total));
      step.write('mask', Float32Array.from(mask));
      const weights = Float64Array.from(start);
      const velocity = new Float64Array(total);
      for (let at = 0; at < 6; at++) {
        const rate = 0.2 / (at + 1);
        const { share, partners } = mixOf(at);
        let [x, targets] = [inputs(task), oneHot()];
        if (options.mixup) {
          x = x.map((row, i) => blend(row, x[partners[i] ?? NaN] ?? [], share));
          targets = targets.map((row, i) => blend(row, targets[partners[i] ?? NaN] ?? [], share));
        }
        const smooth = options.labelSmoothing ?? 0;
        targets = targets.map((row) => row.map((value) => (1 - smooth) * value + smooth / CLASSES));
        const first = lossAndGradient(task, weights, x, targets);
        const { loss } = first;
        let { gradient } = first;
        if (options.sharpness) {
          const alive = gradient.map((value, index) => (mask[index] === 1 ? value : 0));
          const norm = Math.hypot(...alive);
          const moved = weights.map(
            (value, index) => value + ((options.sharpness ?? 0) * (alive[index] ?? NaN)) / norm,
          );
          ({ gradient } = lossAndGradient(task, moved, x, targets));
        }
        for (let index = 0; index < total; index++) {
          const w = weights[index] ?? NaN;
          const g = mask[index] === 1 ? (gradient[index] ?? NaN) + options.weightDecay * w : 0;
          const v = options.momentum * (velocity[index] ?? NaN) + g;
          velocity[index] = v;
          weights[index] = w - rate * (options.nesterov ? g + options.momentum * v : v);
        }
        const [made] = step.run({
          images: { shape: [BATCH, ...SHAPE], data: images },
          labels: { shape: [BATCH], data: Int32Array.from(labels) },
          rate: { shape: [], data: Float32Array.of(rate) },
          ...(options.mixup && {
            share: { shape: [], data: Float32Array.of(share) },
            partners: { shape: [BATCH], data: Int32Array.from(partners) },
          }),
        });
        expect(made).toBeCloseTo(loss, 5);
        for (const [index, value] of step.read('weights').entries())
          expect(Math.abs(value - (weights[index] ?? NaN)), `weight ${index}, step ${at}`).toBeLessThan(2e-6);
        if (options.momentum > 0)
          for (const [index, value] of step.read('velocity').entries())
            expect(Math.abs(value - (velocity[index] ?? NaN)), `velocity ${index}`).toBeLessThan(2e-6);
      }
      step.dispose();
    },
  );
});
