import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { crashPoint } from '../checkpoint/crash.ts';
import { LibraryError } from '../contract/errors.ts';

export type Value = string | number | null | Uint8Array;

/** A statement, prepared once. Rows are what the caller says they are: the SQL stands beside the type. */
export interface Statement<Row> {
  run(...parameters: readonly Value[]): number;
  get(...parameters: readonly Value[]): Row | undefined;
  all(...parameters: readonly Value[]): Row[];
  /** Row by row: what was read before a damaged page counts. */
  iterate(...parameters: readonly Value[]): Iterable<Row>;
}

/** Of SQLite's `synchronous`: commits are not waited for until they are on the disk's own storage. */
const NORMAL = 1;

/**
 * One SQLite file. Everything is synchronous; errors that a user can do something about (disk full, damaged,
 * locked, read-only) come out as LibraryError, faults of ours (constraints, bad SQL) as they are.
 */
export class Database {
  readonly path: string;
  readonly #sqlite: Sqlite;

  /** @throws LibraryError where the file cannot be opened. */
  constructor(path: string, options: { readonly readOnly?: boolean; readonly timeout?: number } = {}) {
    this.path = path;
    this.#sqlite = guard(
      path,
      () => new Sqlite(path, { readonly: options.readOnly ?? false, timeout: options.timeout ?? 10_000 }),
    );
  }

  prepare<Row>(sql: string): Statement<Row> {
    const { path } = this;
    const statement = guard(path, () => this.#sqlite.prepare(sql));
    return {
      run: (...parameters) => guard(path, () => statement.run(...parameters).changes),
      get: (...parameters) => guard(path, () => statement.get(...parameters) as Row | undefined),
      all: (...parameters) => guard(path, () => statement.all(...parameters) as Row[]),
      *iterate(...parameters) {
        try {
          yield* statement.iterate(...parameters) as Iterable<Row>;
        } catch (error) {
          throw explained(error, path);
        }
      },
    };
  }

  exec(sql: string): void {
    guard(this.path, () => this.#sqlite.exec(sql));
  }

  /** Reads or sets a pragma; its first value. */
  pragma(text: string): unknown {
    return guard(this.path, () => this.#sqlite.pragma(text, { simple: true }));
  }

  /**
   * One transaction, begun as a writer so that it never fails half-way for a lock. Nested ones join the outer.
   * @param durable false: it need not be on the disk's own storage when this returns, only before the next that must.
   */
  transaction<T>(body: () => T, { durable = true } = {}): T {
    return guard(this.path, () => {
      if (this.#sqlite.inTransaction) return this.#sqlite.transaction(body).immediate();
      const commit = (): T => {
        const result = body();
        crashPoint('commit');
        return result;
      };
      if (durable) {
        const result = this.#sqlite.transaction(commit).immediate();
        crashPoint('committed');
        return result;
      }
      const usual = Number(this.pragma('synchronous'));
      this.pragma(`synchronous = ${Math.min(usual, NORMAL)}`);
      try {
        return this.#sqlite.transaction(commit).immediate();
      } finally {
        this.pragma(`synchronous = ${usual}`);
      }
    });
  }

  close(): void {
    guard(this.path, () => this.#sqlite.close());
  }
}

function guard<T>(path: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw explained(error, path);
  }
}

function explained(error: unknown, path: string): unknown {
  return error instanceof Sqlite.SqliteError ? explain(error, path) : error;
}

/** Whether the error says that another process holds the file. */
export function isBusy(error: unknown): boolean {
  return (
    error instanceof LibraryError &&
    error.cause instanceof Sqlite.SqliteError &&
    family(error.cause) === 'BUSY'
  );
}

/** Whether the error says that the file is no sound database. */
export function isDamaged(error: unknown): error is LibraryError {
  if (!(error instanceof LibraryError) || !(error.cause instanceof Sqlite.SqliteError)) return false;
  return ['NOTADB', 'CORRUPT'].includes(family(error.cause));
}

/** `SQLITE_IOERR_READ` → `IOERR`. */
function family({ code }: { readonly code: string }): string {
  return code.split('_')[1] ?? code;
}

/** What can stand in for a damaged database. */
function rescue(path: string): string {
  const newest = backupsOf(path)[0];
  return newest === undefined
    ? "There is no backup beside it; sqlite3's .recover may rescue it."
    : `The newest backup is ${newest}: put it in the place of ${basename(path)}, and delete ${basename(path)}-wal and ${basename(path)}-shm; ` +
        "or rescue it with sqlite3's .recover.";
}

/** Copies of a database that migrations left beside it; the newest first. */
export function backupsOf(path: string): string[] {
  const versioned = /\.v(\d+)-(\w+?)(?:-(\d+))?\.backup$/;
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(`${basename(path)}.`) && versioned.test(name))
    .sort((a, b) => (placeOf(a) < placeOf(b) ? 1 : -1))
    .map((name) => join(dirname(path), name));
  // Of several steps in one second the later one left the newer version.
  function placeOf(name: string): string {
    const [, version = '', time = '', number = '1'] = versioned.exec(name) ?? [];
    return `${time}-${version.padStart(4, '0')}-${number.padStart(4, '0')}`;
  }
}

function explain(error: InstanceType<typeof Sqlite.SqliteError>, path: string): Error {
  const failed = (what: string, hint: string): LibraryError =>
    new LibraryError(`${what} (${error.code}: ${error.message})`, hint, { cause: error });
  switch (family(error)) {
    case 'NOTADB':
    case 'CORRUPT':
      return failed(
        `the library's database ${path} is damaged`,
        `Nothing was changed. Copy the library's folder before you try anything. ${rescue(path)} \`swamp check\` says what can ` +
          'still be read; the files in objects/ and reports/ are not affected.',
      );
    case 'FULL':
      return failed(
        `cannot write ${path}: the disk is full`,
        'Free some space, or move the library to another disk (--library). What was finished before is kept.',
      );
    case 'READONLY':
    case 'PERM':
    case 'AUTH':
      return failed(
        `cannot write ${path}: it is read-only`,
        'Check who owns the library and whether another process opened it for reading only.',
      );
    case 'CANTOPEN':
      return failed(
        `cannot open ${path}`,
        'Check that its folder exists and that you may write there: SQLite keeps two files beside it.',
      );
    case 'BUSY':
    case 'LOCKED':
      return failed(`${path} is in use by another process`, 'Wait until it is done, or end it.');
    case 'IOERR':
      return failed(`the disk failed on ${path}`, 'Check the disk and its connection, then try again.');
    default:
      return error;
  }
}
