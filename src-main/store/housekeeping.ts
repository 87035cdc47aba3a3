import { ConfigError } from '../contract/errors.ts';
import type { Digest, ExperimentId, JobKey } from '../contract/ids.ts';
import type { Database } from './database.ts';
import type { ObjectStore } from './objects.ts';
import type { Recovered, Swept, Usage } from './rows.ts';

/** Recovery, use of disk space, and removal. Part of `Store`, which documents the methods of the same names. */
export class Housekeeping {
  readonly #db: Database;
  readonly #objects: ObjectStore;
  readonly #sql;

  constructor(db: Database, objects: ObjectStore) {
    this.#db = db;
    this.#objects = objects;
    this.#sql = statements(db);
  }

  recover(): Recovered {
    return this.#db.transaction(() => {
      const jobs = this.#sql.running.all().map(({ key }) => key);
      const experiments = this.#sql.leftBehind.all().map(({ id }) => id);
      for (const id of experiments) this.#sql.interrupt.run(id);
      this.#sql.endAttempts.run(Date.now());
      this.#sql.wait.run();
      this.#sql.notAgain.run();
      return { jobs, experiments };
    });
  }

  usage(): Usage {
    const total = this.#sql.total.get()?.bytes ?? 0;
    return { total, experiments: this.#sql.usage.all() };
  }

  remove(id: ExperimentId, experiment: number): void {
    this.#db.transaction(() => {
      const running = this.#sql.runningOf.get(experiment)?.count ?? 0;
      if (running > 0)
        throw new ConfigError(
          `experiment ${id} has ${running} running jobs`,
          `Stop it first: \`swamp stop ${id}\`.`,
        );
      // What builds on a job has a higher number: going down, a job is free once nothing points to it.
      const jobs = this.#sql.jobsOf.all(experiment);
      this.#sql.removeExperiment.run(experiment);
      for (const { job } of jobs) this.#sql.removeJob.run(job);
    });
  }

  sweep(olderThan: number): Swept {
    const running = this.#sql.running.all().length;
    if (running > 0)
      throw new ConfigError(
        `cannot clean up while ${running} jobs are running`,
        'Their results would be taken for rubbish. Wait until they are done, or stop them.',
      );
    const swept = { objects: 0, partial: 0, temporary: 0, bytes: 0 };
    const discard = (kind: 'objects' | 'partial' | 'temporary', path: string, bytes: number): void => {
      this.#objects.discard(path);
      swept[kind] += 1;
      swept.bytes += bytes;
    };
    // Rows first: a crash in between leaves files without rows, never rows without files.
    this.#sql.removeObjects.run();
    for (const { digest, path, bytes, age } of this.#objects.list())
      if (age >= olderThan && !this.#needed(digest)) discard('objects', path, bytes);
    for (const { job, path, bytes } of this.#objects.listPartial())
      if (!this.#unfinished(job)) discard('partial', path, bytes);
    for (const { path, bytes, age } of this.#objects.listTemporary())
      if (age >= olderThan) discard('temporary', path, bytes);
    return swept;
  }

  timing(signature: string): { readonly ms: number; readonly at: number } | null {
    return this.#sql.timing.get(signature) ?? null;
  }

  putTiming(signature: string, ms: number): void {
    this.#sql.putTiming.run(signature, ms, Date.now());
  }

  #needed(digest: Digest): boolean {
    return this.#sql.object.get(digest) !== undefined;
  }

  #unfinished(job: JobKey): boolean {
    return this.#sql.unfinished.get(job) !== undefined;
  }
}

function statements(db: Database) {
  return {
    running: db.prepare<{ key: JobKey }>(
      `SELECT key FROM jobs WHERE state = 'running' OR again = 'running' ORDER BY number`,
    ),
    // Killed between two jobs, an experiment has none running, but it was meant to run and nobody runs it. One that
    // was still queued goes on waiting.
    leftBehind: db.prepare<{ id: ExperimentId }>(
      `SELECT id FROM experiments
       WHERE wish = 'run' AND (running > 0 OR (waiting > 0 AND failed = 0 AND queued IS NULL)) ORDER BY number`,
    ),
    interrupt: db.prepare(`UPDATE experiments SET wish = 'interrupted' WHERE id = ?`),
    endAttempts: db.prepare(
      `UPDATE attempts SET ended = ?, outcome = 'interrupted'
       WHERE outcome IS NULL AND job IN (SELECT number FROM jobs WHERE state = 'running' OR again = 'running')`,
    ),
    notAgain: db.prepare(`UPDATE jobs SET again = NULL WHERE again = 'running'`),
    wait: db.prepare(`UPDATE jobs SET state = 'waiting' WHERE state = 'running'`),
    total: db.prepare<{ bytes: number }>(
      'SELECT COALESCE(SUM(bytes), 0) AS bytes FROM objects WHERE number IN (SELECT object FROM job_outputs)',
    ),
    usage: db.prepare<{ id: ExperimentId; bytes: number; own: number }>(
      `WITH pairs AS (SELECT DISTINCT e.experiment, o.object
         FROM experiment_jobs AS e JOIN job_outputs AS o ON o.job = e.job),
       shares AS (SELECT object, COUNT(*) AS sharers FROM pairs GROUP BY object)
       SELECT e.id, COALESCE(SUM(o.bytes), 0) AS bytes,
         COALESCE(SUM(CASE WHEN s.sharers = 1 THEN o.bytes END), 0) AS own
       FROM experiments AS e LEFT JOIN pairs AS p ON p.experiment = e.number
       LEFT JOIN objects AS o ON o.number = p.object LEFT JOIN shares AS s ON s.object = p.object
       GROUP BY e.number ORDER BY e.number DESC`,
    ),
    runningOf: db.prepare<{ count: number }>('SELECT running AS count FROM experiments WHERE number = ?'),
    jobsOf: db.prepare<{ job: number }>(
      'SELECT job FROM experiment_jobs WHERE experiment = ? ORDER BY job DESC',
    ),
    removeExperiment: db.prepare('DELETE FROM experiments WHERE number = ?'),
    removeJob: db.prepare(
      `DELETE FROM jobs WHERE number = ?
       AND NOT EXISTS (SELECT 1 FROM experiment_jobs WHERE job = jobs.number)
       AND NOT EXISTS (SELECT 1 FROM job_inputs WHERE input = jobs.number)`,
    ),
    removeObjects: db.prepare('DELETE FROM objects WHERE number NOT IN (SELECT object FROM job_outputs)'),
    object: db.prepare<{ number: number }>('SELECT number FROM objects WHERE digest = ?'),
    unfinished: db.prepare<{ number: number }>(`SELECT number FROM jobs WHERE key = ? AND state <> 'done'`),
    timing: db.prepare<{ ms: number; at: number }>('SELECT ms, at FROM timings WHERE signature = ?'),
    putTiming: db.prepare(
      `INSERT INTO timings (signature, ms, at) VALUES (?, ?, ?)
       ON CONFLICT (signature) DO UPDATE SET ms = excluded.ms, at = excluded.at`,
    ),
  };
}
