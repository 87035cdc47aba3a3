import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesBelow, cacheFolder, faultOf, readManifest } from './folder.ts';
import { findEngine } from './find.ts';

/** One folder of the cache. */
export interface CachedFolder {
  readonly name: string;
  readonly bytes: number;
  /** What went into it, for example `TensorFlow 2.21.0 (cpu)`. */
  readonly title: string;
  /** What is wrong with it; empty where nothing is. */
  readonly fault: string;
  /** The engine that runs here now, or libraries it takes. */
  readonly inUse: boolean;
}

/** Every engine and library folder in the cache, by name. */
export async function listEngines(): Promise<CachedFolder[]> {
  const cache = cacheFolder();
  const names = (await readdir(cache, { withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isDirectory() && /^(tensorflow|nvidia)-/.test(entry.name))
    .map(({ name }) => name)
    .sort();
  const build = await findEngine().catch(() => null);
  const used = build ? [build.binding, ...build.libraryPath] : [];
  return await Promise.all(
    names.map(async (name) => {
      const folder = join(cache, name);
      const from = (await readManifest(folder))?.from ?? {};
      const { variant = '', tensorflow = '', wheel = '' } = from;
      return {
        name,
        bytes: await bytesBelow(folder),
        title: tensorflow === '' ? wheel : `TensorFlow ${tensorflow} (${variant})`,
        fault: (await faultOf(folder)) ?? '',
        inUse: used.some((path) => path.startsWith(join(folder, '/'))),
      };
    }),
  );
}
