import { expect, test } from 'vitest';
import { layOut, type Parameter } from '../contract/parameters.ts';
import { countOverlaps, jaccard, jaccardByChance } from './overlap.ts';

const kernel = (name: string, size: number): Parameter => ({
  name,
  shape: [size, 1],
  role: 'kernel',
  classifier: false,
});
const layout = layOut([kernel('a', 4), { ...kernel('b', 3), role: 'bias' }, kernel('c', 2)], false);

/** Bits of a, of b (never pruned), of c. */
const mask = (bits: string): Uint8Array => Uint8Array.from(bits.replaceAll(' ', ''), Number);

test('counts are of prunable weights, by pair and by layer', () => {
  const { intersection, union, layers } = countOverlaps(
    [mask('1100 111 10'), mask('0110 111 11'), mask('0000 111 00')],
    layout,
  );
  expect(intersection).toEqual([3, 2, 0, 2, 4, 0, 0, 0, 0]);
  expect(union).toEqual([3, 5, 3, 5, 4, 4, 3, 4, 0]);
  expect(layers).toEqual([2, 1, 0, 1, 2, 0, 0, 0, 0, 1, 1, 0, 1, 2, 0, 0, 0, 0]);
});

test('masks that leave nothing are the same, and others have nothing in common with them', () => {
  expect(jaccard(0, 0)).toBe(1);
  expect(jaccard(0, 3)).toBe(0);
  expect(jaccard(2, 5)).toBe(0.4);
});

test('a mask of another length is refused', () => {
  expect(() => countOverlaps([mask('1')], layout)).toThrow(RangeError);
});

test('chance: of two random halves a third is common; layers that agree raise it', () => {
  expect(jaccardByChance([{ size: 1000, a: 500, b: 500 }])).toBeCloseTo(1 / 3, 12);
  const layered = jaccardByChance([
    { size: 500, a: 500, b: 500 },
    { size: 500, a: 0, b: 0 },
  ]);
  expect(layered).toBe(1);
  expect(jaccardByChance([{ size: 100, a: 20, b: 50 }])).toBeCloseTo(10 / 60, 12);
});

test('chance is what random masks have', () => {
  let state = 1;
  const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  const drawn = (share: number): Uint8Array =>
    Uint8Array.from({ length: 200_000 }, () => +(random() < share));
  const wide = layOut([kernel('a', 200_000)], false);
  const { intersection, union } = countOverlaps([drawn(0.3), drawn(0.6)], wide);
  const [a = 0, common = 0, , b = 0] = intersection;
  expect(jaccard(common, union[1] ?? 0)).toBeCloseTo(jaccardByChance([{ size: 200_000, a, b }]), 2);
});
