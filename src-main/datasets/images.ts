import { createHash } from 'node:crypto';
import { availableParallelism, totalmem } from 'node:os';
import { z } from 'zod';
import { ZipError } from '../archive/zip.ts';
import { ConfigError, DataError } from '../contract/errors.ts';
import { assemble, checkClasses, sharedBytes } from './assemble.ts';
import type { Dataset, DatasetDefinition, FileReport, LoadWatch } from './dataset.ts';
import { arrange, type Arrangement } from './image-files/arrange.ts';
import { dropCached, readCached, writeCached, type CachedImages } from './image-files/cache.ts';
import { decoderVersion, openDecoder, type Decoded, type DecodeOptions } from './image-files/decoder.ts';
import { permute } from './image-files/permute.ts';
import { openSource, type Source, type SourceFile } from './image-files/source.ts';
import { largestRemainder, spread } from './split.ts';

const side = z.number().int().positive().max(4096);

const Images = z.strictObject({
  kind: z.literal('images'),
  /** Folder or zip archive with a folder of images for each class. */
  path: z.string().min(1).optional(),
  /** [height, width], or one number for both; left out: the images' own, which must then be the same. */
  size: z.union([side, z.tuple([side, side])]).optional(),
  /** Where the shape is another: cut what sticks out, add bars, or stretch. */
  fit: z.enum(['cover', 'contain', 'fill']).default('cover'),
  /** 3: colour; 1: grey. */
  channels: z.union([z.literal(3), z.literal(1)]).default(3),
  /** Share of the images of each class that is the test set, where no folder is. */
  test: z.number().gt(0).lt(1).default(0.2),
  /** What becomes of a set with images that cannot be read. */
  broken: z.enum(['refuse', 'skip']).default('refuse'),
});
type Options = z.infer<typeof Images>;

const GET_IT =
  'Point --set dataset.path=DIR at a folder (or a zip) that holds a folder of images for each class: DIR/cat/1.jpg, or DIR/train/cat/1.jpg and DIR/test/cat/2.jpg.';

/** Share of the machine's memory that decoded images may take. */
const MEMORY_SHARE = 0.6;
/** Least time between two reports of progress. */
const REPORT_MS = 100;
/** Broken files named in a refusal. */
const NAMED = 10;

/**
 * Images of one's own: a folder a class. Pixels depend on the decoder's version (sharp, pinned); the digest is that
 * of the pixels, so another decoder that gives others is noticed.
 */
export const images: DatasetDefinition<Options> = {
  kind: 'images',
  title: 'Images of your own: a folder or zip with a folder for each class',
  schema: Images,
  location: ['path'],
  sized: ([height, width, channels]) => ({
    size: [height, width],
    ...(channels === 1 || channels === 3 ? { channels } : {}),
  }),
  async load(options, watch) {
    if (options.path === undefined)
      throw new ConfigError('dataset.path: no folder of images is given', GET_IT);
    const source = await openSource(options.path, GET_IT);
    try {
      return await loadFrom(source, watch.tellBroken ? { ...options, broken: 'skip' } : options, watch);
    } finally {
      await source.close();
    }
  },
};

async function loadFrom(source: Source, options: Options, watch: LoadWatch): Promise<Dataset> {
  const arrangement = arrange(source, GET_IT);
  checkClasses(source.name, arrangement.classes);
  const key = keyOf(source, options);
  const stored = await readCached(key);
  if (stored) {
    const dataset = datasetOf(source, options, arrangement, stored, true);
    if (dataset.digest === stored.digest) {
      const { broken, counts } = stored;
      if (broken.length > 0 && options.broken === 'refuse')
        throw refusal(source.name, broken, counts[0] + counts[1] + broken.length);
      return dataset;
    }
    await dropCached(key);
  }
  const decoded = await decodeAll(source, options, arrangement, watch);
  const dataset = datasetOf(source, options, arrangement, { ...decoded, digest: '' }, false);
  await writeCached(key, { ...decoded, digest: dataset.digest });
  return dataset;
}

/** All that decides the pixels: files, options, decoder. A set with broken files is only stored without them. */
function keyOf({ files }: Source, { path: _path, broken: _broken, ...options }: Options): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([1, decoderVersion(), options]));
  for (const { name, bytes, stamp } of files) hash.update(JSON.stringify([name, bytes, stamp]));
  return hash.digest('hex');
}

function datasetOf(
  { name }: Source,
  options: Options,
  { classes, test, testFolder, ignored }: Arrangement,
  { shape, counts, images: pixels, labels, broken }: CachedImages,
  cached: boolean,
): Dataset {
  const [training, testing] = counts;
  const at = training * shape[0] * shape[1] * shape[2];
  const drawn = `${Number((100 * options.test).toFixed(1))} % of ${(training + testing).toLocaleString('en')} images`;
  const notes = [
    ...(test ? [] : [`test set: ${drawn}`]),
    ...(broken.length > 0 ? [`${broken.length} broken files left out`] : []),
  ].map((note) => `; ${note}`);
  const files: FileReport = { ignored, broken, cached };
  return assemble({
    title: `Images in ${name} (${training.toLocaleString('en')} training images, ${shape[0]}×${shape[1]}${notes.join('')})`,
    division: test
      ? `${testFolder}/`
      : `drawn: ${drawn}, of each class in proportion, by a digest of the files`,
    shape,
    classes,
    train: { count: training, images: pixels.subarray(0, at), labels: labels.subarray(0, training) },
    test: { count: testing, images: pixels.subarray(at), labels: labels.subarray(training) },
    files,
  });
}

/** A file on its way into the data set. */
interface Item {
  readonly file: SourceFile;
  readonly label: number;
  readonly test: boolean;
  /** Digest of the file; `null` while it is not read, or where it is broken. */
  digest: string | null;
}

/** Reads and decodes every file, several at a time. @throws DataError where some are broken and that is refused. */
async function decodeAll(
  source: Source,
  options: Options,
  arrangement: Arrangement,
  watch: LoadWatch,
): Promise<Omit<CachedImages, 'digest'>> {
  const itemsOf = (lists: Arrangement['train'], test: boolean): Item[] =>
    lists.flatMap((list, label) => list.map((file) => ({ file, label, test, digest: null })));
  const items = [...itemsOf(arrangement.train, false), ...itemsOf(arrangement.test ?? [], true)];
  const { size, fit, channels } = options;
  const wanted: DecodeOptions = {
    size: size === undefined ? null : typeof size === 'number' ? [size, size] : size,
    fit,
    channels,
  };
  const decode = await openDecoder(wanted);
  const first = wanted.size ? null : await firstOf(source, items, decode);
  const [height, width] = wanted.size ?? [first?.image.height ?? 1, first?.image.width ?? 1];
  const bytes = height * width * channels;
  checkMemory(items.length, bytes);
  const pixels = sharedBytes(items.length * bytes);
  const reasons = new Map<Item, string>();
  let next = 0;
  let done = 0;
  let reported = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) {
      watch.signal?.throwIfAborted();
      const item = items[at] as Item;
      try {
        const content = await source.read(item.file);
        const image = await decode(content);
        if (first && (image.height !== height || image.width !== width))
          throw differentSizes(first, { name: item.file.name, image });
        pixels.set(image.pixels, at * bytes);
        item.digest = createHash('sha256').update(content).digest('hex');
      } catch (error) {
        if (error instanceof DataError) {
          next = items.length;
          throw error;
        }
        reasons.set(item, reasonOf(error));
      }
      done++;
      const now = performance.now();
      if (now - reported < REPORT_MS) continue;
      reported = now;
      watch.onProgress?.({ message: `Decoding the images in ${source.name}`, share: done / items.length });
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() + 2 }, work));
  const broken = items
    .filter((item) => reasons.has(item))
    .map((item) => ({ file: item.file.name, reason: reasons.get(item) ?? '' }));
  if (broken.length > 0 && (options.broken === 'refuse' || broken.length === items.length))
    throw refusal(source.name, broken, items.length);
  return {
    shape: [height, width, channels],
    broken,
    ...order(items, { pixels, bytes }, arrangement, options),
  };
}

interface Named {
  readonly name: string;
  readonly image: Decoded;
}

/** The first file that is an image: all others must have its size. */
async function firstOf(
  source: Source,
  items: readonly Item[],
  decode: (file: Buffer) => Promise<Decoded>,
): Promise<Named | null> {
  for (const { file } of items) {
    try {
      return { name: file.name, image: await decode(await source.read(file)) };
    } catch {
      // Told with the other broken files.
    }
  }
  return null;
}

function differentSizes(a: Named, b: Named): DataError {
  const text = ({ name, image: { height, width } }: Named): string => `${name} is ${height}×${width}`;
  return new DataError(
    `the images differ in size (height × width): ${text(a)}, ${text(b)}`,
    'Give the size that all are brought to, for example --set dataset.size=32 or --set dataset.size=[48,64].',
  );
}

function checkMemory(count: number, bytes: number): void {
  const needed = count * bytes;
  if (needed <= MEMORY_SHARE * totalmem()) return;
  const giga = (value: number): string => (value / 2 ** 30).toFixed(1);
  throw new DataError(
    `dataset.size: ${count.toLocaleString('en')} images of ${bytes.toLocaleString('en')} bytes take ${giga(needed)} GiB of memory; this machine has ${giga(totalmem())}`,
    'Choose a smaller dataset.size, dataset.channels=1, or fewer images.',
  );
}

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return `it cannot be read (${code})`;
  // An archive's own message names the file once more.
  return error instanceof ZipError ? `it ${error.problem}` : (error as Error).message;
}

function refusal(name: string, broken: FileReport['broken'], of: number): DataError {
  const lines = broken.slice(0, NAMED).map(({ file, reason }) => `  ${file}: ${reason}`);
  const more = broken.length > NAMED ? [`  and ${broken.length - NAMED} more`] : [];
  const count = broken.length === 1 ? '1 of' : `${broken.length.toLocaleString('en')} of`;
  return new DataError(
    [`${count} ${of.toLocaleString('en')} images in ${name} cannot be read:`, ...lines, ...more].join('\n'),
    broken.length === of
      ? GET_IT
      : 'Replace or remove them, or leave them out with --set dataset.broken=skip.',
  );
}

/**
 * Brings the decoded images into the order of the data set: training images, then test images, classes spread
 * evenly in each. A test set that is drawn takes the files with the smallest digests of each class: another size
 * draws the same, one file more changes little, and copies of a file stay together.
 */
function order(
  items: readonly Item[],
  { pixels, bytes }: { readonly pixels: Uint8Array; readonly bytes: number },
  { classes, test }: Arrangement,
  options: Options,
): Pick<CachedImages, 'counts' | 'images' | 'labels'> {
  const slots = (isTest: boolean): number[][] => {
    const lists = classes.map((): number[] => []);
    for (const [slot, item] of items.entries())
      if (item.digest !== null && item.test === isTest) lists[item.label]?.push(slot);
    return lists;
  };
  const [train, held] = test ? [slots(false), slots(true)] : draw(items, slots(false), options.test);
  const bare = classes.filter((_, label) => train[label]?.length === 0);
  if (bare.length > 0)
    throw new DataError(
      `no training image is left of ${bare.map((name) => JSON.stringify(name)).join(', ')}`,
      test
        ? 'Mend its broken images, or remove the class.'
        : 'Add images, or set dataset.test to a smaller share.',
    );
  const placed = [train, held].map((lists) =>
    spread(lists.map(({ length }) => length)).map(({ label, index }) => ({
      label,
      slot: lists[label]?.[index] as number,
    })),
  );
  const kept = placed.flat();
  const labels = sharedBytes(kept.length);
  labels.set(kept.map(({ label }) => label));
  const dropped = [...items.keys()].filter((slot) => items[slot]?.digest === null);
  permute(pixels, bytes, Int32Array.from([...kept.map(({ slot }) => slot), ...dropped]));
  const counts: CachedImages['counts'] = [placed[0]?.length ?? 0, placed[1]?.length ?? 0];
  return { counts, images: pixels.subarray(0, kept.length * bytes), labels };
}

function draw(items: readonly Item[], all: readonly number[][], share: number): [number[][], number[][]] {
  const sizes = all.map(({ length }) => length);
  const total = Math.floor(share * sizes.reduce((sum, size) => sum + size, 0) + 0.5);
  const counts = largestRemainder(sizes, total);
  const train: number[][] = [];
  const test: number[][] = [];
  for (const [label, slots] of all.entries()) {
    const digest = (slot: number): string => items[slot]?.digest ?? '';
    const ranked = [...slots].sort((a, b) =>
      digest(a) < digest(b) ? -1 : digest(a) > digest(b) ? 1 : a - b,
    );
    const chosen = new Set(ranked.slice(0, counts[label]));
    test.push(slots.filter((slot) => chosen.has(slot)));
    train.push(slots.filter((slot) => !chosen.has(slot)));
  }
  return [train, test];
}
