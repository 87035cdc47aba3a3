import Sqlite from 'better-sqlite3';
import { LibraryError } from '../contract/errors.ts';

export type Value = string | number | null | Uint8Array;

/** A statement, prepared once. Rows are what the caller says they are: the SQL stands beside the type. */
export interface Statement<Row> {
  run(...parameters: readonly Value[]): number;
  get(...parameters: readonly Value[]): Row | undefined;
  all(...parameters: readonly Value[]): Row[];
}

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
    };
  }

  exec(sql: string): void {
    guard(this.path, () => this.#sqlite.exec(sql));
  }

  /** Reads or sets a pragma; its first value. */
  pragma(text: string): unknown {
    return guard(this.path, () => this.#sqlite.pragma(text, { simple: true }));
  }

  /** One transaction, begun as a writer so that it never fails half-way for a lock. Nested ones join the outer. */
  transaction<T>(body: () => T): T {
    return guard(this.path, () => this.#sqlite.transaction(body).immediate());
  }

  close(): void {
    guard(this.path, () => this.#sqlite.close());
  }
}

function guard<T>(path: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw error instanceof Sqlite.SqliteError ? explain(error, path) : error;
  }
}

/** Whether the error says that another process holds the file. */
export function isBusy(error: unknown): boolean {
  return (
    error instanceof LibraryError &&
    error.cause instanceof Sqlite.SqliteError &&
    family(error.cause) === 'BUSY'
  );
}

/** `SQLITE_IOERR_READ` → `IOERR`. */
function family({ code }: { readonly code: string }): string {
  return code.split('_')[1] ?? code;
}

function explain(error: InstanceType<typeof Sqlite.SqliteError>, path: string): Error {
  const failed = (what: string, hint: string): LibraryError =>
    new LibraryError(`${what} (${error.code}: ${error.message})`, hint, { cause: error });
  switch (family(error)) {
    case 'NOTADB':
    case 'CORRUPT':
      return failed(
        `the library's database ${path} is damaged`,
        'Nothing was changed. Copy the library before you try anything; put a backup (swamp.db.*.backup beside it) in ' +
          "its place, or rescue it with sqlite3's .recover. The objects folder is not affected.",
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
