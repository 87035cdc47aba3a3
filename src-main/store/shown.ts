import type { ExperimentId, JobKey } from '../contract/ids.ts';
import type { JobFailure, JobKind } from '../contract/job.ts';
import type { Evaluation } from '../contract/metrics.ts';
import type { JobState } from '../contract/states.ts';
import type { Database } from './database.ts';
import type { Finder } from './find.ts';

/** A job as it is shown beside the others of its experiment. */
export interface JobStanding {
  readonly kind: JobKind;
  /** One that runs again for released outputs, or failed to, is not told as done. */
  readonly state: JobState;
  readonly attempts: number;
  readonly seconds: number | null;
  readonly failure: JobFailure | null;
  readonly evaluation: Evaluation | null;
}

/** What jobs of one kind took. */
export interface SpentByKind {
  readonly kind: JobKind;
  readonly jobs: number;
  readonly workerSeconds: number;
  readonly sessionSeconds: number;
  readonly steps: number;
}

/** What an experiment took. */
export interface Spent {
  readonly kinds: readonly SpentByKind[];
  /** Of attempts that ended: milliseconds since 1970. */
  readonly spans: readonly { readonly started: number; readonly ended: number }[];
}

/** Bytes of an experiment's objects, and of those that no other experiment needs. */
export interface UsedByOne {
  readonly bytes: number;
  readonly own: number;
}

/** An experiment as it is shown, each question one query. Part of `Store`. */
export class Shown {
  readonly #find: Finder;
  readonly #sql;

  constructor(db: Database, find: Finder) {
    this.#find = find;
    this.#sql = statements(db);
  }

  standings(id: ExperimentId): Map<JobKey, JobStanding> {
    const rows = this.#sql.standings.all(this.#find.number(id));
    return new Map(
      rows.map(({ key, kind, state, again, attempts, seconds, failure, evaluation }) => [
        key,
        {
          kind,
          state: again ?? state,
          attempts,
          seconds,
          failure: failure === null ? null : (JSON.parse(failure) as JobFailure),
          evaluation: evaluation === null ? null : (JSON.parse(evaluation) as Evaluation),
        },
      ]),
    );
  }

  resultsStand(id: ExperimentId): string {
    return JSON.stringify(this.#sql.results.get(this.#find.number(id)));
  }

  spent(id: ExperimentId): Spent {
    const number = this.#find.number(id);
    return { kinds: this.#sql.kinds.all(number), spans: this.#sql.spans.all(number) };
  }

  used(id: ExperimentId): UsedByOne {
    const number = this.#find.number(id);
    return this.#sql.used.get(number, number) ?? { bytes: 0, own: 0 };
  }
}

interface StandingRecord {
  readonly key: JobKey;
  readonly kind: JobKind;
  readonly state: JobState;
  readonly again: 'running' | 'failed' | null;
  readonly attempts: number;
  readonly seconds: number | null;
  readonly failure: string | null;
  readonly evaluation: string | null;
}

function statements(db: Database) {
  const ofExperiment = 'FROM experiment_jobs AS e JOIN jobs AS j ON j.number = e.job WHERE e.experiment = ?';
  return {
    standings: db.prepare<StandingRecord>(
      `SELECT j.key, j.kind, j.state, j.again, j.attempts, j.seconds, j.failure, j.evaluation ${ofExperiment}`,
    ),
    // Results that went and came again took other attempts.
    results: db.prepare<{ done: number; finished: number; attempts: number }>(
      `SELECT COUNT(j.finished) AS done, COALESCE(SUM(j.finished), 0) AS finished, SUM(j.attempts) AS attempts
       ${ofExperiment}`,
    ),
    kinds: db.prepare<SpentByKind>(
      `SELECT j.kind, COUNT(*) AS jobs, SUM(j.seconds) AS workerSeconds, SUM(j.session_seconds) AS sessionSeconds,
         SUM(j.steps) AS steps ${ofExperiment} AND j.state = 'done' GROUP BY j.kind ORDER BY MIN(j.number)`,
    ),
    spans: db.prepare<{ started: number; ended: number }>(
      `SELECT a.started, a.ended FROM experiment_jobs AS e JOIN attempts AS a ON a.job = e.job
       WHERE e.experiment = ? AND a.ended IS NOT NULL ORDER BY a.started`,
    ),
    used: db.prepare<UsedByOne>(
      `SELECT COALESCE(SUM(bytes), 0) AS bytes, COALESCE(SUM(bytes) FILTER (WHERE NOT EXISTS (
           SELECT 1 FROM job_outputs AS o JOIN experiment_jobs AS x ON x.job = o.job
           WHERE o.object = objects.number AND x.experiment <> ?)), 0) AS own
       FROM objects WHERE released IS NULL AND number IN (
         SELECT o.object FROM experiment_jobs AS e JOIN job_outputs AS o ON o.job = e.job WHERE e.experiment = ?)`,
    ),
  };
}
