import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileError } from '../checkpoint/files.ts';
import { LibraryError } from '../contract/errors.ts';
import { Database } from './database.ts';
import { journalAt, type Journal } from './filesystem.ts';
import { makeFolder } from './folders.ts';
import { HostLock, isHeld } from './lock.ts';
import { inspect, migrate } from './migrations.ts';
import { ObjectStore } from './objects.ts';
import { Store } from './store.ts';

export { libraryFolder } from './place.ts';

/** An open library. */
export interface Library {
  readonly dir: string;
  readonly store: Store;
  readonly objects: ObjectStore;
  readonly readOnly: boolean;
  /** Whether a host holds it, this process or another. Where none does, nothing in it runs, whatever rows say. */
  readonly held: boolean;
  /** Tells others where to attach to this process, which holds it. */
  announce(socket: string): void;
  /** Gives the lock back. Further calls do nothing. */
  close(): void;
}

export interface OpenOptions {
  /** Make the library where there is none. */
  readonly create?: boolean;
  /** Only look: beside a running host, or from a backup. Implies no lock. An older library that nobody holds is migrated first. */
  readonly readOnly?: boolean;
  /** Hold the library for this process, as a host does. Default: unless `readOnly`. */
  readonly lock?: boolean;
  /** With `readOnly`: this process holds it already, as a thread of a host knows. */
  readonly held?: boolean;
}

/**
 * Opens a library, migrating an older one after a backup. On a network file system it is refused.
 * @throws LibraryError where there is none (without `create`), or it is in use, damaged, of a newer version, or cannot be
 * reached or written.
 */
export function openLibrary(folder: string, options: OpenOptions = {}): Library {
  const { create = false, readOnly = false, lock: locked = !readOnly } = options;
  // Absolute, as workers may have another working folder.
  const dir = resolve(folder);
  const path = join(dir, 'swamp.db');
  const journal = journalAt(dir);
  if (!existsSync(path)) {
    if (!create || readOnly)
      throw new LibraryError(
        `there is no library in ${dir}`,
        'Start an experiment to make one, or give the folder of another (--library or SWAMP_LIBRARY).',
      );
    makeFolders(dir);
  }
  const lock = locked && !readOnly ? new HostLock(dir) : null;
  let db: Database | null = null;
  try {
    db = new Database(path, { readOnly });
    if (readOnly && inspect(db) === 'older') {
      db.close();
      updateFirst(dir, path);
      db = new Database(path, { readOnly });
    }
    prepare(db, { journal, readOnly, mayMigrate: lock !== null });
    const objects = new ObjectStore(dir);
    const open = { db, lock, closed: false };
    return {
      dir,
      objects,
      readOnly,
      held: lock !== null || options.held === true || isHeld(dir),
      store: new Store(db, objects),
      announce: (socket) => lock?.announce(socket),
      close: () => {
        if (open.closed) return;
        open.closed = true;
        open.db.close();
        open.lock?.release();
      },
    };
  } catch (error) {
    db?.close();
    lock?.release();
    throw error;
  }
}

/** Whoever only looks at an older library would otherwise have to know of something that writes. */
function updateFirst(dir: string, path: string): void {
  try {
    openLibrary(dir).close();
  } catch (error) {
    throw outdated(path, error);
  }
}

function makeFolders(dir: string): void {
  try {
    for (const folder of ['objects', 'partial']) makeFolder(join(dir, folder));
  } catch (error) {
    throw fileError(error, dir, 'write');
  }
}

function prepare(
  db: Database,
  options: { readonly journal: Journal; readonly readOnly: boolean; readonly mayMigrate: boolean },
): void {
  // Looks before it touches anything: the file may be another program's.
  const standing = inspect(db);
  db.pragma('foreign_keys = ON');
  if (options.readOnly) {
    if (standing !== 'current') throw outdated(db.path);
    return;
  }
  if (standing === 'older' && !options.mayMigrate) throw outdated(db.path);
  db.pragma(`journal_mode = ${options.journal}`);
  // FULL: a committed row survives a power cut, not only a crash of the process. Commits are few.
  db.pragma('synchronous = FULL');
  if (standing !== 'current') migrate(db);
}

function outdated(path: string, cause?: unknown): LibraryError {
  const why = cause instanceof Error ? `, which cannot be done now: ${cause.message}` : '';
  return new LibraryError(
    `${path} was written by an older version of this program and must be updated before it can be read${why}`,
    'Let any older Swamp Studio that uses the library end, and make sure that you may write to its folder; a backup is made first.',
    { cause },
  );
}
