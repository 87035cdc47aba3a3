import { existsSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { writeAtomically } from '../checkpoint/files.ts';
import { LibraryError } from '../contract/errors.ts';
import { Database, isBusy } from './database.ts';

/** The process that holds a library. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** ISO time. */
  readonly since: string;
  /** Where others attach to it; absent: it serves nobody. */
  readonly socket?: string;
}

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
  readonly #holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };

  /** @throws LibraryError naming the process that holds the library. */
  constructor(library: string) {
    this.#note = join(library, 'host.lock.json');
    this.#db = new Database(join(library, 'host.lock.db'), { timeout: 500 });
    try {
      this.#db.exec('BEGIN EXCLUSIVE');
      this.#write(this.#holder);
    } catch (error) {
      this.#db.close();
      throw isBusy(error) ? inUse(library, this.#note, error) : error;
    }
    held.add(this);
  }

  /** Writes beside the holder where others can attach to it. */
  announce(socket: string): void {
    this.#write({ ...this.#holder, socket });
  }

  #write(holder: Holder): void {
    writeAtomically(this.#note, [Buffer.from(`${JSON.stringify(holder)}\n`)]);
  }

  release(): void {
    rmSync(this.#note, { force: true });
    this.#db.close();
    held.delete(this);
  }
}

/** What else of a library is held, for as long as this process lives. */
const parts = new Set<Database>();

/**
 * Holds one part of a library's work for this process, as `HostLock` does the library, for example serving it to
 * browsers. @returns gives it back; `null`: another process holds it.
 */
export function tryHold(library: string, part: string): (() => void) | null {
  const db = new Database(join(library, `${part}.lock.db`), { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (isBusy(error)) return null;
    throw error;
  }
  parts.add(db);
  return () => {
    parts.delete(db);
    db.close();
  };
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

/** Who holds the library, as the note says; `null` where nobody does or it is not written yet. */
export function holderOf(library: string): Holder | null {
  return isHeld(library) ? readNote(join(library, 'host.lock.json')) : null;
}

function inUse(library: string, note: string, cause: unknown): LibraryError {
  const holder = readNote(note);
  const words = holder
    ? `process ${holder.pid} on ${holder.host} (since ${holder.since})`
    : 'another process';
  return new LibraryError(
    `the library ${library} is in use by ${words}`,
    'Close the other Swamp Studio, or wait until it is done, or choose another library (--library).',
    { cause },
  );
}

/** The note says only who; the lock itself decides whether. */
function readNote(note: string): Holder | null {
  try {
    const { pid, host, since, socket } = JSON.parse(readFileSync(note, 'utf8')) as Record<string, unknown>;
    // Checked by hand: looking into a library must not wait for a library of schemas.
    if (typeof pid !== 'number' || typeof host !== 'string' || typeof since !== 'string') return null;
    return { pid, host, since, ...(typeof socket === 'string' ? { socket } : {}) };
  } catch {
    // Not written yet: the other process has only just begun.
    return null;
  }
}
