import { existsSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { writeAtomically } from '../checkpoint/files.ts';
import { LibraryError } from '../contract/errors.ts';
import { Database, isBusy } from './database.ts';

/** Held locks: a lock nobody refers to would be collected, and its file closed, while its host goes on. */
const held = new Set<HostLock>();

/**
 * Holds a library for this process: an exclusive SQLite transaction on a side file, kept open. The system gives the
 * lock back when the process ends, however it ends, so there is no heartbeat that a sleeping laptop could miss.
 * Nothing else in this process may open and close the side file: POSIX would drop the lock.
 */
export class HostLock {
  readonly #db: Database;
  readonly #note: string;

  /** @throws LibraryError naming the process that holds the library. */
  constructor(library: string) {
    this.#note = join(library, 'host.lock.json');
    this.#db = new Database(join(library, 'host.lock.db'), { timeout: 500 });
    try {
      this.#db.exec('BEGIN EXCLUSIVE');
      const holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
      writeAtomically(this.#note, [Buffer.from(`${JSON.stringify(holder)}\n`)]);
    } catch (error) {
      this.#db.close();
      throw isBusy(error) ? inUse(library, this.#note, error) : error;
    }
    held.add(this);
  }

  release(): void {
    rmSync(this.#note, { force: true });
    this.#db.close();
    held.delete(this);
  }
}

/** Whether another process holds the library: looks without taking the lock, so that a host may start meanwhile. */
export function isHeld(library: string): boolean {
  const path = join(library, 'host.lock.db');
  if (!existsSync(path)) return false;
  let db: Database | null = null;
  try {
    // An exclusive lock keeps readers out.
    db = new Database(path, { readOnly: true, timeout: 0 });
    db.pragma('schema_version');
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    db?.close();
  }
}

function inUse(library: string, note: string, cause: unknown): LibraryError {
  return new LibraryError(
    `the library ${library} is in use by ${holder(note)}`,
    'Close the other Swamp Studio, or wait until it is done, or choose another library (--library).',
    { cause },
  );
}

/** The holder in words. The note is only for people: the lock itself decides. */
function holder(note: string): string {
  try {
    const value: unknown = JSON.parse(readFileSync(note, 'utf8'));
    if (typeof value === 'object' && value !== null && 'pid' in value && 'host' in value && 'since' in value)
      return `process ${String(value.pid)} on ${String(value.host)} (since ${String(value.since)})`;
  } catch {
    // Not written yet, or half-way through: the other process has only just begun.
  }
  return 'another process';
}
