import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileError } from '../checkpoint/files.ts';
import type { Collected, Freed } from '../contract/api/library.ts';
import { ConfigError } from '../contract/errors.ts';
import type { Digest, ExperimentId, JobKey } from '../contract/ids.ts';
import type { LibrarySettings } from '../contract/settings.ts';
import type { Database } from './database.ts';
import { folderBytes } from './disk.ts';
import type { Finder } from './find.ts';
import { logFiles } from './log-files.ts';
import type { ObjectStore } from './objects.ts';
import { atOnce } from './pieces.ts';
import type { Retention } from './retention.ts';
import type { CollectOptions } from './rows.ts';
import type { Trash } from './trash.ts';

/** Unknown files younger than this may belong to a writer that has not told the store yet. */
const sweepAge = 60 * 60 * 1000;
const day = 24 * 60 * 60 * 1000;

interface Found {
  readonly path: string;
  readonly bytes: number;
}

/** Files to delete, by why. */
type Rubbish = Record<keyof Collected['freed'], Found[]>;

/** Carries what a dry run found out of the transaction that it undoes. */
class Undo extends Error {
  readonly found: Planned;
  constructor(found: Planned) {
    super('a dry run');
    this.found = found;
  }
}

interface Planned {
  readonly experiments: ExperimentId[];
  readonly rubbish: Rubbish;
}

/** Frees disk space. Part of `Store`, which documents `collect`. */
export class Collector {
  readonly #parts;
  readonly #sql;

  constructor(parts: {
    readonly db: Database;
    readonly objects: ObjectStore;
    readonly trash: Trash;
    readonly retention: Retention;
    readonly find: Finder;
  }) {
    this.#parts = parts;
    this.#sql = statements(parts.db);
  }

  collect(settings: LibrarySettings, options: CollectOptions): Collected {
    const { dryRun = false } = options;
    const { experiments, rubbish } = this.#plan(settings, options, dryRun);
    // Rows went first: a crash in between leaves files without rows, never rows without files.
    const freed = Object.fromEntries(
      Object.entries(rubbish).map(([kind, files]) => {
        if (!dryRun) for (const { path } of files) discard(path);
        return [kind, sum(files)];
      }),
    ) as Collected['freed'];
    const bytes = Object.values(freed).reduce((total, each) => total + each.bytes, 0);
    return { experiments, freed, bytes };
  }

  /** Does what is to be done to the rows, or only finds out, and lists the files. */
  #plan(settings: LibrarySettings, options: CollectOptions, dryRun: boolean): Planned {
    try {
      return this.#parts.db.transaction(() => {
        const found = this.#decide(settings, options);
        if (dryRun) throw new Undo(found);
        return found;
      });
    } catch (error) {
      if (error instanceof Undo) return error.found;
      throw error;
    }
  }

  #decide(settings: LibrarySettings, { experiments, trashDays, olderThan }: CollectOptions): Planned {
    const { objects, trash, retention, find } = this.#parts;
    const now = Date.now();
    const running = this.#sql.running.get()?.count ?? 0;
    if (running > 0)
      throw new ConfigError(
        `cannot clean up while ${running} jobs are running`,
        'Their results would be taken for rubbish. Wait until they are done, or stop them.',
      );
    const named = experiments ?? trash.before(now - (trashDays ?? settings['retention.trashDays']) * day);
    // What looks at an experiment goes with it, and before it: its jobs build on the other's.
    const gone = [...new Set([...trash.analysesOf(named), ...named])];
    for (const id of gone) atOnce(trash.remove(find.number(id)));
    const released = new Set(retention.release(settings, now).map(({ digest }) => digest));
    for (const { digest } of retention.leftOver()) released.add(digest);
    const unneeded = new Set(this.#sql.removeObjects.all().map(({ digest }) => digest));
    const rubbish: Rubbish = { results: [], retention: [], checkpoints: [], temporary: [], reports: [] };
    const age = olderThan ?? sweepAge;
    for (const file of objects.list(now)) {
      if (released.has(file.digest)) rubbish.retention.push(file);
      else if (unneeded.has(file.digest) || (file.age >= age && !this.#known(file.digest)))
        rubbish.results.push(file);
    }
    for (const file of objects.listPartial(now))
      if (!this.#unfinished(file.job)) rubbish.checkpoints.push(file);
    for (const file of objects.listTemporary(now)) if (file.age >= age) rubbish.temporary.push(file);
    for (const id of gone) {
      rubbish.reports.push(...logFiles(objects.library, id));
      const path = join(objects.library, 'reports', id);
      const bytes = folderBytes(path);
      if (bytes !== null) rubbish.reports.push({ path, bytes });
    }
    return { experiments: gone, rubbish };
  }

  #known(digest: Digest): boolean {
    return this.#sql.object.get(digest) !== undefined;
  }

  #unfinished(job: JobKey): boolean {
    return this.#sql.unfinished.get(job) !== undefined;
  }
}

function sum(files: readonly Found[]): Freed {
  return { files: files.length, bytes: files.reduce((total, { bytes }) => total + bytes, 0) };
}

function discard(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    throw fileError(error, path, 'write');
  }
}

function statements(db: Database) {
  return {
    running: db.prepare<{ count: number }>(
      `SELECT COUNT(*) AS count FROM jobs WHERE state = 'running' OR again = 'running'`,
    ),
    removeObjects: db.prepare<{ digest: Digest }>(
      'DELETE FROM objects WHERE number NOT IN (SELECT object FROM job_outputs) RETURNING digest',
    ),
    object: db.prepare<{ number: number }>('SELECT number FROM objects WHERE digest = ?'),
    unfinished: db.prepare<{ number: number }>(`SELECT number FROM jobs WHERE key = ? AND state <> 'done'`),
  };
}
