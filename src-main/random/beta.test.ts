import { expect, test } from 'vitest';
import { betaShare } from './beta.ts';
import { streamFor } from './random.ts';

const COUNT = 20_000;

function sample(alpha: number, seed = 1): number[] {
  const stream = streamFor({ seed, purpose: 'mixup' });
  return Array.from({ length: COUNT }, () => betaShare(stream, alpha)).sort((a, b) => a - b);
}

test('golden values: a change here changes every stored result of a training with mixup', () => {
  const stream = streamFor({ seed: 1, purpose: 'mixup' });
  expect([0.2, 1, 4].map((alpha) => betaShare(stream, alpha))).toMatchInlineSnapshot(`
    [
      0.029890018042446974,
      0.4542162120883902,
      0.4881744961080157,
    ]
  `);
});

// Kolmogorov and Smirnov's distance; 1.95 / √n is exceeded once in a thousand samples.
test.each([
  [0.5, (x: number) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
  [1, (x: number) => x],
  [2, (x: number) => x * x * (3 - 2 * x)],
  [3, (x: number) => x ** 3 * (10 - 15 * x + 6 * x * x)],
])('Beta(%d, %d) has its distribution', (alpha, distribution) => {
  const shares = sample(alpha);
  const distance = Math.max(
    ...shares.map((x, at) => {
      const f = distribution(x);
      return Math.max(Math.abs(f - at / COUNT), Math.abs(f - (at + 1) / COUNT));
    }),
  );
  expect(distance).toBeLessThan(1.95 / Math.sqrt(COUNT));
});

test.each([1e-3, 0.1, 0.2, 0.4, 10, 1000])('Beta(%d, %d) has its mean and variance', (alpha) => {
  const shares = sample(alpha, 2);
  expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
  const mean = shares.reduce((sum, share) => sum + share, 0) / COUNT;
  const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / COUNT;
  const expected = 1 / (4 * (2 * alpha + 1));
  expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(expected / COUNT));
  expect(Math.abs(variance / expected - 1)).toBeLessThan(0.05);
});
