import { describe, expect, test } from 'vitest';
import { ConfigError } from '../contract/errors.ts';
import { largestRemainder, splitTraining } from './split.ts';

const labels = Uint8Array.from({ length: 1003 }, (_, i) => (i % 7 < 3 ? 0 : i % 7 < 6 ? 1 : 2));
const countOf = (indices: Int32Array, label: number): number =>
  indices.filter((index) => labels[index] === label).length;

describe('validation split', () => {
  const split = splitTraining(labels, 0.1, 1);

  test('holds out the fraction, every class in proportion, and nothing is in both', () => {
    expect([split.train.length, split.validation.length]).toEqual([903, 100]);
    expect([0, 1, 2].map((label) => countOf(split.validation, label))).toEqual([43, 43, 14]);
    const all = [...split.train, ...split.validation].sort((a, b) => a - b);
    expect(all).toEqual(Array.from(labels.keys()));
  });

  test('is sorted', () => {
    for (const part of [split.train, split.validation]) expect(part).toEqual(part.slice().sort());
  });

  test('follows the seed, and the digest tells', () => {
    expect(splitTraining(labels, 0.1, 1)).toEqual(split);
    const other = splitTraining(labels, 0.1, 2);
    expect(other.digest).not.toBe(split.digest);
    const common = other.validation.filter((index) => split.validation.includes(index)).length;
    expect(common).toBeLessThan(25);
    expect(split.digest).toMatchInlineSnapshot(
      `"1be69abf4193f6e5bc2fc1e0d489a1f9129f3d6016e06869e052e51f54397350"`,
    );
  });

  test('may hold out nothing', () => {
    expect(splitTraining(labels, 0, 1).validation).toHaveLength(0);
    expect(splitTraining(labels, 0, 1).train).toHaveLength(1003);
  });

  test.each([-0.1, 1, NaN])('a fraction of %d is refused', (fraction) => {
    expect(() => splitTraining(labels, fraction, 1)).toThrow(ConfigError);
  });

  test('a class without training images is refused', () => {
    expect(() => splitTraining(Uint8Array.of(0, 0, 1), 0.99, 1)).toThrow(ConfigError);
  });
});

test('largest remainder: the total is exact and shares are proportional', () => {
  expect(largestRemainder([1, 1, 1], 2)).toEqual([1, 1, 0]);
  expect(largestRemainder([10, 20, 70], 10)).toEqual([1, 2, 7]);
  expect(largestRemainder([5, 5, 5], 4)).toEqual([2, 1, 1]);
  expect(largestRemainder([0, 3], 3)).toEqual([0, 3]);
  expect(largestRemainder([], 0)).toEqual([]);
  expect(() => largestRemainder([1, 2], 4)).toThrow(RangeError);
});
