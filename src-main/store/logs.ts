import { appendFileSync, closeSync, mkdirSync, openSync, readSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileError, writeAtomically } from '../checkpoint/files.ts';
import type { ExperimentId } from '../contract/ids.ts';
import { LogEntry } from '../contract/log.ts';
import { logPath, olderLog, sizeOf } from './log-files.ts';

/** A log grows to this and is then put aside, where it replaces the one before: twice this is kept at most. */
const LARGEST = 4 * 2 ** 20;
/** No text in an entry is longer. */
const LONGEST = 16 * 2 ** 10;

/** What happened to each experiment: `logs/<experiment>.jsonl`, one entry a line, written by the host only. */
export class LogBook {
  readonly #library: string;

  /** @param library the library's folder. */
  constructor(library: string) {
    this.#library = library;
  }

  path(id: ExperimentId): string {
    return logPath(this.#library, id);
  }

  /** @throws LibraryError where it cannot be written. */
  append(id: ExperimentId, entry: Omit<LogEntry, 'time'>): void {
    const path = this.path(id);
    const { message, stack, ...rest } = entry;
    const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text);
    const line: LogEntry = {
      time: new Date().toISOString(),
      ...rest,
      message: cut(message),
      ...(stack ? { stack: cut(stack) } : {}),
    };
    try {
      mkdirSync(dirname(path), { recursive: true });
      if (sizeOf(path) > LARGEST) renameSync(path, olderLog(path));
      // A crash may have cut the last line short.
      const start = isWhole(path) ? '' : '\n';
      appendFileSync(path, `${start}${JSON.stringify(line)}\n`);
    } catch (error) {
      throw fileError(error, path, 'write');
    }
  }

  /** Writes the log of an experiment that comes from elsewhere; nothing happens where there is one. */
  put(id: ExperimentId, log: readonly LogEntry[]): void {
    const path = this.path(id);
    if (log.length === 0 || sizeOf(path) > 0) return;
    const lines = log.map((entry) => `${JSON.stringify(entry)}\n`);
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeAtomically(path, [new TextEncoder().encode(lines.join(''))]);
    } catch (error) {
      throw fileError(error, path, 'write');
    }
  }

  /** All entries that are kept, oldest first. @throws LibraryError where they cannot be read. */
  read(id: ExperimentId): LogEntry[] {
    return this.tail(id)();
  }

  /** The newest entries that are kept, oldest of them first, and how many there are in all. */
  last(id: ExperimentId, most: number): { entries: LogEntry[]; total: number } {
    const path = this.path(id);
    const lines = [olderLog(path), path].flatMap((file) => linesOf(readFrom(file, 0)));
    // Only these are read: a long log has tens of thousands.
    const found = lines.slice(-most).flatMap(entryOf);
    return { entries: found, total: lines.length };
  }

  /** Reads on and on: each call gives the entries since the one before, the first all that are kept. */
  tail(id: ExperimentId): () => LogEntry[] {
    const path = this.path(id);
    let offset = 0;
    let first = true;
    return () => {
      const found: LogEntry[] = [];
      // It was put aside since: its end is read where it now is.
      if (first || sizeOf(path) < offset) {
        found.push(...entries(readFrom(olderLog(path), first ? 0 : offset)));
        offset = 0;
      }
      first = false;
      const text = readFrom(path, offset);
      // A line that is just being written is left for the next time.
      const whole = text.subarray(0, text.lastIndexOf(10) + 1);
      offset += whole.length;
      return [...found, ...entries(whole)];
    };
  }
}

function isWhole(path: string): boolean {
  const size = sizeOf(path);
  return size === 0 || readFrom(path, size - 1)[0] === 10;
}

function readFrom(path: string, offset: number): Buffer {
  if (sizeOf(path) <= offset) return Buffer.alloc(0);
  try {
    const file = openSync(path, 'r');
    try {
      const text = Buffer.alloc(sizeOf(path) - offset);
      return text.subarray(0, readSync(file, text, 0, text.length, offset));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw fileError(error, path, 'read');
  }
}

function entries(text: Buffer): LogEntry[] {
  return linesOf(text).flatMap(entryOf);
}

function linesOf(text: Buffer): string[] {
  return text
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
}

/** A line that a crash cut short, or that is none of ours, is left out. */
function entryOf(line: string): LogEntry[] {
  try {
    return [LogEntry.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}
