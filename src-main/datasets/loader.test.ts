import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { ConfigError } from '../contract/errors.ts';
import { openLoader, PlainLoader, ThreadLoader, type BatchLoader, type LoaderOptions } from './loader.ts';

const images = new Uint8Array(new SharedArrayBuffer(200 * 48));
for (let i = 0; i < images.length; i++) images[i] = (i * 31 + (i >> 6)) % 256;
const options = (changes: Partial<LoaderOptions> = {}): LoaderOptions => ({
  source: {
    images,
    labels: Uint8Array.from({ length: 200 }, (_, i) => i % 10),
    shape: [4, 4, 3],
    background: [1, 2, 3],
  },
  order: {
    phase: 'round',
    seed: 1,
    member: 0,
    round: 2,
    particle: 3,
    indices: Int32Array.from({ length: 150 }, (_, i) => i),
    batch: 16,
    augment: { flip: true, crop: 2 },
  },
  start: 0,
  end: 40,
  ...changes,
});

const opened: BatchLoader[] = [];
const open = <Loader extends BatchLoader>(loader: Loader): Loader => {
  opened.push(loader);
  return loader;
};
afterEach(() => {
  for (const loader of opened.splice(0)) loader.close();
});

const read = (loader: BatchLoader, count: number): string[] =>
  Array.from({ length: count }, () => {
    const batch = loader.next();
    return `${Buffer.from(batch.images).toString('base64')} ${batch.labels.join()}`;
  });

describe('loading in a thread', () => {
  test('gives the bytes that loading in place gives, over epochs, to the end', () => {
    expect(read(open(new ThreadLoader(options())), 40)).toEqual(read(open(new PlainLoader(options())), 40));
  });

  test('goes on from any iteration', () => {
    const all = read(open(new PlainLoader(options())), 40);
    expect(read(open(new ThreadLoader(options({ start: 13 }))), 27)).toEqual(all.slice(13));
    expect(read(open(new PlainLoader(options({ start: 13 }))), 27)).toEqual(all.slice(13));
  });

  test('leaves a batch alone until the next is asked for', async () => {
    const loader = open(new ThreadLoader(options()));
    const { images: taken } = loader.next();
    const before = Buffer.from(taken).toString('base64');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(Buffer.from(taken).toString('base64')).toBe(before);
  });

  test('ends with the training, and when closed', () => {
    const loader = open(new ThreadLoader(options({ end: 2 })));
    read(loader, 2);
    expect(() => loader.next()).toThrow('there is no batch 2');
    const closed = open(new ThreadLoader(options()));
    closed.close();
    expect(() => closed.next()).toThrow('closed');
  });

  test('refuses wrong options where they are given', () => {
    const { order } = options();
    expect(() => new ThreadLoader(options({ order: { ...order, batch: 151 } }))).toThrow(ConfigError);
  });

  test('does not keep the process alive, and costs nothing while it waits', async () => {
    const script = `
      const { ThreadLoader } = await import(${JSON.stringify(new URL('./loader.ts', import.meta.url).href)});
      const images = new Uint8Array(new SharedArrayBuffer(200 * 48));
      const order = { phase: 'round', seed: 1, member: 0, round: 0, particle: 0, batch: 16,
        indices: Int32Array.from({ length: 150 }, (_, i) => i), augment: { flip: true, crop: 2 } };
      const source = { images, labels: new Uint8Array(200), shape: [4, 4, 3], background: [1, 2, 3] };
      const loader = new ThreadLoader({ source, order, start: 0, end: 1e9 });
      for (let i = 0; i < 20; i++) loader.next();
      await new Promise((resolve) => setTimeout(resolve, 200));
      const before = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const { user, system } = process.cpuUsage(before);
      console.log((user + system) / 1000);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      timeout: 30_000,
    });
    expect(Number(stdout)).toBeLessThan(100); // milliseconds of processor time in a second
  });
});

describe('choice of loader', () => {
  test('a thread only where there is something to do and memory is shared', () => {
    const { order, source } = options();
    expect(open(openLoader(options()))).toBeInstanceOf(ThreadLoader);
    const plain = { ...order, augment: { flip: false, crop: 0 } };
    expect(open(openLoader(options({ order: plain })))).toBeInstanceOf(PlainLoader);
    const own = { ...source, images: new Uint8Array(images) };
    expect(open(openLoader(options({ source: own })))).toBeInstanceOf(PlainLoader);
  });
});
