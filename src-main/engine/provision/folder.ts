import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import envPaths from 'env-paths';
import { z } from 'zod';
import { diskFull, environment, noSpace, notWritable } from './failures.ts';

/** Where engines are kept: the user's cache folder, or what SWAMP_ENGINE_CACHE names. */
export function cacheFolder(): string {
  const named = process.env[environment.cache];
  return named !== undefined && named !== ''
    ? named
    : join(envPaths('swamp-studio', { suffix: '' }).cache, 'engine');
}

const Manifest = z.strictObject({
  format: z.literal(1),
  created: z.string(),
  /** What went into it, for people. */
  from: z.record(z.string(), z.string()),
  /** The files that matter, by path inside the folder. */
  files: z.record(z.string(), z.strictObject({ bytes: z.number().int(), sha256: z.string() })),
});
export type Manifest = z.infer<typeof Manifest>;

export async function sha256(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash, { signal });
  return hash.digest('hex');
}

/** The manifest of a finished folder; `null` where there is none that can be read. */
export async function readManifest(folder: string): Promise<Manifest | null> {
  try {
    return Manifest.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')));
  } catch {
    return null;
  }
}

/**
 * What is wrong with an installed folder; `null` if nothing. Sizes are compared, which catches half-written and
 * missing files at no cost; `thorough` compares contents too.
 */
export async function faultOf(folder: string, thorough = false): Promise<string | null> {
  const manifest = await readManifest(folder);
  if (manifest === null) return 'its manifest is missing or damaged';
  for (const [name, expected] of Object.entries(manifest.files)) {
    const path = join(folder, name);
    const bytes = await stat(path).then(
      (found) => found.size,
      () => null,
    );
    if (bytes === null) return `${name} is missing`;
    if (bytes !== expected.bytes) return `${name} has ${bytes} bytes instead of ${expected.bytes}`;
    if (thorough && (await sha256(path)) !== expected.sha256) return `${name} has changed`;
  }
  return null;
}

/** Names of folders and files under construction. What a killed process leaves is found by it. */
const temporaryPrefix = 'tmp-';

export async function temporaryFolder(cache: string): Promise<string> {
  const folder = join(cache, `${temporaryPrefix}${process.pid}-${randomBytes(4).toString('hex')}`);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Remove what interrupted attempts left. Only for the holder of the cache's lock. */
export async function sweep(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (name.startsWith(temporaryPrefix)) await rm(join(cache, name), { recursive: true, force: true });
  }
}

/**
 * Fill a new folder and put it at `target` in one rename, its manifest written last: a folder with that name is
 * always whole. What stands there and is damaged is replaced; where another process was first, its work is kept.
 * @param fill makes the files below the folder it is given, and says which of them matter.
 */
export async function install(
  target: string,
  fill: (folder: string) => Promise<{ files: readonly string[]; from: Record<string, string> }>,
): Promise<void> {
  const cache = dirname(target);
  const folder = await temporaryFolder(cache);
  try {
    const { files, from } = await fill(folder);
    const manifest: Manifest = { format: 1, created: new Date().toISOString(), from, files: {} };
    for (const name of files) {
      const path = join(folder, name);
      manifest.files[name] = { bytes: (await stat(path)).size, sha256: await sha256(path) };
    }
    const file = await open(join(folder, 'manifest.json'), 'w');
    await file.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
    await file.sync();
    await file.close();
    if ((await faultOf(target)) === null) return;
    await rm(target, { recursive: true, force: true });
    try {
      await rename(folder, target);
    } catch (error) {
      if ((await faultOf(target)) !== null) throw error;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Bytes in all files below `folder`; one that goes meanwhile counts nothing. */
export async function bytesBelow(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (!entry.isFile()) continue;
    sum += await stat(join(entry.parentPath, entry.name)).then(
      (found) => found.size,
      () => 0,
    );
  }
  return sum;
}

/** Free bytes for this user on the disk of `folder`. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** @throws EngineError where fewer than `needed` bytes are free. */
export async function requireSpace(folder: string, needed: number): Promise<void> {
  const free = await freeBytes(folder);
  if (free < needed) throw noSpace(folder, needed, free);
}

/** Make the cache folder, and turn the file system's refusals into errors that say what to do. */
export async function inCache<Result>(cache: string, work: () => Promise<Result>): Promise<Result> {
  try {
    await mkdir(join(cache, 'downloads'), { recursive: true });
    return await work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (/^(ENOSPC|EDQUOT|SQLITE_FULL)/.test(code)) throw diskFull(cache, error);
    if (/^(EACCES|EPERM|EROFS|ENOTDIR|EEXIST|SQLITE_CANTOPEN|SQLITE_READONLY)/.test(code)) {
      throw notWritable(cache, error);
    }
    throw error;
  }
}
