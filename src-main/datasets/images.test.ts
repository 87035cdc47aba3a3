import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { zipSync } from 'fflate';
import sharp, { type Sharp } from 'sharp';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ConfigError, DataError } from '../contract/errors.ts';
import type { Dataset } from './dataset.ts';
import { loadDataset } from './registry.ts';

let folder: string;
let root: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'swamp-images-'));
  root = path.join(folder, 'pets');
  vi.stubEnv('SWAMP_DATA_CACHE', path.join(folder, 'cache'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** A PNG of one colour. */
const png = (colour: readonly [number, number, number], width = 4, height = width): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: { r: colour[0], g: colour[1], b: colour[2] } } })
    .png()
    .toBuffer();
/** Writes files, by path inside the folder. */
async function put(files: Readonly<Record<string, Uint8Array | string>>): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    const file = path.join(root, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
}
const load = (options: object = {}): Promise<Dataset> =>
  loadDataset({ kind: 'images', path: root, ...options });
/** First bytes of each image, by label. */
const colours = ({ shape, train, test: held }: Dataset, set: 'train' | 'test' = 'train'): string[] => {
  const { images, labels } = set === 'train' ? train : held;
  const size = shape[0] * shape[1] * shape[2];
  return Array.from(
    labels,
    (label, i) => `${label}: ${[...images.subarray(i * size, i * size + shape[2])].join()}`,
  );
};
/** Two classes in train/ and test/. */
const small = async (): Promise<Record<string, Buffer>> => ({
  'train/cat/a.png': await png([1, 2, 3]),
  'train/cat/b.png': await png([4, 5, 6]),
  'train/dog/a.png': await png([7, 8, 9]),
  'test/cat/c.png': await png([10, 11, 12]),
  'test/dog/d.png': await png([13, 14, 15]),
});

describe('folders', () => {
  test('of sets and classes give labels by name, classes spread evenly', async () => {
    await put(await small());
    const data = await load();
    expect(data.classes).toEqual(['cat', 'dog']);
    expect(data.shape).toEqual([4, 4, 3]);
    expect(colours(data)).toEqual(['0: 1,2,3', '1: 7,8,9', '0: 4,5,6']);
    expect(colours(data, 'test')).toEqual(['0: 10,11,12', '1: 13,14,15']);
    expect(data.title).toBe('Images in pets (3 training images, 4×4)');
    expect(data.division).toBe('test/');
  });

  test('around all, names with spaces and other scripts, and images deeper in a class are fine', async () => {
    await put({
      'inner/Train/schöne Äpfel/x/1.PNG': await png([1, 1, 1]),
      'inner/Train/猫/2.png': await png([2, 2, 2]),
      // The same name, its letters composed otherwise, as macOS writes it.
      [`inner/val/${'schöne Äpfel'.normalize('NFD')}/3.png`]: await png([3, 3, 3]),
    });
    const data = await load();
    expect(data.classes).toEqual(['schöne Äpfel', '猫']);
    expect(colours(data)).toEqual(['0: 1,1,1', '1: 2,2,2']);
    expect(colours(data, 'test')).toEqual(['0: 3,3,3']);
    expect(data.division).toBe('val/');
  });

  test('ignore what is hidden, and count what is no image or in no class', async () => {
    await put({
      ...(await small()),
      'notes.txt': 'x',
      'train/cat/more.txt': 'x',
      'train/cat/.hidden.png': 'x',
      'train/loose.png': 'x',
      '__MACOSX/train/cat/._a.png': 'x',
      'extra/cat/e.png': 'x',
    });
    const data = await load();
    expect(data.train.count).toBe(3);
    expect(data.files?.ignored).toEqual([
      { what: '.txt files', count: 2 },
      { what: 'images in extra/, beside train/ and test/', count: 1 },
      { what: 'images outside class folders', count: 1 },
    ]);
  });

  test('a class may be called train', async () => {
    await put({
      'train/a.png': await png([1, 1, 1]),
      'car/a.png': await png([2, 2, 2]),
      'car/b.png': await png([3, 3, 3]),
    });
    expect((await load({ test: 0.34 })).classes).toEqual(['car', 'train']);
  });

  test.each([
    ['no folder', {}, /pets: there is no such folder or file/],
    ['no image', { 'cat/notes.txt': 'x' }, /no JPEG, PNG, WebP or GIF images in pets/],
    ['images without folders', { 'cat1.png': 'x', 'dog1.png': 'x' }, /do not lie in folders of classes/],
    ['one class', { 'cat/1.png': 'x', 'cat/2.png': 'x' }, /only the class "cat"/],
    [
      'a class of test images only',
      { 'train/a/1.png': 'x', 'train/b/1.png': 'x', 'test/c/1.png': 'x' },
      /"c" is in test\/ but not in train\//,
    ],
    [
      'no train/',
      { 'test/a/1.png': 'x', 'test/b/1.png': 'x', 'README.md': '', 'notes.png': 'x' },
      /has test\/ but no train\//,
    ],
    [
      '257 classes',
      Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`c${i}/1.png`, 'x'])),
      /257 classes are more than the 256/,
    ],
  ])('%s is refused', async (_case, files, message) => {
    await put(files);
    await expect(load({ size: 4 })).rejects.toThrow(DataError);
    await expect(load({ size: 4 })).rejects.toThrow(message);
  });

  test('an empty class folder is refused', async () => {
    await put(await small());
    await mkdir(path.join(root, 'train', 'bird'));
    await expect(load()).rejects.toThrow('the class folder "bird" holds no image');
  });

  test('without a path the way to give one is named', async () => {
    await expect(loadDataset({ kind: 'images' })).rejects.toThrow(ConfigError);
  });
});

describe('a test set that is drawn', () => {
  const many = async (): Promise<Record<string, Buffer>> => {
    const files: Record<string, Buffer> = {};
    for (let i = 0; i < 10; i++) files[`a/${i}.png`] = await png([i, 0, 0]);
    for (let i = 0; i < 20; i++) files[`b/${i}.png`] = await png([i, 1, 0], 4);
    return files;
  };

  test('takes its share of each class, and no image twice', async () => {
    await put(await many());
    const data = await load({ test: 0.3 });
    expect([...data.test.labels].filter((label) => label === 0)).toHaveLength(3);
    expect([...data.test.labels].filter((label) => label === 1)).toHaveLength(6);
    expect(new Set([...colours(data), ...colours(data, 'test')]).size).toBe(30);
    expect(data.title).toBe('Images in pets (21 training images, 4×4; test set: 30 % of 30 images)');
  });

  test('is the same at another size and under other names', async () => {
    await put(await many());
    const drawn = colours(await load(), 'test').sort();
    expect(colours(await load({ size: 2 }), 'test').sort()).toEqual(drawn);
    await rename(path.join(root, 'a', '0.png'), path.join(root, 'a', 'z.png'));
    expect(colours(await load(), 'test').sort()).toEqual(drawn);
  });

  test('may not take all of a class', async () => {
    await put({ 'a/1.png': await png([1, 1, 1]), 'b/1.png': await png([2, 2, 2]) });
    await expect(load({ test: 0.9 })).rejects.toThrow(/no training image is left of "a", "b"/);
  });
});

describe('decoding', () => {
  /** Loads one image as the only one of its class. */
  const only = async (bytes: Buffer, name: string, options: object = {}): Promise<number[]> => {
    const other = await png([0, 0, 0], 2);
    await rm(path.join(root, 'train/a'), { recursive: true, force: true });
    await put({ [`train/a/${name}`]: bytes, 'train/b/o.png': other, 'test/b/o.png': other });
    const { train, shape } = await load({ size: 2, ...options });
    return [...train.images.subarray(0, shape[0] * shape[1] * shape[2])];
  };
  /** 4×2 pixels: left half red, right half blue. */
  const halves = (): Sharp =>
    sharp(Buffer.from([0, 1].flatMap(() => [255, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 255])), {
      raw: { width: 4, height: 2, channels: 3 },
    });

  test('stretches, cuts or adds bars', async () => {
    const bytes = await halves().png().toBuffer();
    const [red, blue] = [
      [255, 0, 0],
      [0, 0, 255],
    ];
    // The outer columns: between them colours blend.
    const stretched = await only(bytes, 'x.png', { fit: 'fill', size: 4 });
    for (const row of [0, 12, 24, 36])
      expect([stretched.slice(row, row + 3), stretched.slice(row + 9, row + 12)]).toEqual([red, blue]);
    expect(await only(bytes, 'x.png', { fit: 'contain', size: 4 })).toEqual(
      [0, 1, 2, 3].flatMap((y) =>
        [0, 1, 2, 3].flatMap((x) => (y % 3 === 0 ? [128, 128, 128] : x < 2 ? red : blue)),
      ),
    );
    expect(await only(bytes, 'x.png', { fit: 'cover', size: 2 })).toEqual(
      [0, 1].flatMap(() => [...(red ?? []), ...(blue ?? [])]),
    );
  });

  test('turns as EXIF says, lays transparency over white and takes the first frame', async () => {
    // Orientation 6: to be turned clockwise, so that the left half comes on top.
    const turned = await halves().withMetadata({ orientation: 6 }).png().toBuffer();
    expect(await only(turned, 'x.png', { size: [4, 2] })).toEqual(
      [0, 1, 2, 3].flatMap((y) => [0, 1].flatMap(() => (y < 2 ? [255, 0, 0] : [0, 0, 255]))),
    );
    const clear = sharp({
      create: { width: 2, height: 2, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    });
    expect(await only(await clear.png().toBuffer(), 'x.png')).toEqual(new Array<number>(12).fill(255));
    const frames = sharp(
      Buffer.from([...new Array<number>(12).fill(255), ...new Array<number>(12).fill(0)]),
      {
        raw: { width: 2, height: 4, channels: 3, pageHeight: 2 },
      },
    );
    expect(await only(await frames.gif().toBuffer(), 'x.gif')).toEqual(new Array<number>(12).fill(255));
  });

  test('reads grey, 16 bits and palettes, by content whatever the name', async () => {
    const grey = sharp(Buffer.from([10, 20, 30, 40]), { raw: { width: 2, height: 2, channels: 1 } });
    expect(await only(await grey.png().toBuffer(), 'x.jpg')).toEqual([
      10, 10, 10, 20, 20, 20, 30, 30, 30, 40, 40, 40,
    ]);
    expect(await only(await grey.png().toBuffer(), 'x.png', { channels: 1 })).toEqual([10, 20, 30, 40]);
    const deep = await grey.toColourspace('grey16').png().toBuffer();
    expect((await sharp(deep).metadata()).depth).toBe('ushort');
    expect(await only(deep, 'x.png', { channels: 1 })).toEqual([10, 20, 30, 40]);
    const wide = [0, 1].flatMap(() => [255, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 255]);
    const palette = await sharp(await png([1, 99, 3]))
      .png({ palette: true })
      .toBuffer();
    expect(palette[25]).toBe(3); // the colour type in IHDR
    expect((await only(palette, 'x.png')).slice(0, 3)).toEqual([1, 99, 3]);
    const webp = await halves().webp({ lossless: true }).toBuffer();
    expect(await only(webp, 'x.webp', { size: [2, 4] })).toEqual(wide);
  });

  test('images of several sizes need one to be given', async () => {
    await put({ ...(await small()), 'train/dog/large.png': await png([1, 1, 1], 5, 3) });
    await expect(load()).rejects.toThrow('train/cat/a.png is 4×4, train/dog/large.png is 3×5');
    expect((await load({ size: [3, 2] })).shape).toEqual([3, 2, 3]);
  });

  test('more than the memory holds is refused before it is taken', async () => {
    await put(Object.fromEntries(Array.from({ length: 4000 }, (_, i) => [`${i % 2}/${i}.png`, 'x'])));
    await expect(load({ size: 4096 })).rejects.toThrow(/GiB of memory; this machine has/);
  });
});

describe('broken files', () => {
  const spoilt = async (): Promise<void> => {
    const whole = await png([9, 9, 9], 32);
    const noise = sharp({
      create: {
        width: 64,
        height: 64,
        channels: 3,
        background: 'red',
        noise: { type: 'gaussian', mean: 100, sigma: 40 },
      },
    });
    const jpeg = await noise.jpeg().toBuffer();
    await put({
      ...(await small()),
      'train/cat/broken.png': whole.subarray(0, whole.length - 20),
      'train/cat/cut.jpg': jpeg.subarray(0, jpeg.length >> 1),
      'train/dog/empty.png': '',
      'train/dog/page.png': '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>',
      ...Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`train/dog/text${i}.png`, 'not an image'])),
    });
  };

  test('are refused, named and counted, and the hint says how to go on without', async () => {
    await spoilt();
    const error = await load({ size: 4 }).catch((reason: unknown) => reason as DataError);
    if (!(error instanceof DataError)) throw new Error('it was loaded');
    const lines = error.message.split('\n');
    expect(lines[0]).toBe('13 of 18 images in pets cannot be read:');
    expect(lines.slice(1, 5).join('\n')).toMatch(
      /cat\/broken\.png: it is damaged or cut short\n.*cat\/cut\.jpg: it is damaged or cut short\n.*dog\/empty\.png: it is empty\n.*dog\/page\.png: it is no JPEG, PNG, WebP or GIF inside/,
    );
    expect(lines).toHaveLength(12);
    expect(lines[11]).toBe('  and 3 more');
    expect(error.hint).toContain('--set dataset.broken=skip');
  });

  test('are left out on request, and told', async () => {
    await put(await small());
    const clean = await load({ size: 4 });
    await spoilt();
    for (const cached of [false, true]) {
      const data = await load({ size: 4, broken: 'skip' });
      expect(data.digest).toBe(clean.digest);
      expect(data.files?.broken).toHaveLength(13);
      expect(data.files?.cached).toBe(cached);
      expect(data.title).toContain('13 broken files left out');
    }
    // Refused all the same, and without decoding them again.
    await expect(load({ size: 4 })).rejects.toThrow('13 of 18 images in pets cannot be read');
  });

  test('may not be all of a class', async () => {
    await put({ ...(await small()), 'train/dog/a.png': 'x' });
    await expect(load({ broken: 'skip' })).rejects.toThrow('no training image is left of "dog"');
  });
});

describe('a zip archive', () => {
  const pack = async (files: Readonly<Record<string, Uint8Array>>): Promise<void> => {
    root = path.join(folder, 'pets.zip');
    await writeFile(root, zipSync(files));
  };

  test('gives what the folder gives', async () => {
    const files = await small();
    await put(files);
    const { digest } = await load();
    await pack({ ...files, '__MACOSX/train/cat/._a.png': Buffer.from('x') });
    const data = await load();
    expect(data.digest).toBe(digest);
    expect(data.files?.ignored).toEqual([]);
  });

  test('is refused where it is none or points outside, and names members that are damaged', async () => {
    root = path.join(folder, 'pets.zip');
    await writeFile(root, 'no zip');
    await expect(load()).rejects.toThrow(/dataset\.path .*pets\.zip: not a zip archive/);
    await pack({ '../cat/1.png': Buffer.from('x') });
    await expect(load()).rejects.toThrow(/points outside the archive/);
    const bytes = Buffer.from(zipSync(await small(), { level: 0 }));
    const at = bytes.indexOf('IHDR');
    bytes[at] = 0;
    await writeFile(root, bytes);
    await expect(load()).rejects.toThrow('train/cat/a.png: it is damaged');
  });
});

describe('decoded pixels', () => {
  const stored = (): Promise<string[]> => readdir(path.join(folder, 'cache'));

  test('are kept, and not decoded again', async () => {
    await put(await small());
    const progress = vi.fn();
    const first = await loadDataset({ kind: 'images', path: root }, { onProgress: progress });
    expect(first.files?.cached).toBe(false);
    expect(progress).toHaveBeenCalled();
    const again = await load();
    expect(again.files?.cached).toBe(true);
    expect({ ...again, files: null }).toEqual({ ...first, files: null });
    expect(await stored()).toHaveLength(1);
  });

  test('are decoded again after a change that leaves size and time as they were', async () => {
    await put(await small());
    const before = await load();
    const file = path.join(root, 'train/cat/a.png');
    await writeFile(file, await png([200, 100, 50]));
    await utimes(file, 1, 1);
    const changed = await load();
    expect(changed.files?.cached).toBe(false);
    expect(changed.digest).not.toBe(before.digest);
  });

  test('that were damaged are noticed and replaced', async () => {
    await put(await small());
    const { digest } = await load();
    const [name = ''] = await stored();
    const file = path.join(folder, 'cache', name);
    for (const spoil of ['x', 'swampim1\u0002\u0000\u0000\u0000{}']) {
      await writeFile(file, spoil);
      expect(await load()).toMatchObject({ digest, files: { cached: false } });
      expect((await load()).files?.cached).toBe(true);
    }
    // One bit of the last label but four.
    const bytes = await readFile(file);
    bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1;
    await writeFile(file, bytes);
    expect(await load()).toMatchObject({ digest, files: { cached: false } });
  });

  test('need no folder that can be written', async () => {
    await put(await small());
    await writeFile(path.join(folder, 'cache'), 'a file');
    const { digest } = await load();
    expect(await load()).toMatchObject({ digest, files: { cached: false } });
  });
});
