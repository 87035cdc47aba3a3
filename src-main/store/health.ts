import type { Digest, ExperimentId, JobKey } from '../contract/ids.ts';
import type { JobKind } from '../contract/job.ts';
import type { Database } from './database.ts';
import type { ObjectFile } from './rows.ts';

/** A job that made an object. */
export interface Maker {
  readonly key: JobKey;
  readonly kind: JobKind;
  /** What the object is to it: `solution`, `mask`, … */
  readonly output: string;
  /** Experiments that have the job. */
  readonly experiments: readonly ExperimentId[];
}

/** What a check of the library asks of its rows. Part of `Store`. */
export class Health {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** What SQLite finds wrong with the file, and rows that point nowhere; in words, at most a hundred of each. */
  problems(): string[] {
    const broken = this.#db
      .prepare<{ integrity_check: string }>('PRAGMA integrity_check(100)')
      .all()
      .map(({ integrity_check }) => integrity_check)
      .filter((line) => line !== 'ok');
    const references = this.#db
      .prepare<{ table: string; rowid: number | null; parent: string }>('PRAGMA foreign_key_check')
      .all()
      .slice(0, 100)
      .map(({ table, rowid, parent }) => `row ${rowid ?? '?'} of ${table} points to no row of ${parent}`);
    return [...broken, ...references];
  }

  /** Objects whose files must be there. */
  objects(): ObjectFile[] {
    return this.#db
      .prepare<ObjectFile>(
        `SELECT digest, bytes FROM objects WHERE released IS NULL
         AND number IN (SELECT object FROM job_outputs) ORDER BY number`,
      )
      .all();
  }

  makers(digest: Digest): Maker[] {
    return this.#db
      .prepare<{ key: JobKey; kind: JobKind; output: string; experiments: string }>(
        `SELECT jobs.key, jobs.kind, o.name AS output,
           (SELECT json_group_array(e.id) FROM experiment_jobs AS l JOIN experiments AS e ON e.number = l.experiment
            WHERE l.job = jobs.number) AS experiments
         FROM objects JOIN job_outputs AS o ON o.object = objects.number JOIN jobs ON jobs.number = o.job
         WHERE digest = ? ORDER BY jobs.number`,
      )
      .all(digest)
      .map((row) => ({ ...row, experiments: JSON.parse(row.experiments) as ExperimentId[] }));
  }
}
