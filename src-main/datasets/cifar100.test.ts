import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigError, DataError } from '../contract/errors.ts';
import { loadDataset } from './registry.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'swamp-cifar100-'));
  await write('train.bin', record(19, 99), record(0, 7, 5));
  await write('test.bin', record(4, 30, 100));
});
afterEach(() => rm(folder, { recursive: true }));

/** Coarse label, fine label; plane c has at pixel i the byte base + 50 c + i modulo 256. */
function record(coarse: number, fine: number, base = 0): Uint8Array {
  const bytes = new Uint8Array(3074);
  bytes.set([coarse, fine]);
  for (let channel = 0; channel < 3; channel++)
    for (let i = 0; i < 1024; i++) bytes[2 + channel * 1024 + i] = base + 50 * channel + i;
  return bytes;
}

const write = (name: string, ...records: Uint8Array[]): Promise<void> =>
  writeFile(path.join(folder, name), Buffer.concat(records));
const load = (options: object = {}): ReturnType<typeof loadDataset> =>
  loadDataset({ kind: 'cifar100', path: folder, ...options });

test('fine labels and pixels are read from records with two labels', async () => {
  const data = await load();
  expect([...data.train.labels]).toEqual([99, 7]);
  expect([...data.test.labels]).toEqual([30]);
  expect(data.classes).toHaveLength(100);
  expect([...data.train.images.subarray(3072, 3078)]).toEqual([5, 55, 105, 6, 56, 106]);
  expect(data.title).toBe('CIFAR-100 (2 training images, 32×32)');
});

test('coarse labels, half size and a part of the training set', async () => {
  const data = await load({ labels: 'coarse', size: 16, train: 1 });
  expect([...data.train.labels]).toEqual([19]);
  expect(data.classes).toHaveLength(20);
  expect(data.shape).toEqual([16, 16, 3]);
  // Mean of 0, 1, 32, 33, and 50 more in green.
  expect([...data.train.images.subarray(0, 2)]).toEqual([17, 67]);
  expect(data.digest).not.toBe((await load({ size: 16, train: 1 })).digest);
});

test('names of the classes come from the files beside, where there are any', async () => {
  await writeFile(
    path.join(folder, 'coarse_label_names.txt'),
    Array.from({ length: 20 }, (_, i) => `group ${i}\n`).join(''),
  );
  expect((await load({ labels: 'coarse' })).classes[3]).toBe('group 3');
  expect((await load()).classes[3]).toBe('class 3');
  await writeFile(path.join(folder, 'fine_label_names.txt'), 'apple\n');
  await expect(load()).rejects.toThrow('names 1 classes instead of 100');
});

test.each([
  ['records of CIFAR-10', () => write('train.bin', record(1, 1).subarray(1)), /train\.bin is truncated/],
  ['a fine label above 99', () => write('test.bin', record(1, 100)), /record 0: label 100 .*0 … 99/],
  ['a coarse label above 19', () => write('train.bin', record(0, 0), record(20, 1)), /record 1: label 20/],
  ['no test set', () => rm(path.join(folder, 'test.bin')), /no test\.bin/],
])('%s are refused', async (_case, spoil, message) => {
  await spoil();
  await expect(load()).rejects.toThrow(DataError);
  await expect(load()).rejects.toThrow(message);
});

test('more images than there are, and no folder, are refused', async () => {
  await expect(load({ train: 3 })).rejects.toThrow('asks for 3 training images, but train.bin hold 2');
  await expect(loadDataset({ kind: 'cifar100' })).rejects.toThrow(ConfigError);
});
