import { beforeAll, describe, expect, test } from 'vitest';
import type { Dataset, ImageSet } from './dataset.ts';
import { datasets, loadDataset } from './registry.ts';

let data: Dataset;
beforeAll(async () => {
  data = await loadDataset({ kind: 'digits' });
});

const perClass = ({ labels }: ImageSet): number[] => {
  const counts = Array<number>(10).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
};

describe('digits', () => {
  test('are 8,000 + 2,000 images of 28×28, every digit in proportion', () => {
    expect(data.shape).toEqual([28, 28, 1]);
    expect([data.train.count, data.test.count]).toEqual([8000, 2000]);
    expect(data.train.images).toHaveLength(8000 * 784);
    expect(perClass(data.train).map((count, digit) => count + (perClass(data.test)[digit] ?? 0))).toEqual([
      1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978,
    ]);
    for (const [digit, count] of perClass(data.test).entries())
      expect(count / (count + (perClass(data.train)[digit] ?? 0))).toBeCloseTo(0.2, 2);
  });

  test('are always the same', async () => {
    expect(data.digest).toMatchInlineSnapshot(
      `"276b0d22507e3b55b23982a7b1aadbb89ec143823364e4adbb3827d37e21e862"`,
    );
    expect((await loadDataset({ kind: 'digits' })).digest).toBe(data.digest);
  });

  test('have no image in both sets', () => {
    const images = ({ images, count }: ImageSet): string[] =>
      Array.from({ length: count }, (_, i) =>
        Buffer.from(images.subarray(i * 784, (i + 1) * 784)).toString('latin1'),
      );
    const train = new Set(images(data.train));
    expect(images(data.test).filter((image) => train.has(image))).toHaveLength(0);
  });

  test('are bytes from 0 to 255', () => {
    expect(data.train.images.reduce((most, byte) => Math.max(most, byte), 0)).toBeGreaterThan(250);
    expect(data.normalisation.mean[0]).toBeCloseTo(0.1309, 4);
    expect(data.normalisation.deviation[0]).toBeCloseTo(0.3084, 4);
  });

  test('come with the classes mixed, so that a batch in fixed order holds them all', () => {
    for (let from = 0; from + 100 <= 8000; from += 100)
      expect(new Set(data.train.labels.subarray(from, from + 100)).size).toBe(10);
  });

  test('lie in memory that threads share', () => {
    expect(data.train.images.buffer).toBeInstanceOf(SharedArrayBuffer);
  });
});

test('an unknown data set is refused with the known ones', async () => {
  await expect(loadDataset({ kind: 'mnist' })).rejects.toThrow(
    expect.objectContaining({ hint: `Known kinds: ${[...datasets.keys()].join(', ')}.` }) as Error,
  );
});

test('options that do not exist are refused', async () => {
  await expect(loadDataset({ kind: 'digits', size: 14 })).rejects.toThrow(/size/);
});
