import type { ExperimentId, JobKey } from '../contract/ids.ts';
import type { Database } from './database.ts';
import { UNMADE } from './find.ts';
import type { Recovered, Usage } from './rows.ts';

/** Recovery, use of disk space, and timings. Part of `Store`, which documents the methods of the same names. */
export class Housekeeping {
  readonly #db: Database;
  readonly #sql;

  constructor(db: Database) {
    this.#db = db;
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

  timing(signature: string): { readonly ms: number; readonly at: number } | null {
    return this.#sql.timing.get(signature) ?? null;
  }

  putTiming(signature: string, ms: number): void {
    this.#sql.putTiming.run(signature, ms, Date.now());
  }
}

function statements(db: Database) {
  return {
    running: db.prepare<{ key: JobKey }>(
      `SELECT key FROM jobs WHERE state = 'running' OR again = 'running' ORDER BY number`,
    ),
    // Killed between two jobs, an experiment has none running, but it was meant to run and nobody runs it.
    leftBehind: db.prepare<{ id: ExperimentId }>(
      `SELECT id FROM experiments
       WHERE wish = 'run' AND removed IS NOT ${UNMADE} AND (running > 0 OR (waiting > 0 AND failed = 0)) ORDER BY number`,
    ),
    interrupt: db.prepare(`UPDATE experiments SET wish = 'interrupted' WHERE id = ?`),
    endAttempts: db.prepare(
      `UPDATE attempts SET ended = ?, outcome = 'interrupted'
       WHERE outcome IS NULL AND job IN (SELECT number FROM jobs WHERE state = 'running' OR again = 'running')`,
    ),
    notAgain: db.prepare(`UPDATE jobs SET again = NULL WHERE again = 'running'`),
    wait: db.prepare(`UPDATE jobs SET state = 'waiting' WHERE state = 'running'`),
    total: db.prepare<{ bytes: number }>(
      'SELECT COALESCE(SUM(bytes), 0) AS bytes FROM objects WHERE released IS NULL AND number IN (SELECT object FROM job_outputs)',
    ),
    usage: db.prepare<{ id: ExperimentId; bytes: number; own: number }>(
      `WITH pairs AS (SELECT DISTINCT e.experiment, o.object
         FROM experiment_jobs AS e JOIN job_outputs AS o ON o.job = e.job
         WHERE o.object IN (SELECT number FROM objects WHERE released IS NULL)),
       shares AS (SELECT object, COUNT(*) AS sharers FROM pairs GROUP BY object)
       SELECT e.id, COALESCE(SUM(o.bytes), 0) AS bytes,
         COALESCE(SUM(CASE WHEN s.sharers = 1 THEN o.bytes END), 0) AS own
       FROM experiments AS e LEFT JOIN pairs AS p ON p.experiment = e.number
       LEFT JOIN objects AS o ON o.number = p.object LEFT JOIN shares AS s ON s.object = p.object
       GROUP BY e.number ORDER BY e.number DESC`,
    ),
    timing: db.prepare<{ ms: number; at: number }>('SELECT ms, at FROM timings WHERE signature = ?'),
    putTiming: db.prepare(
      `INSERT INTO timings (signature, ms, at) VALUES (?, ?, ?)
       ON CONFLICT (signature) DO UPDATE SET ms = excluded.ms, at = excluded.at`,
    ),
  };
}
