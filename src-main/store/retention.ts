import type { Freed } from '../contract/api/library.ts';
import type { LibrarySettings } from '../contract/settings.ts';
import type { Database } from './database.ts';
import type { ObjectStore } from './objects.ts';
import type { ObjectFile } from './rows.ts';

/**
 * What is kept of finished runs (contract/settings.ts). An object that goes is **released**: its row stays with the
 * time, its file is deleted. A job whose outputs are released is still done, and its figures stay; it runs again only
 * when a job that is not done takes one of these outputs (`Store.settledKeys`).
 *
 * A particle's solution may go where every run that has it is finished and averages it in that round: elsewhere it is
 * itself what the arm stands for, or the member of an ensemble. An object goes when all jobs that made it let it.
 * Part of `Store`.
 */
export class Retention {
  readonly #objects: ObjectStore;
  readonly #sql;

  constructor(db: Database, objects: ObjectStore) {
    this.#objects = objects;
    this.#sql = statements(db);
  }

  /** Marks what may go. Inside a transaction; the files go after it. */
  release(settings: LibrarySettings, now: number): ObjectFile[] {
    const { 'retention.particles': particles, 'retention.predictions': predictions } = settings;
    if (particles === 'all' && predictions === 'all') return [];
    return this.#sql.release.all(particles, particles, predictions, now);
  }

  /** Released objects whose files a crash has left. */
  leftOver(): ObjectFile[] {
    return this.#sql.released.all().filter(({ digest }) => this.#objects.has(digest));
  }

  discard(files: readonly ObjectFile[]): Freed {
    for (const { digest } of files) this.#objects.remove(digest);
    return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
  }
}

function statements(db: Database) {
  const unfinished = 'r.waiting + r.running + r.failed + r.cancelled > 0';
  return {
    // Parameters: particles, particles, predictions, now.
    release: db.prepare<ObjectFile>(
      `WITH may_go (job, name, object) AS MATERIALIZED (
         SELECT o.job, o.name, o.object FROM job_outputs AS o JOIN jobs ON jobs.number = o.job
         WHERE (jobs.kind = 'train-particle' AND o.name = 'solution'
             OR jobs.kind = 'train-group' AND o.name LIKE 'solution-%')
           AND jobs.state = 'done' AND jobs.again IS NULL
           AND ? <> 'all' AND EXISTS (SELECT 1 FROM run_jobs WHERE job = o.job)
           AND NOT EXISTS (
             SELECT 1 FROM run_jobs AS l JOIN runs AS r ON r.number = l.run
             WHERE l.job = o.job AND (${unfinished} OR (? = 'last' AND l.round = r.rounds - 1)
               OR NOT EXISTS (SELECT 1 FROM run_jobs AS a
                 WHERE a.run = l.run AND a.round = l.round AND a.role = 'average')))
         UNION ALL
         SELECT o.job, o.name, o.object FROM job_outputs AS o JOIN jobs ON jobs.number = o.job
         WHERE jobs.kind = 'evaluate' AND o.name = 'predictions' AND jobs.state = 'done' AND jobs.again IS NULL
           AND ? = 'none' AND EXISTS (SELECT 1 FROM run_jobs WHERE job = o.job)
           AND NOT EXISTS (SELECT 1 FROM run_jobs AS l JOIN runs AS r ON r.number = l.run
             WHERE l.job = o.job AND ${unfinished}))
       UPDATE objects SET released = ? WHERE released IS NULL
         AND number IN (SELECT object FROM may_go)
         AND NOT EXISTS (SELECT 1 FROM job_outputs AS o WHERE o.object = objects.number
           AND (o.job, o.name) NOT IN (SELECT job, name FROM may_go))
       RETURNING digest, bytes`,
    ),
    released: db.prepare<ObjectFile>('SELECT digest, bytes FROM objects WHERE released IS NOT NULL'),
  };
}
