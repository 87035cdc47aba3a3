import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentId } from '../contract/ids.ts';

// Apart from what reads them, which needs zod: light commands open the store, and few read a log.

/** Where the newest part of an experiment's log is. @param library the library's folder. */
export function logPath(library: string, id: ExperimentId): string {
  return join(library, 'logs', `${id}.jsonl`);
}

/** Where the part before the newest is. @param path that of the newest. */
export function olderLog(path: string): string {
  return path.replace(/\.jsonl$/, '.older.jsonl');
}

/** The files of an experiment's log that are there. */
export function logFiles(
  library: string,
  id: ExperimentId,
): { readonly path: string; readonly bytes: number }[] {
  const path = logPath(library, id);
  return [olderLog(path), path]
    .map((each) => ({ path: each, bytes: sizeOf(each) }))
    .filter(({ bytes }) => bytes > 0);
}

/** 0 where there is none. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
