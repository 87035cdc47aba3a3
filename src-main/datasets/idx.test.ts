import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError, DataError } from '../contract/errors.ts';
import { idxFile } from './fixtures.ts';
import { loadDataset } from './registry.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'swamp-idx-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, bytes: Uint8Array): Promise<void> => writeFile(path.join(folder, name), bytes);
const load = (options: object = {}): ReturnType<typeof loadDataset> =>
  loadDataset({ kind: 'idx', path: folder, ...options });

/** Images of 2×3 pixels, each pixel its number. */
const pixels = (count: number, from = 0): number[] => Array.from({ length: 6 * count }, (_, i) => from + i);

describe('four files', () => {
  beforeEach(async () => {
    await write('train-images-idx3-ubyte', idxFile([3, 2, 3], pixels(3)));
    // Packed though its name does not say so, and the other way round.
    await write('train-labels-idx1-ubyte', gzipSync(idxFile([3], [2, 0, 1])));
    await write('t10k-images.idx3-ubyte.gz', idxFile([1, 2, 3], pixels(1, 100)));
    await write('t10k-labels.idx1-ubyte', idxFile([1], [3]));
  });

  test('are read, packed or not whatever their names', async () => {
    const data = await load();
    expect(data.shape).toEqual([2, 3, 1]);
    expect([...data.train.images]).toEqual(pixels(3));
    expect([...data.train.labels]).toEqual([2, 0, 1]);
    expect([...data.test.images]).toEqual([100, 101, 102, 103, 104, 105]);
    expect(data.classes).toEqual(['0', '1', '2', '3']);
    expect(data.title).toBe(`${path.basename(folder)} (3 training images, 2×3)`);
    // 0 … 17: mean 8.5, population deviation √((18² − 1) / 12).
    expect(data.normalisation.mean[0]).toBeCloseTo(8.5 / 255, 12);
    expect(data.normalisation.deviation[0]).toBeCloseTo(Math.sqrt(323 / 12) / 255, 12);
  });

  test('give the first images only, and the classes of all', async () => {
    const data = await load({ train: 2 });
    expect([...data.train.images]).toEqual(pixels(2));
    expect([...data.train.labels]).toEqual([2, 0]);
    expect(data.classes).toHaveLength(4);
    await expect(load({ train: 4 })).rejects.toThrow(/dataset\.train asks for 4 images, but .* holds 3/);
  });

  test('may have named classes', async () => {
    expect((await load({ names: ['a', 'b', 'c', 'd'] })).classes).toEqual(['a', 'b', 'c', 'd']);
    const few = load({ names: ['a', 'b', 'c'] });
    await expect(few).rejects.toThrow(ConfigError);
    await expect(few).rejects.toThrow('3 names for 4 classes');
  });

  test.each([
    [
      'cut short',
      'train-images-idx3-ubyte',
      idxFile([3, 2, 3], pixels(2)),
      /cut short: .* 34 bytes, it has 28/,
    ],
    ['too long', 'train-images-idx3-ubyte', idxFile([3, 2, 3], pixels(4)), /too long/],
    [
      'cut short when packed',
      't10k-images.idx3-ubyte.gz',
      gzipSync(idxFile([2, 2, 3], [1])),
      /after 1 of 12 bytes/,
    ],
    ['too long when packed', 't10k-labels.idx1-ubyte', gzipSync(idxFile([1], [1, 2])), /1 bytes more/],
    [
      'damaged when packed',
      't10k-labels.idx1-ubyte',
      gzipSync(idxFile([1], [1])).subarray(0, 20),
      /unpacked/,
    ],
    [
      'of more bytes than can be',
      't10k-images.idx3-ubyte.gz',
      gzipSync(idxFile([4e9, 9, 9], [1])),
      /cut short/,
    ],
    ['empty', 'train-labels-idx1-ubyte', new Uint8Array(0), /is empty/],
    ['nothing but a beginning', 'train-labels-idx1-ubyte', Uint8Array.of(0, 0, 8, 1, 0), /inside its header/],
    [
      'labels in place of images',
      'train-images-idx3-ubyte',
      idxFile([3], [1, 2, 3]),
      /0x00000801 instead of 0x00000803/,
    ],
    [
      'of other numbers than bytes',
      't10k-labels.idx1-ubyte',
      Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 0),
      /0x00000d01/,
    ],
    [
      'fewer labels than images',
      'train-labels-idx1-ubyte',
      idxFile([2], [0, 1]),
      /3 images, but .* 2 labels/,
    ],
    [
      'of another size',
      't10k-images.idx3-ubyte.gz',
      idxFile([1, 3, 2], pixels(1)),
      /2×3, the test images 3×2/,
    ],
  ])('are refused when %s', async (_case, name, bytes, message) => {
    await write(name, bytes);
    await expect(load()).rejects.toThrow(DataError);
    await expect(load()).rejects.toThrow(message);
  });

  test('are refused when one is missing', async () => {
    await rm(path.join(folder, 't10k-labels.idx1-ubyte'));
    await expect(load()).rejects.toThrow('no t10k-labels-idx1-ubyte');
  });
});

test('a set of several is chosen by the beginning of its names; labels from 1 become labels from 0', async () => {
  for (const [prefix, labels] of [
    ['emnist-letters', [1, 2]],
    ['emnist-digits', [0, 1]],
  ] as const)
    for (const part of ['train', 'test']) {
      await write(`${prefix}-${part}-images-idx3-ubyte.gz`, gzipSync(idxFile([2, 1, 1], [5, 6])));
      await write(`${prefix}-${part}-labels-idx1-ubyte.gz`, gzipSync(idxFile([2], labels)));
    }
  await expect(load()).rejects.toThrow('2 data sets: "emnist-digits", "emnist-letters"');
  await expect(load({ prefix: 'mnist' })).rejects.toThrow('dataset.prefix');
  const letters = await load({ prefix: 'emnist-letters' });
  expect(letters.classes).toEqual(['1', '2']);
  expect([...letters.train.labels]).toEqual([0, 1]);
  expect(letters.title).toMatch(/^emnist-letters/);
});

test('a folder without such files, and none, are refused', async () => {
  await expect(load()).rejects.toThrow(/no IDX files in/);
  await expect(load({ path: path.join(folder, 'nowhere') })).rejects.toThrow(/no such folder/);
  await expect(loadDataset({ kind: 'idx' })).rejects.toThrow(ConfigError);
});
