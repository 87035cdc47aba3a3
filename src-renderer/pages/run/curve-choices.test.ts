import { expect, test } from 'vitest';
import { smoothed } from './curve-choices.ts';

test('without smoothing curves are as measured', () => {
  const values = [3, null, 1];
  expect(smoothed(values, 0)).toBe(values);
});

test('a smoothed point is the weighted mean of those up to it, and a gap stays one', () => {
  const made = smoothed([4, null, 2, 1], 0.5);
  expect(made[0]).toBe(4);
  expect(made[1]).toBeNull();
  expect(made[2]).toBeCloseTo((0.5 * 4 + 2) / 1.5, 12);
  expect(made[3]).toBeCloseTo((0.25 * 4 + 0.5 * 2 + 1) / 1.75, 12);
});

test('what does not change stays as it is, however much is smoothed', () => {
  for (const value of smoothed([0.7, 0.7, 0.7, 0.7], 0.95)) expect(value).toBeCloseTo(0.7, 12);
});
