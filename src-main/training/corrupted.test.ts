import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { corruptImages } from '../datasets/corruptions/corrupt.ts';
import { loadDataset } from '../datasets/registry.ts';
import { CorruptedImages } from './corrupted.ts';
import { pseudoRandom } from './fixtures.ts';

let folder: string;
const asked = { kind: 'motion_blur', severity: 3, count: 4 } as const;
const breathe = (): Promise<void> => Promise.resolve();

/** CIFAR-10's files with a few images of noise. */
function write(name: string, count: number, seed: number): void {
  const random = pseudoRandom(seed);
  const record = (): Uint8Array =>
    Uint8Array.from({ length: 3073 }, (_, at) => Math.floor(random() * (at === 0 ? 10 : 256)));
  writeFileSync(join(folder, name), Buffer.concat(Array.from({ length: count }, record)));
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swamp-corrupted-'));
  write('data_batch_1.bin', 10, 1);
  write('test_batch.bin', 6, 2);
});

afterEach(() => rmSync(folder, { recursive: true }));

test('images that the data set makes smaller are corrupted before that', async () => {
  const whole = await loadDataset({ kind: 'cifar10', path: folder, size: 32 });
  const source = { kind: 'cifar10', path: folder, size: 16 };
  const made = await new CorruptedImages(source, await loadDataset(source)).get(asked, breathe);
  const large = await corruptImages(whole.test.images, whole.shape, asked);
  expect(made).toHaveLength(4 * 16 * 16 * 3);
  const at = (image: number, y: number, x: number, channel: number): number =>
    large[((image * 32 + y) * 32 + x) * 3 + channel] as number;
  const mean = (image: number, y: number, x: number, channel: number): number => {
    const sum = [0, 1].flatMap((down) =>
      [0, 1].map((right) => at(image, 2 * y + down, 2 * x + right, channel)),
    );
    return Math.floor(sum.reduce((total, value) => total + value, 0) / 4 + 0.5);
  };
  for (const [image, y, x, channel] of [
    [0, 0, 0, 0],
    [1, 7, 3, 2],
    [3, 15, 15, 1],
  ] as const)
    expect(made[((image * 16 + y) * 16 + x) * 3 + channel]).toBe(mean(image, y, x, channel));
});

test('others are corrupted as they are, once', async () => {
  const source = { kind: 'cifar10', path: folder, size: 32 };
  const dataset = await loadDataset(source);
  const pictures = new CorruptedImages(source, dataset);
  const made = await pictures.get(asked, breathe);
  expect(made).toEqual(await corruptImages(dataset.test.images, dataset.shape, asked));
  expect(await pictures.get(asked, breathe)).toBe(made);
});

test('files that changed meanwhile are told of', async () => {
  const source = { kind: 'cifar10', path: folder, size: 16 };
  const dataset = await loadDataset(source);
  write('test_batch.bin', 6, 3);
  await expect(new CorruptedImages(source, dataset).get(asked, breathe)).rejects.toThrow(
    /test images of .* changed/,
  );
});
