import { ConfigError } from '../contract/errors.ts';
import type { ExperimentId } from '../contract/ids.ts';
import type { Database } from './database.ts';
import { UNMADE } from './find.ts';
import type { Pieces } from './pieces.ts';

/** The trash, and removal for good. Part of `Store`, which documents the methods of the same names. */
export class Trash {
  readonly #sql;

  constructor(db: Database) {
    this.#sql = statements(db);
  }

  put(id: ExperimentId, experiment: number): void {
    this.#requireIdle(id, experiment);
    const now = Date.now();
    this.#sql.put.run(now, experiment);
    // What looks at it goes with it, and comes back with it.
    for (const analysis of this.#sql.analysesOf.all(experiment)) {
      this.#requireIdle(analysis.id, analysis.number);
      this.#sql.put.run(now, analysis.number);
      this.#sql.went.run(analysis.number, experiment);
    }
  }

  restore(experiment: number): void {
    this.#sql.restoreAnalyses.run(experiment);
    this.#sql.restore.run(experiment);
    this.#sql.back.run(experiment, experiment);
  }

  /**
   * Rows of the experiment, and of the jobs that no other has. While nothing of it runs; where it can be interrupted,
   * after `hide`.
   */
  *remove(experiment: number): Pieces {
    // What builds on a job has a higher number: going down, a job is free once nothing points to it.
    for (const { job } of this.#sql.jobsOf.all(experiment)) {
      yield;
      this.#sql.unlinkRuns.run(job, experiment);
      this.#sql.unlink.run(job, experiment);
      this.#sql.removeJob.run(job);
    }
    this.#sql.removeExperiment.run(experiment);
  }

  /** From now on nobody sees it: what a crash leaves of it the next host removes. */
  hide(experiment: number): void {
    this.#sql.hide.run(experiment);
  }

  /** Analyses that look at one of these, in the trash or not. */
  analysesOf(ids: readonly ExperimentId[]): ExperimentId[] {
    return this.#sql.allAnalysesOf.all(JSON.stringify(ids)).map(({ id }) => id);
  }

  /** Experiments that went to the trash up to then. */
  before(time: number): ExperimentId[] {
    return this.#sql.before.all(time).map(({ id }) => id);
  }

  freeable(ids: readonly ExperimentId[]): number {
    return this.#sql.freeable.get(JSON.stringify(ids))?.bytes ?? 0;
  }

  #requireIdle(id: ExperimentId, experiment: number): void {
    const running = this.#sql.runningOf.get(experiment)?.count ?? 0;
    if (running > 0)
      throw new ConfigError(
        `experiment ${id} has ${running} running jobs`,
        'Stop it first (Ctrl-C where it runs, or `swamp pause`), or wait until it is done.',
      );
  }
}

function statements(db: Database) {
  return {
    // What was meant to run does not when it comes back: that is asked for anew.
    put: db.prepare(
      `UPDATE experiments SET removed = COALESCE(removed, ?),
       wish = CASE WHEN wish = 'run' AND waiting > 0 THEN 'stopped' ELSE wish END WHERE number = ?`,
    ),
    restore: db.prepare('UPDATE experiments SET removed = NULL WHERE number = ?'),
    analysesOf: db.prepare<{ id: ExperimentId; number: number }>(
      `SELECT id, number FROM experiments JOIN analysis_of AS l ON l.analysis = number
       WHERE l.experiment = ? AND removed IS NULL`,
    ),
    allAnalysesOf: db.prepare<{ id: ExperimentId }>(
      `SELECT DISTINCT a.id FROM experiments AS a JOIN analysis_of AS l ON l.analysis = a.number
       JOIN experiments AS e ON e.number = l.experiment WHERE e.id IN (SELECT value FROM json_each(?)) ORDER BY a.number DESC`,
    ),
    went: db.prepare('UPDATE analysis_of SET went = 1 WHERE analysis = ? AND experiment = ?'),
    restoreAnalyses: db.prepare(
      `UPDATE experiments SET removed = NULL
       WHERE number IN (SELECT analysis FROM analysis_of WHERE experiment = ? AND went = 1)`,
    ),
    back: db.prepare('UPDATE analysis_of SET went = 0 WHERE went = 1 AND (analysis = ? OR experiment = ?)'),
    before: db.prepare<{ id: ExperimentId }>(
      `SELECT id FROM experiments WHERE removed <= ? AND removed <> ${UNMADE} ORDER BY number DESC`,
    ),
    runningOf: db.prepare<{ count: number }>('SELECT running AS count FROM experiments WHERE number = ?'),
    jobsOf: db.prepare<{ job: number }>(
      'SELECT job FROM experiment_jobs WHERE experiment = ? ORDER BY job DESC',
    ),
    hide: db.prepare(`UPDATE experiments SET removed = ${UNMADE} WHERE number = ?`),
    unlinkRuns: db.prepare(
      'DELETE FROM run_jobs WHERE job = ? AND run IN (SELECT number FROM runs WHERE experiment = ?)',
    ),
    unlink: db.prepare('DELETE FROM experiment_jobs WHERE job = ? AND experiment = ?'),
    removeExperiment: db.prepare('DELETE FROM experiments WHERE number = ?'),
    removeJob: db.prepare(
      `DELETE FROM jobs WHERE number = ?
       AND NOT EXISTS (SELECT 1 FROM experiment_jobs WHERE job = jobs.number)
       AND NOT EXISTS (SELECT 1 FROM job_inputs WHERE input = jobs.number)`,
    ),
    freeable: db.prepare<{ bytes: number }>(
      `WITH named AS (SELECT number FROM experiments WHERE id IN (SELECT value FROM json_each(?))),
       these AS (SELECT number FROM named UNION SELECT l.analysis FROM analysis_of AS l WHERE l.experiment IN named),
       theirs AS MATERIALIZED (SELECT DISTINCT e.job FROM experiment_jobs AS e WHERE e.experiment IN these
         AND NOT EXISTS (SELECT 1 FROM experiment_jobs AS x WHERE x.job = e.job AND x.experiment NOT IN these))
       SELECT COALESCE(SUM(bytes), 0) AS bytes FROM objects WHERE released IS NULL
         AND number IN (SELECT object FROM job_outputs WHERE job IN theirs)
         AND NOT EXISTS (SELECT 1 FROM job_outputs AS o WHERE o.object = objects.number AND o.job NOT IN theirs)`,
    ),
  };
}
