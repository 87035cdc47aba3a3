/** The part of better-sqlite3 13 that the store uses; the package brings no types. */
declare module 'better-sqlite3' {
  type Value = string | number | bigint | null | Uint8Array;

  interface RunResult {
    readonly changes: number;
    readonly lastInsertRowid: number | bigint;
  }

  interface Statement {
    run(...parameters: readonly Value[]): RunResult;
    get(...parameters: readonly Value[]): unknown;
    all(...parameters: readonly Value[]): unknown[];
    iterate(...parameters: readonly Value[]): IterableIterator<unknown>;
    pluck(): this;
  }

  interface Options {
    readonly readonly?: boolean;
    readonly fileMustExist?: boolean;
    /** Milliseconds to wait for a lock. */
    readonly timeout?: number;
  }

  class SqliteError extends Error {
    /** Extended result code, for example `SQLITE_BUSY_SNAPSHOT`. */
    readonly code: string;
  }

  export default class Database {
    static readonly SqliteError: typeof SqliteError;
    constructor(path: string, options?: Options);
    readonly inTransaction: boolean;
    prepare(sql: string): Statement;
    exec(sql: string): this;
    pragma(text: string, options: { readonly simple: true }): unknown;
    transaction<T>(body: () => T): { (): T; immediate(): T };
    close(): this;
  }
}
