import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError, DataError } from '../contract/errors.ts';
import { cifar10Folder } from './fixtures.ts';
import { loadDataset } from './registry.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'swamp-cifar-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A record: plane c has at pixel i the byte base + 50 c + i modulo 256. */
function record(label: number, base = 0): Uint8Array {
  const bytes = new Uint8Array(3073);
  bytes[0] = label;
  for (let channel = 0; channel < 3; channel++)
    for (let i = 0; i < 1024; i++) bytes[1 + channel * 1024 + i] = base + 50 * channel + i;
  return bytes;
}

const write = (name: string, ...records: Uint8Array[]): Promise<void> =>
  writeFile(path.join(folder, name), Buffer.concat(records));
const load = (options: object = {}): ReturnType<typeof loadDataset> =>
  loadDataset({ kind: 'cifar10', path: folder, ...options });

describe('files of the binary version', () => {
  beforeEach(async () => {
    await write('data_batch_10.bin', record(3));
    await write('data_batch_2.bin', record(2, 7), record(9));
    await write('test_batch.bin', record(5, 100));
  });

  test('are read in the order of their numbers', async () => {
    const data = await load();
    expect([...data.train.labels]).toEqual([2, 9, 3]);
    expect([...data.test.labels]).toEqual([5]);
    expect(data.shape).toEqual([32, 32, 3]);
    expect(data.classes[3]).toBe('cat');
  });

  test('become pixels from planes', async () => {
    const { train, test: held } = await load();
    expect([...train.images.subarray(0, 6)]).toEqual([7, 57, 107, 8, 58, 108]);
    expect([...train.images.subarray(3 * 40, 3 * 41)]).toEqual([47, 97, 147]);
    expect([...held.images.subarray(0, 3)]).toEqual([100, 150, 200]);
  });

  test('at half size are means of 2×2 blocks, halves rounded up', async () => {
    const first = record(0);
    first.set([1, 2], 1);
    first.set([3, 4], 1 + 32); // 10 / 4 = 2.5
    await write('data_batch_1.bin', first);
    const { train, shape, title } = await load({ size: 16, train: 1 });
    expect(shape).toEqual([16, 16, 3]);
    expect(train.images).toHaveLength(768);
    // Green: 50, 51, 82, 83; red, next block: 2, 3, 34, 35.
    expect([...train.images.subarray(0, 4)]).toEqual([3, 67, 117, 19]);
    expect(title).toBe('CIFAR-10 (1 training images, 16×16)');
  });

  test('give the first images only, and later files are not read', async () => {
    await writeFile(path.join(folder, 'data_batch_11.bin'), 'damaged');
    expect([...(await load({ train: 3 })).train.labels]).toEqual([2, 9, 3]);
    await expect(load()).rejects.toThrow('data_batch_11.bin');
  });

  test('may name their classes', async () => {
    await writeFile(path.join(folder, 'batches.meta.txt'), 'a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n');
    expect((await load()).classes.join('')).toBe('abcdefghij');
  });

  test('have a digest of what is loaded, not of where it lies', async () => {
    const [all, one] = [await load(), await load({ train: 2 })];
    expect(one.digest).not.toBe(all.digest);
    expect((await load()).digest).toBe(all.digest);
  });

  test.each([
    [
      'truncated',
      () => write('data_batch_2.bin', record(1), record(2).subarray(0, 100)),
      /data_batch_2\.bin is truncated: .* 1 records of 3073 and 100 bytes/,
    ],
    ['empty', () => write('test_batch.bin'), /test_batch\.bin is empty/],
    [
      'mislabelled',
      () => write('data_batch_2.bin', record(1), record(10)),
      /data_batch_2\.bin, record 1: label 10/,
    ],
    ['without a test set', () => rm(path.join(folder, 'test_batch.bin')), /no test_batch\.bin/],
    [
      'with other classes',
      () => writeFile(path.join(folder, 'batches.meta.txt'), 'a\nb\n'),
      /names 2 classes/,
    ],
  ])('are refused when %s', async (_case, spoil, message) => {
    await spoil();
    await expect(load()).rejects.toThrow(DataError);
    await expect(load()).rejects.toThrow(message);
  });

  test('are refused when there are fewer images than asked for', async () => {
    await expect(load({ train: 4 })).rejects.toThrow(DataError);
    await expect(load({ train: 4 })).rejects.toThrow(
      /4 training images, but data_batch_2\.bin, data_batch_10\.bin hold 3/,
    );
  });
});

test('a folder that is missing, is a file or holds nothing is refused', async () => {
  await expect(load({ path: path.join(folder, 'nowhere') })).rejects.toThrow(
    /nowhere: there is no such folder/,
  );
  await writeFile(path.join(folder, 'file'), '');
  await expect(load({ path: path.join(folder, 'file') })).rejects.toThrow(/not a folder/);
  await mkdir(path.join(folder, 'empty'));
  await expect(load({ path: path.join(folder, 'empty') })).rejects.toThrow(/no data_batch_\*\.bin in/);
});

test('without a folder the way to give one is named', async () => {
  const act = loadDataset({ kind: 'cifar10' });
  await expect(act).rejects.toThrow(ConfigError);
  await expect(act).rejects.toThrow(
    expect.objectContaining({ hint: expect.stringContaining('--set dataset.path=DIR') as string }) as Error,
  );
});

const real = cifar10Folder();
test.skipIf(real === null)(
  'CIFAR-10 itself (skipped without SWAMP_TEST_DATA/cifar-10-batches-bin)',
  async () => {
    const data = await loadDataset({ kind: 'cifar10', path: real ?? '', train: 10_000, size: 16 });
    expect([data.train.count, data.test.count]).toEqual([10_000, 10_000]);
    expect(data.classes).toContain('frog');
    for (const [channel, mean] of [0.491, 0.482, 0.447].entries())
      expect(data.normalisation.mean[channel]).toBeCloseTo(mean, 1);
  },
);
