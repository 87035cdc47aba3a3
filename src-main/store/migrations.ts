import { closeSync, existsSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileError, syncFolder } from '../checkpoint/files.ts';
import { LibraryError } from '../contract/errors.ts';
import type { Database } from './database.ts';
import { fifthSchema, firstSchema, fourthSchema, secondSchema, thirdSchema } from './schema.ts';

/** A step from one version of the database to the next. Released steps are never edited. */
export interface Migration {
  /** For people. */
  readonly title: string;
  readonly sql: string;
}

/** Step n leads from version n to version n + 1; the database's version is its `user_version`. */
export const migrations: readonly Migration[] = [
  { title: 'first schema', sql: firstSchema },
  { title: 'trash, queue, sweeps, tags of experiments, retention and settings', sql: secondSchema },
  { title: 'the run table kept ready: titles, groups, words', sql: thirdSchema },
  { title: 'analyses of stored experiments', sql: fourthSchema },
  { title: 'analyses that went to the trash with an experiment', sql: fifthSchema },
];

/** `SWMP`: tells our databases from those of other programs. */
const applicationId = 0x53574d50;

/** How a database stands to this program. */
export type Standing = 'new' | 'current' | 'older';

/**
 * Looks without changing anything.
 * @throws LibraryError where the database is another program's, of a newer version, or damaged.
 */
export function inspect(db: Database, steps: readonly Migration[] = migrations): Standing {
  const version = Number(db.pragma('user_version'));
  const tables =
    db.prepare<{ count: number }>('SELECT COUNT(*) AS count FROM sqlite_schema').get()?.count ?? 0;
  if (version === 0 && tables === 0) return 'new';
  if (Number(db.pragma('application_id')) !== applicationId)
    throw new LibraryError(
      `${db.path} is a database of another program`,
      'Choose another folder for the library (--library).',
    );
  if (version > steps.length)
    throw new LibraryError(
      `${db.path} was written by a newer version of this program (database version ${version}, this one knows ${steps.length})`,
      'Update Swamp Studio, or choose another library (--library). Nothing was changed.',
    );
  return version === steps.length ? 'current' : 'older';
}

/**
 * Brings the database to the newest version: each step is one transaction, and before each an existing database is
 * copied to `swamp.db.v<version>-<time>.backup` beside it. Where a step fails the database stays as it was before it.
 * @returns the backups made.
 * @throws LibraryError, as `inspect`, and where there is no room for the backup.
 */
export function migrate(db: Database, steps: readonly Migration[] = migrations): string[] {
  const backups: string[] = [];
  const isNew = inspect(db, steps) === 'new';
  // Steps may rebuild tables that others refer to; what they leave is checked before it is committed.
  db.pragma('foreign_keys = OFF');
  try {
    for (let version = Number(db.pragma('user_version')); version < steps.length; version += 1) {
      if (!isNew) backups.push(backUp(db, version));
      db.transaction(() => {
        db.exec(steps[version]?.sql ?? '');
        const broken = db.prepare('PRAGMA foreign_key_check').all();
        if (broken.length > 0)
          throw new Error(`migration ${version + 1} leaves ${broken.length} broken references`);
        db.pragma(`application_id = ${applicationId}`);
        db.pragma(`user_version = ${version + 1}`);
      });
    }
  } finally {
    db.pragma('foreign_keys = ON');
  }
  return backups;
}

/** A complete copy, on the disk's own storage when this returns. */
function backUp(db: Database, version: number): string {
  const time = new Date().toISOString().replaceAll(/[-:]/g, '').slice(0, 15);
  let path = '';
  for (let number = 1; path === '' || existsSync(path); number += 1)
    path = `${db.path}.v${version}-${time}${number === 1 ? '' : `-${number}`}.backup`;
  try {
    db.prepare('VACUUM INTO ?').run(path);
    const file = openSync(path, 'r+');
    fsyncSync(file);
    closeSync(file);
  } catch (error) {
    rmSync(path, { force: true });
    throw fileError(error, path, 'write');
  }
  syncFolder(dirname(path));
  return path;
}
