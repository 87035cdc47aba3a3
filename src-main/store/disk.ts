import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectStore } from './objects.ts';

/** Bytes that a library takes, by what they are for. */
export interface DiskUse {
  /** Weights, masks, predictions: all objects, needed or not. */
  readonly results: number;
  /** Of unfinished trainings, and such as were left over. */
  readonly checkpoints: number;
  /** What crashes left half-written, or is being written. */
  readonly temporary: number;
  /** Pages, tables and networks written for people. */
  readonly reports: number;
  /** Networks, tables and run files for which the user named no folder. */
  readonly exports: number;
  /** What happened to the experiments. */
  readonly logs: number;
  /** The database with its journal. */
  readonly database: number;
  /** Copies of the database from before an update. */
  readonly backups: number;
  /** All of these. */
  readonly total: number;
  /** Free space on the library's disk. */
  readonly free: number;
}

/** @param objects of the library. */
export function diskUse(objects: ObjectStore): DiskUse {
  const sizes = (files: Iterable<{ readonly bytes: number }>): number =>
    [...files].reduce((sum, { bytes }) => sum + bytes, 0);
  const own = databaseFiles(objects.library);
  const use = {
    results: sizes(objects.list()),
    checkpoints: sizes(objects.listPartial()),
    temporary: sizes(objects.listTemporary()),
    reports: folderBytes(join(objects.library, 'reports')) ?? 0,
    exports: folderBytes(join(objects.library, 'exports')) ?? 0,
    logs: folderBytes(join(objects.library, 'logs')) ?? 0,
    database: sizes(own.filter(({ backup }) => !backup)),
    backups: sizes(own.filter(({ backup }) => backup)),
  };
  const { bavail, bsize } = statfsSync(objects.library);
  return { ...use, total: Object.values(use).reduce((sum, each) => sum + each, 0), free: bavail * bsize };
}

/** The database's files and its backups, the newest first. */
export function databaseFiles(
  library: string,
): { readonly path: string; readonly bytes: number; readonly backup: boolean }[] {
  return readdirSync(library)
    .filter((name) => name.startsWith('swamp.db'))
    .sort()
    .reverse()
    .flatMap((name) => {
      const path = join(library, name);
      const bytes = statSync(path, { throwIfNoEntry: false })?.size;
      return bytes === undefined ? [] : [{ path, bytes, backup: name.endsWith('.backup') }];
    });
}

/** Bytes of the files in a folder and below; `null` where there is none. */
export function folderBytes(folder: string): number | null {
  if (!existsSync(folder)) return null;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce(
      (sum, entry) =>
        sum + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
}
