import { expect, test } from 'vitest';
import { ensembleProbabilities, metricsOf, SMALLEST_PROBABILITY } from './metrics.ts';

test('accuracy, NLL and ECE of a few images by hand', () => {
  const probabilities = Float32Array.of(0.75, 0.25, 0.5, 0.5, 0.25, 0.75);
  const { accuracy, nll, ece } = metricsOf(probabilities, [0, 1, 1], 2);
  expect(accuracy).toBeCloseTo(2 / 3, 12); // the tie goes to class 0
  expect(nll).toBeCloseTo(-(2 * Math.log(0.75) + Math.log(0.5)) / 3, 12);
  // Bin of 0.75: two, both right, gap 0.25. Bin of 0.5: one, wrong, gap 0.5.
  expect(ece).toBeCloseTo((2 / 3) * 0.25 + (1 / 3) * 0.5, 12);
});

test('a probability of zero costs 87.3 nats, not infinity', () => {
  expect(metricsOf(Float32Array.of(1, 0), [1], 2)).toEqual({
    accuracy: 0,
    nll: -Math.log(SMALLEST_PROBABILITY),
    ece: 1,
  });
  expect(-Math.log(SMALLEST_PROBABILITY)).toBeCloseTo(87.3365, 3);
});

test('bins are closed above: confidence 1, and softmax a rounding above it, are in the last', () => {
  const above = Math.fround(1 + 2 ** -23);
  expect(metricsOf(Float32Array.of(1, 0, above, 0), [0, 0], 2).ece).toBeCloseTo(2 ** -24, 12);
});

test('predictions that do not fit are refused', () => {
  expect(() => metricsOf(new Float32Array(5), [0, 1], 2)).toThrow(
    '5 probabilities are not 2 images × 2 classes',
  );
  expect(() => metricsOf(Float32Array.of(0.5, 0.5), [2], 2)).toThrow('label 2');
  expect(() => metricsOf(Float32Array.of(0.5, NaN), [0], 2)).toThrow('not a number');
  expect(() => metricsOf(Float32Array.of(NaN, 0.5), [0], 2)).toThrow('not a number');
  expect(() => metricsOf(new Float32Array(0), [], 2)).toThrow('no images');
});

test('an ensemble averages probabilities', () => {
  const members = [Float32Array.of(0.75, 0.25), Float32Array.of(0.25, 0.75), Float32Array.of(0.5, 0.5)];
  expect([...ensembleProbabilities(members)]).toEqual([0.5, 0.5]);
});
