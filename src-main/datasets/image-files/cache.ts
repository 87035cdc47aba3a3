import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, statfs, utimes, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import envPaths from 'env-paths';
import { z } from 'zod';
import { sharedBytes } from '../assemble.ts';
import { AT_ONCE, readFully } from '../files.ts';

/**
 * Decoded images, so that no worker decodes what another did. A file a data set, named by all that decides its
 * content; what is in it is checked by the data set's own digest when it is read. Nothing depends on the cache:
 * where it cannot be written, images are decoded again.
 */

/** What stands in front of the bytes. */
const Header = z.strictObject({
  /** Height, width, channels. */
  shape: z.tuple([z.number().int(), z.number().int(), z.number().int()]),
  /** Training and test images. */
  counts: z.tuple([z.number().int().min(0), z.number().int().min(0)]),
  digest: z.string(),
  broken: z.array(z.strictObject({ file: z.string(), reason: z.string() })),
});

export type CachedImages = z.infer<typeof Header> & {
  /** Training images, then test images. */
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
};

const MAGIC = 'swampim1';
const SUFFIX = '.images';
/** The whole cache; the data sets that were not used for the longest time go first. */
const BOUND = 2 ** 33;
/** What is left of a write this long ago was interrupted. */
const STALE_MS = 3_600_000;

/** The user's cache folder, or what SWAMP_DATA_CACHE names. */
function dataCacheFolder(): string {
  const named = process.env['SWAMP_DATA_CACHE'];
  return named !== undefined && named !== ''
    ? named
    : path.join(envPaths('swamp-studio', { suffix: '' }).cache, 'data');
}

/** What is stored under a key; `null` where there is nothing that can be read. */
export async function readCached(key: string): Promise<CachedImages | null> {
  const file = path.join(dataCacheFolder(), key + SUFFIX);
  let handle: FileHandle | null = null;
  try {
    handle = await open(file);
    const lead = Buffer.alloc(12);
    await readFully(handle, file, lead, 0);
    if (lead.toString('latin1', 0, 8) !== MAGIC) return null;
    const text = Buffer.alloc(Math.min(lead.readUInt32LE(8), 1 << 26));
    await readFully(handle, file, text, 12);
    const header = Header.parse(JSON.parse(text.toString('utf8')));
    const [height, width, channels] = header.shape;
    const count = header.counts[0] + header.counts[1];
    const start = 12 + text.length;
    const size = count * height * width * channels;
    if ((await handle.stat()).size !== start + size + count) return null;
    const images = sharedBytes(size);
    const labels = sharedBytes(count);
    await readFully(handle, file, images, start);
    await readFully(handle, file, labels, start + size);
    const now = new Date();
    await utimes(file, now, now).catch(() => undefined);
    return { ...header, images, labels };
  } catch {
    return null;
  } finally {
    await handle?.close();
  }
}

/** Stores decoded images, whole or not at all; makes room for them. Does nothing where the disk does not take them. */
export async function writeCached(key: string, { images, labels, ...header }: CachedImages): Promise<void> {
  const folder = dataCacheFolder();
  const file = path.join(folder, key + SUFFIX);
  const temporary = `${file}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    await mkdir(folder, { recursive: true });
    if (!(await makeRoom(folder, images.length + labels.length))) return;
    const text = Buffer.from(JSON.stringify(Header.parse(header)));
    const lead = Buffer.alloc(12);
    lead.write(MAGIC, 'latin1');
    lead.writeUInt32LE(text.length, 8);
    const handle = await open(temporary, 'wx');
    try {
      for (const part of [lead, text, images, labels])
        for (let at = 0; at < part.length; at += AT_ONCE)
          await handle.writeFile(part.subarray(at, at + AT_ONCE));
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

export async function dropCached(key: string): Promise<void> {
  await rm(path.join(dataCacheFolder(), key + SUFFIX), { force: true }).catch(() => undefined);
}

/** Whether there is room for so many bytes, after the oldest files went where that was needed. */
async function makeRoom(folder: string, bytes: number): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  if (bytes > BOUND || bytes > (bavail * bsize) / 2) return false;
  const names = (await readdir(folder)).filter((name) => name.includes(SUFFIX));
  const files = await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      const about = await stat(file).catch(() => undefined);
      return { file, bytes: about?.size ?? 0, used: about?.mtimeMs ?? 0, whole: name.endsWith(SUFFIX) };
    }),
  );
  let total = bytes + files.reduce((sum, each) => sum + each.bytes, 0);
  for (const { file, bytes: freed, used, whole } of files.sort((a, b) => a.used - b.used)) {
    if (whole ? total <= BOUND : Date.now() - used < STALE_MS) continue;
    await rm(file, { force: true }).catch(() => undefined);
    total -= freed;
  }
  return true;
}
