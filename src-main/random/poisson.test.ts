import { expect, test } from 'vitest';
import { poissonTable } from './poisson.ts';
import { streamFor, uniform } from './random.ts';

test.each([0.3, 4, 60.5, 500])('counts of mean %f have its mean and variance', (mean) => {
  const table = poissonTable(mean);
  const stream = streamFor({ seed: 1, purpose: 'corrupt-shot_noise' });
  const counts = Array.from({ length: 40_000 }, () => table.count(uniform(stream)));
  const average = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const variance = counts.reduce((sum, count) => sum + (count - average) ** 2, 0) / counts.length;
  expect(Math.abs(average - mean)).toBeLessThan(4 * Math.sqrt(mean / counts.length));
  expect(Math.abs(variance / mean - 1)).toBeLessThan(0.04);
});

test('counts are the quantiles of the distribution', () => {
  const table = poissonTable(2);
  const count = (u: number): number => table.count(u);
  // e^−2 = 0.1353; P(≤ 1) = 0.4060; P(≤ 2) = 0.6767
  expect([0, 0.135, 0.136, 0.405, 0.407, 0.676, 0.677].map(count)).toEqual([0, 0, 1, 1, 2, 2, 3]);
  expect(count(1 - 2 ** -53)).toBeGreaterThan(15);
});

test('nothing is always nothing', () => {
  const table = poissonTable(0);
  expect([0, 0.5, 1 - 2 ** -53].map((u) => table.count(u))).toEqual([0, 0, 0]);
});
