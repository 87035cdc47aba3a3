import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { missingPackage } from './failures.ts';

/** As much of better-sqlite3 as a lock needs; the package brings no types. */
interface Database {
  exec(sql: string): unknown;
  close(): unknown;
}
type DatabaseClass = new (file: string, options: { timeout: number }) => Database;

const require = createRequire(import.meta.url);

function loadSqlite(): DatabaseClass {
  try {
    return require('better-sqlite3') as DatabaseClass;
  } catch (error) {
    throw missingPackage('better-sqlite3', error);
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY';
}

/**
 * Do `work` while no other process that holds `file` does. The lock is SQLite's on an empty database: the system
 * gives it back however the holder dies, so there is no stale lock to guess about.
 * @param onWait is called once if someone else holds it.
 */
export async function withLock<Result>(
  file: string,
  work: () => Promise<Result>,
  onWait: () => void,
  signal?: AbortSignal,
): Promise<Result> {
  const DatabaseFile = loadSqlite();
  const database = new DatabaseFile(file, { timeout: 0 });
  try {
    let waited = false;
    for (;;) {
      signal?.throwIfAborted();
      try {
        database.exec('BEGIN EXCLUSIVE');
        break;
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (!waited) onWait();
        waited = true;
        await sleep(200);
      }
    }
    return await work();
  } finally {
    database.close();
  }
}
