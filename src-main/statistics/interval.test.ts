import { expect, test } from 'vitest';
import { intervalOf, ratioOf } from './interval.ts';
import { quartiles } from './quartiles.ts';
import { tQuantile } from './student.ts';

test('the interval of a mean is SciPy’s', () => {
  // stats.t.interval(0.95, 3, loc=numpy.mean(x), scale=stats.sem(x))
  const { mean, low, high, n } = intervalOf([0.61, 0.64, 0.6, 0.66]);
  expect(n).toBe(4);
  expect(mean).toBeCloseTo(0.6275, 12);
  expect(low).toBeCloseTo(0.583681131152, 7);
  expect(high).toBeCloseTo(0.671318868848, 7);
});

test('one value has no interval, none has no mean, and what is not finite is null', () => {
  expect(intervalOf([0.5])).toEqual({ mean: 0.5, low: null, high: null, n: 1 });
  expect(intervalOf([])).toEqual({ mean: null, low: null, high: null, n: 0 });
  expect(intervalOf([0.5, NaN])).toEqual({ mean: null, low: null, high: null, n: 2 });
});

test('Fieller: at both ends of the interval of a ratio Student’s t just tells x − s·y from 0', () => {
  const x = [0.006, 0.009, 0.007, 0.008];
  const y = [0.01, 0.012, 0.009, 0.013];
  const { mean, low, high } = ratioOf(x, y);
  expect(mean).toBeCloseTo(0.03 / 0.044, 12);
  for (const end of [low, high]) {
    const rest = x.map((value, at) => value - (end ?? NaN) * (y[at] ?? NaN));
    const interval = intervalOf(rest);
    expect(Math.min(Math.abs(interval.low ?? 1), Math.abs(interval.high ?? 1))).toBeLessThan(1e-9);
  }
  expect(low).toBeLessThan(mean ?? 0);
  expect(high).toBeGreaterThan(mean ?? 1);
});

test('a ratio to what cannot be told from 0 has no interval', () => {
  expect(ratioOf([0.01, 0.02, 0.03], [0.01, -0.01, 0.002])).toMatchObject({ low: null, high: null, n: 3 });
  expect(ratioOf([0.01], [0.02])).toEqual({ mean: 0.5, low: null, high: null, n: 1 });
  expect(ratioOf([0.01], [0])).toMatchObject({ mean: null });
});

test('quantiles of Student’s t are SciPy’s', () => {
  expect(tQuantile(0.95, 2)).toBeCloseTo(4.30265272974946, 7);
  expect(tQuantile(0.9, 9)).toBeCloseTo(1.83311293265624, 7);
});

test('quartiles are NumPy’s', () => {
  // numpy.quantile([3, 1, 4, 1, 5, 9], [0.25, 0.5, 0.75])
  expect(quartiles([3, 1, 4, 1, 5, 9])).toEqual({ low: 1.5, median: 3.5, high: 4.75 });
  expect(quartiles([2])).toEqual({ low: 2, median: 2, high: 2 });
});
