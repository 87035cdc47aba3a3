import { beforeAll, describe, expect, inject, test } from 'vitest';
import { loadTensorFlow, type TensorFlow } from '../engine/tensorflow.ts';
import { networkTask, randomImages, randomMask, randomWeights } from './fixtures.ts';
import { trainingStep, type NetworkTask, type StepOptions } from './programs.ts';

// The recorded step against the same formulas written out in float64: a network of one hidden layer, its
// gradient by hand, v ← μv + m∘(g + λw), w ← w − η·v (Nesterov: η·(m∘(g + λw) + μv)).

let tensorflow: TensorFlow;

beforeAll(() => {
  tensorflow = loadTensorFlow(inject('engine'));
});

const SHAPE = [3, 3, 2] as const;
const HIDDEN = 6;
const CLASSES = 4;
const BATCH = 5;
const INPUTS = 18;
const { images, labels } = randomImages(BATCH, SHAPE, CLASSES);

/** Mean cross-entropy and its gradient in float64. */
function lossAndGradient(task: NetworkTask, weights: Float64Array): { loss: number; gradient: Float64Array } {
  const { layout, normalisation } = task;
  const at = (name: string): number => layout.parameters.find((one) => one.name === name)?.offset ?? NaN;
  const [kernel1, bias1, kernel2, bias2] = [
    at('dense1/kernel'),
    at('dense1/bias'),
    at('classifier/kernel'),
    at('classifier/bias'),
  ] as [number, number, number, number];
  const w = (index: number): number => weights[index] ?? NaN;
  const gradient = new Float64Array(weights.length);
  const add = (index: number, value: number): void => {
    gradient[index] = (gradient[index] ?? NaN) + value;
  };
  let loss = 0;
  for (let image = 0; image < BATCH; image++) {
    const x = Array.from({ length: INPUTS }, (_, i) => {
      const channel = i % SHAPE[2];
      const { mean, deviation } = normalisation;
      return ((images[image * INPUTS + i] ?? NaN) / 255 - (mean[channel] ?? 0)) / (deviation[channel] ?? 1);
    });
    const h = Array.from({ length: HIDDEN }, (_, j) =>
      Math.max(
        0,
        x.reduce((sum, value, i) => sum + value * w(kernel1 + i * HIDDEN + j), w(bias1 + j)),
      ),
    );
    const logits = Array.from({ length: CLASSES }, (_, k) =>
      h.reduce((sum, value, j) => sum + value * w(kernel2 + j * CLASSES + k), w(bias2 + k)),
    );
    const total = logits.reduce((sum, value) => sum + Math.exp(value), 0);
    const label = labels[image] ?? 0;
    loss += (Math.log(total) - (logits[label] ?? NaN)) / BATCH;
    const dLogits = logits.map((value, k) => (Math.exp(value) / total - (k === label ? 1 : 0)) / BATCH);
    for (const [k, d] of dLogits.entries()) {
      add(bias2 + k, d);
      for (const [j, value] of h.entries()) add(kernel2 + j * CLASSES + k, value * d);
    }
    for (const [j, value] of h.entries()) {
      if (value <= 0) continue;
      const d = dLogits.reduce((sum, dk, k) => sum + dk * w(kernel2 + j * CLASSES + k), 0);
      add(bias1 + j, d);
      for (const [i, input] of x.entries()) add(kernel1 + i * HIDDEN + j, input * d);
    }
  }
  return { loss, gradient };
}

describe('the optimizer step is the one of the formulas', () => {
  const cases: [string, StepOptions, boolean][] = [
    ['plain SGD', { momentum: 0, nesterov: false, weightDecay: 0 }, false],
    ['weight decay', { momentum: 0, nesterov: false, weightDecay: 0.1 }, false],
    ['momentum', { momentum: 0.9, nesterov: false, weightDecay: 0 }, false],
    ['Nesterov', { momentum: 0.9, nesterov: true, weightDecay: 0 }, false],
    ['momentum, decay, mask', { momentum: 0.9, nesterov: false, weightDecay: 0.05 }, true],
    ['Nesterov, decay, mask', { momentum: 0.8, nesterov: true, weightDecay: 0.05 }, true],
    ['mask alone', { momentum: 0, nesterov: false, weightDecay: 0 }, true],
  ];
  test.each(cases)('%s', (_, options, masked) => {
    const task = networkTask({ kind: 'lenet', hidden: [HIDDEN] }, SHAPE, CLASSES);
    const { total } = task.layout;
    const mask = masked ? randomMask(task.layout) : new Uint8Array(total).fill(1);
    const start = randomWeights(task.layout).map((value, index) => (mask[index] === 1 ? value : 0));
    const step = trainingStep(tensorflow, task, options);
    step.write('weights', start);
    step.write('velocity', new Float32Array(total));
    step.write('mask', Float32Array.from(mask));
    const weights = Float64Array.from(start);
    const velocity = new Float64Array(total);
    for (let at = 0; at < 6; at++) {
      const rate = 0.2 / (at + 1);
      const { loss, gradient } = lossAndGradient(task, weights);
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
      });
      expect(made).toBeCloseTo(loss, 5);
      for (const [index, value] of step.read('weights').entries())
        expect(Math.abs(value - (weights[index] ?? NaN)), `weight ${index}, step ${at}`).toBeLessThan(2e-6);
      if (options.momentum > 0)
        for (const [index, value] of step.read('velocity').entries())
          expect(Math.abs(value - (velocity[index] ?? NaN)), `velocity ${index}`).toBeLessThan(2e-6);
    }
    step.dispose();
  });
});
