import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../contract/errors.ts';
import { Swa, type NamedSpec } from '../../contract/recipe.ts';
import { learningRateOf } from './registry.ts';

const span = { iterations: 100, iterationsPerEpoch: 10 };
const rates = (schedule: NamedSpec, warmup: number, at: number[]): number[] =>
  at.map(learningRateOf({ learningRate: 0.4, schedule, warmup }, null, span));
const close = (actual: number[], expected: number[]): void =>
  expect(actual.map((rate) => rate.toFixed(10))).toEqual(expected.map((rate) => rate.toFixed(10)));

test('constant', () => close(rates({ kind: 'constant' }, 0, [0, 50, 99]), [0.4, 0.4, 0.4]));

test('cosine falls to zero, or to another rate', () => {
  close(rates({ kind: 'cosine' }, 0, [0, 25, 50, 99]), [
    0.4,
    0.2 * (1 + Math.SQRT1_2),
    0.2,
    0.2 * (1 + Math.cos(0.99 * Math.PI)),
  ]);
  close(rates({ kind: 'cosine', to: 0.1 }, 0, [0, 50]), [0.4, 0.25]);
});

test('steps fall with the first iteration of a milestone epoch', () => {
  const step = { kind: 'step', milestones: [5, 8], factor: 0.1 };
  close(rates(step, 0, [0, 49, 50, 79, 80, 99]), [0.4, 0.4, 0.04, 0.04, 0.004, 0.004]);
  close(rates({ kind: 'step', milestones: [2.5] }, 0, [24, 25]), [0.4, 0.04]);
});

test('warm-up rises linearly to the peak, then the schedule takes over', () => {
  close(rates({ kind: 'constant' }, 4, [0, 1, 2, 3, 4]), [0.1, 0.2, 0.3, 0.4, 0.4]);
  // The cosine has the remaining 80 iterations; milestones stay where they are.
  close(rates({ kind: 'cosine' }, 20, [19, 20, 60]), [0.4, 0.4, 0.2]);
  close(rates({ kind: 'step', milestones: [5] }, 20, [49, 50]), [0.4, 0.04]);
});

describe('with SWA', () => {
  const swa = Swa.parse({ start: 0.5, learningRate: 0.05 });
  const recipe = { learningRate: 0.4, schedule: { kind: 'cosine' }, warmup: 0 };

  test('half a cosine to the SWA rate over the first half, constant afterwards', () => {
    const rate = learningRateOf(recipe, swa, span);
    close([0, 25, 50, 51, 99].map(rate), [0.4, 0.225, 0.05, 0.05, 0.05]);
    expect(rate(49)).toBeGreaterThan(0.05);
  });

  test('warm-up comes out of the cosine', () => {
    close([9, 10, 30, 50].map(learningRateOf({ ...recipe, warmup: 10 }, swa, span)), [0.4, 0.4, 0.225, 0.05]);
  });

  test('a warm-up that reaches the averaging phase is refused', () => {
    expect(() => learningRateOf({ ...recipe, warmup: 50 }, swa, span)).toThrow('recipe.warmup: 50');
  });
});

test.each([
  [{ kind: 'linear' }, /there is no 'linear'/],
  [{ kind: 'step', milestones: [80, 40] }, /epoch 40 follows 80/],
  [{ kind: 'step', milestones: [80], factor: 2 }, /recipe\.schedule\.factor.*given: 2/],
  [{ kind: 'cosine', to: -1 }, /recipe\.schedule\.to.*given: -1/],
])('%j is refused', (schedule, message) => {
  expect(() => rates(schedule, 0, [0])).toThrow(ConfigError);
  expect(() => rates(schedule, 0, [0])).toThrow(message);
});
