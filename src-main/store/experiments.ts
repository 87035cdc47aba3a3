import { ConfigError } from '../contract/errors.ts';
import type { ExperimentId, JobKey, RunId } from '../contract/ids.ts';
import type { JobRole, RunState } from '../contract/states.ts';
import type { Database, Statement, Value } from './database.ts';
import { UNMADE, type Finder } from './find.ts';
import type { Pieces } from './pieces.ts';
import type {
  ExperimentFilter,
  ExperimentRow,
  ExtendedExperiment,
  JobCounts,
  NewExperiment,
  RunFilter,
  RunJob,
  RunRow,
  RunSummary,
  Wish,
} from './rows.ts';
import { countNames, countsOf, stateSql } from './states.ts';

interface ExperimentRecord extends JobCounts {
  readonly id: ExperimentId;
  readonly name: string;
  readonly created: number;
  readonly config: string;
  readonly resolved: string;
  readonly wish: Wish;
  readonly note: string;
  readonly tags: string;
  readonly state: RunState;
  readonly runs: number;
  readonly removed: number | null;
  readonly origin: ExperimentId | null;
  readonly sweep: string | null;
  readonly analysis: string | null;
}

interface RunRecord extends JobCounts {
  readonly id: RunId;
  readonly experiment: ExperimentId;
  readonly created: number;
  readonly arm: string;
  readonly slug: string;
  readonly kind: string;
  readonly spec: string;
  readonly seed: number;
  readonly rounds: number;
  readonly note: string;
  readonly tags: string;
  readonly state: RunState;
  readonly rounds_done: number;
  readonly final_sparsity: number | null;
  readonly final_accuracy: number | null;
  readonly final_validation_accuracy: number | null;
  readonly best_validation_accuracy: number | null;
  readonly best_accuracy: number | null;
  readonly best_sparsity: number | null;
  readonly best_round: number | null;
}

const counts = (table: string): string => countNames.map((name) => `${table}.${name}`).join(', ');

const selectExperiments = `SELECT e.id, e.name, e.created, e.config, e.resolved, e.wish, e.note, ${counts('e')},
  ${stateSql('experiment', 'e', 'e')} AS state, e.removed, e.origin, e.sweep, e.analysis,
  (SELECT json_group_array(tag) FROM (SELECT tag FROM experiment_tags WHERE experiment = e.number ORDER BY tag)) AS tags,
  (SELECT COUNT(*) FROM runs WHERE runs.experiment = e.number) AS runs
  FROM experiments AS e`;

const selectRuns = `SELECT * FROM (SELECT r.id, e.id AS experiment, e.number AS experiment_number, e.created, e.removed,
  r.position, r.arm, r.slug, r.kind, r.spec, r.seed, r.rounds, r.note, ${counts('r')}, ${stateSql('run', 'r', 'e')} AS state,
  (SELECT json_group_array(tag) FROM (SELECT tag FROM tags WHERE run = r.number ORDER BY tag)) AS tags,
  r.rounds_done, r.final_sparsity, r.final_accuracy, r.final_validation_accuracy,
  r.best_validation_accuracy, r.best_accuracy, r.best_sparsity, r.best_round
  FROM runs AS r JOIN experiments AS e ON e.number = r.experiment) AS r`;

/** Experiments and runs. Part of `Store`, which documents the methods of the same names. */
export class ExperimentTable {
  readonly #db: Database;
  readonly #find: Finder;
  readonly #sql;
  /** Run queries by their WHERE: there are few. */
  readonly #runQueries = new Map<string, Statement<RunRecord>>();

  constructor(db: Database, find: Finder) {
    this.#db = db;
    this.#find = find;
    this.#sql = statements(db);
  }

  /**
   * The row of an experiment, without its runs and jobs; nobody sees it before `show`.
   * @returns its number.
   */
  insert(plan: Omit<NewExperiment, 'runs' | 'jobs' | 'runJobs'>, now: number): number {
    const { id, name, config, resolved, origin = null, sweep = null, analysis } = plan;
    if (this.#sql.experiment.get(id) !== undefined)
      throw new ConfigError(`there already is an experiment ${id}`, 'Choose another id.');
    const texts = [JSON.stringify(config ?? null), JSON.stringify(resolved ?? null)];
    this.#sql.insert.run(id, name, now, ...texts, origin, sweep, UNMADE, analysis?.kind ?? null);
    const number = this.number(id);
    for (const of of analysis?.of ?? []) this.#sql.insertAnalysisOf.run(number, this.number(of));
    return number;
  }

  number(id: ExperimentId): number {
    return this.#find.number(id);
  }

  /** Makes a job one of the experiment's. */
  link(experiment: number, job: number): void {
    this.#sql.insertExperimentJob.run(experiment, job);
  }

  /** What was not to be seen is there. */
  show(experiment: number): void {
    this.#sql.show.run(experiment);
  }

  /** Experiments that nobody sees: a host that ended while it wrote has left them. */
  unmade(): number[] {
    return this.#sql.unmade.all().map(({ number }) => number);
  }

  /** What the plan asks for becomes what is asked for of an experiment whose runs and jobs are all in the plan. */
  extend(id: ExperimentId, plan: Pick<ExtendedExperiment, 'config' | 'resolved'>): void {
    const experiment = this.#find.number(id);
    this.#sql.update.run(
      JSON.stringify(plan.config ?? null),
      JSON.stringify(plan.resolved ?? null),
      experiment,
    );
  }

  /**
   * @throws ConfigError while jobs of the experiment are running; RangeError where something of it is not in the plan.
   */
  *requireWhole(id: ExperimentId, plan: ExtendedExperiment): Pieces {
    this.requireIdle(id);
    const experiment = this.#find.number(id);
    const runs = new Set(plan.runs.map((run) => run.id));
    const keys = new Set(plan.jobs.map(({ key }) => key));
    const links = new Set<string>();
    for (const link of plan.runJobs) {
      yield;
      links.add(linkText(link));
    }
    const gone =
      this.runs({ experiment: id }).find((run) => !runs.has(run.id))?.id ??
      this.jobKeys(experiment).find((key) => !keys.has(key));
    if (gone !== undefined) throw lacking(gone, id);
    for (const link of this.runJobs(experiment)) {
      yield;
      if (!links.has(linkText(link))) throw lacking(link.job, id);
    }
  }

  /** @throws ConfigError while jobs of the experiment are running. */
  requireIdle(id: ExperimentId): void {
    const { running } = this.experiment(id).counts;
    if (running > 0)
      throw new ConfigError(
        `experiment ${id} has ${running} running jobs`,
        `Stop it first, or wait until it is done.`,
      );
  }

  /**
   * Rows of runs, and what the jobs (already stored and linked, by number) are to them; those that are there already
   * stay. `count` comes after it.
   */
  *putRuns(
    experiment: number,
    { runs, runJobs }: Pick<NewExperiment, 'runs' | 'runJobs'>,
    jobs: ReadonlyMap<JobKey, number>,
  ): Pieces {
    const numbers = new Map<RunId, number>();
    for (const [position, run] of runs.entries()) {
      yield;
      const { arm, slug, kind, spec, seed, rounds } = run;
      const text = JSON.stringify(spec ?? null);
      this.#sql.putRun.run(run.id, experiment, position, arm, slug, kind, text, seed, rounds, run.id);
      numbers.set(run.id, this.#find.runNumber(run.id));
    }
    for (const { run, job, round, role, index } of runJobs) {
      yield;
      const [runNumber, jobNumber] = [numbers.get(run), jobs.get(job)];
      if (runNumber === undefined || jobNumber === undefined)
        throw new RangeError(`run ${run} or job ${job} is not part of the plan`);
      this.#sql.insertRunJob.run(runNumber, jobNumber, round, role, index);
    }
  }

  /** Counts its jobs by state; from then on a trigger does. */
  *count(experiment: number): Pieces {
    this.#sql.countExperiment.run(experiment);
    for (const { number } of this.#sql.runsOf.all(experiment)) {
      yield;
      this.#sql.countRun.run(number);
    }
  }

  /**
   * Gives one experiment the jobs of another that has all of its own, and its runs what they are to the other's of the
   * same arm and seed; with their counts.
   */
  copyLinks(from: number, to: number): void {
    this.#sql.copyJobs.run(to, from);
    this.#sql.copyRunJobs.run(to, from);
    this.#sql.copyCounts.run(from, to);
    this.#sql.copyRunCounts.run(from, to);
  }

  experiment(id: ExperimentId): ExperimentRow {
    const record = this.#sql.experiment.get(id);
    if (record === undefined) throw this.#find.none('experiment', id);
    return toExperiment(record);
  }

  experiments(filter: ExperimentFilter): ExperimentRow[] {
    const { trash = 'without', sweep, origin, tag, analyses = 'without', analysisOf } = filter;
    const or = (value: string | undefined): string | null => value ?? null;
    const [bySweep, byOrigin, byTag, byOf] = [or(sweep), or(origin), or(tag), or(analysisOf)];
    return this.#sql.experiments
      .all(
        ...[trash, trash, analyses, analyses],
        ...[bySweep, bySweep, byOrigin, byOrigin, byTag, byTag, byTag, byOf, byOf],
      )
      .map(toExperiment);
  }

  run(id: RunId): RunRow {
    const record = this.#runQuery(' WHERE id = ?').get(id);
    if (record === undefined) throw this.#find.none('run', id);
    return toRun(record);
  }

  runs(filter: RunFilter): RunRow[] {
    const conditions: string[] = filter.experiment === undefined ? ['removed IS NULL'] : [];
    const values: Value[] = [];
    const add = (condition: string, value: Value | undefined): void => {
      if (value === undefined) return;
      conditions.push(condition);
      values.push(value);
    };
    add('experiment = ?', filter.experiment);
    add('arm = ?', filter.arm);
    add('kind = ?', filter.kind);
    add('seed = ?', filter.seed);
    add('state = ?', filter.state);
    add('id IN (SELECT runs.id FROM tags JOIN runs ON runs.number = tags.run WHERE tag = ?)', filter.tag);
    const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
    const sql = `${where} ORDER BY experiment_number DESC, position LIMIT ? OFFSET ?`;
    return this.#runQuery(sql)
      .all(...values, filter.limit ?? -1, filter.offset ?? 0)
      .map(toRun);
  }

  runJobs(experiment: number): RunJob[] {
    return this.#sql.runJobs.all(experiment);
  }

  jobKeys(experiment: number): JobKey[] {
    return this.#sql.jobKeys.all(experiment).map(({ key }) => key);
  }

  setWish(id: ExperimentId, wish: Wish): void {
    this.#sql.setWish.run(wish, this.#find.number(id));
  }

  summarise(id: RunId, summary: RunSummary): void {
    const { roundsDone, finalSparsity, finalAccuracy, finalValidationAccuracy } = summary;
    const { bestValidationAccuracy, bestAccuracy, bestSparsity, bestRound } = summary;
    this.#sql.summarise.run(
      roundsDone,
      finalSparsity,
      finalAccuracy,
      finalValidationAccuracy,
      bestValidationAccuracy,
      bestAccuracy,
      bestSparsity,
      bestRound,
      this.#find.runNumber(id),
    );
  }

  #runQuery(where: string): Statement<RunRecord> {
    const known = this.#runQueries.get(where);
    if (known !== undefined) return known;
    const statement = this.#db.prepare<RunRecord>(selectRuns + where);
    this.#runQueries.set(where, statement);
    return statement;
  }
}

function lacking(what: string, id: ExperimentId): RangeError {
  return new RangeError(`${what} of experiment ${id} is not part of the plan`);
}

function linkText({ run, job, round, role, index }: RunJob): string {
  return [run, job, round, role, index].join();
}

function toExperiment(record: ExperimentRecord): ExperimentRow {
  const { id, name, created, wish, note, state, runs, removed, origin, sweep, analysis } = record;
  const [config, resolved] = [JSON.parse(record.config) as unknown, JSON.parse(record.resolved) as unknown];
  const tags = JSON.parse(record.tags) as string[];
  const standing = { wish, state, counts: countsOf(record), removed };
  return { id, name, created, config, resolved, note, tags, runs, origin, sweep, analysis, ...standing };
}

function toRun(record: RunRecord): RunRow {
  const { id, experiment, created, arm, slug, kind, seed, rounds, note, state } = record;
  const spec = JSON.parse(record.spec) as unknown;
  const tags = JSON.parse(record.tags) as string[];
  const summary: RunSummary = {
    roundsDone: record.rounds_done,
    finalSparsity: record.final_sparsity,
    finalAccuracy: record.final_accuracy,
    finalValidationAccuracy: record.final_validation_accuracy,
    bestValidationAccuracy: record.best_validation_accuracy,
    bestAccuracy: record.best_accuracy,
    bestSparsity: record.best_sparsity,
    bestRound: record.best_round,
  };
  const state_ = { state, counts: countsOf(record), summary };
  return { id, experiment, created, arm, slug, kind, spec, seed, rounds, note, tags, ...state_ };
}

function statements(db: Database) {
  const count = (of: string): string =>
    countNames
      .map((state) => `${state} = (SELECT COUNT(DISTINCT job) ${of} AND state = '${state}')`)
      .join(', ');
  return {
    insert: db.prepare(
      `INSERT INTO experiments (id, name, created, config, resolved, origin, sweep, removed, analysis)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    insertAnalysisOf: db.prepare('INSERT INTO analysis_of (analysis, experiment) VALUES (?, ?)'),
    update: db.prepare('UPDATE experiments SET config = ?, resolved = ? WHERE number = ?'),
    // A run that is there may stand elsewhere among its experiment's, and get more rounds.
    putRun: db.prepare(
      `INSERT INTO runs (id, experiment, position, arm, slug, kind, spec, seed, rounds, grp)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET position = excluded.position, rounds = excluded.rounds`,
    ),
    insertExperimentJob: db.prepare(
      'INSERT INTO experiment_jobs (experiment, job) VALUES (?, ?) ON CONFLICT DO NOTHING',
    ),
    insertRunJob: db.prepare(
      'INSERT INTO run_jobs (run, job, round, role, idx) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    countExperiment: db.prepare(
      `UPDATE experiments SET ${count('FROM experiment_jobs JOIN jobs ON jobs.number = job WHERE experiment = experiments.number')}
       WHERE number = ?`,
    ),
    countRun: db.prepare(
      `UPDATE runs SET ${count('FROM run_jobs JOIN jobs ON jobs.number = job WHERE run = runs.number')}
       WHERE number = ?`,
    ),
    runsOf: db.prepare<{ number: number }>('SELECT number FROM runs WHERE experiment = ?'),
    show: db.prepare('UPDATE experiments SET removed = NULL WHERE number = ?'),
    unmade: db.prepare<{ number: number }>(`SELECT number FROM experiments WHERE removed = ${UNMADE}`),
    copyJobs: db.prepare(
      `INSERT OR IGNORE INTO experiment_jobs (experiment, job) SELECT ?, job FROM experiment_jobs WHERE experiment = ?`,
    ),
    copyCounts: db.prepare(
      `UPDATE experiments SET ${countNames.map((name) => `${name} = f.${name}`).join(', ')}
       FROM experiments AS f WHERE f.number = ? AND experiments.number = ?`,
    ),
    copyRunCounts: db.prepare(
      `UPDATE runs SET ${countNames.map((name) => `${name} = f.${name}`).join(', ')}
       FROM runs AS f WHERE f.slug = runs.slug AND f.seed = runs.seed AND f.experiment = ? AND runs.experiment = ?`,
    ),
    copyRunJobs: db.prepare(
      `INSERT OR IGNORE INTO run_jobs (run, job, round, role, idx)
       SELECT t.number, l.job, l.round, l.role, l.idx
       FROM runs AS t JOIN runs AS f ON f.slug = t.slug AND f.seed = t.seed JOIN run_jobs AS l ON l.run = f.number
       WHERE t.experiment = ? AND f.experiment = ?`,
    ),
    experiment: db.prepare<ExperimentRecord>(`${selectExperiments} WHERE e.id = ?`),
    experiments: db.prepare<ExperimentRecord>(
      `${selectExperiments} WHERE e.removed IS NOT ${UNMADE} AND (? = 'with' OR (e.removed IS NOT NULL) = (? = 'only'))
       AND (? = 'with' OR (e.analysis IS NOT NULL) = (? = 'only'))
       AND (? IS NULL OR e.sweep = ?) AND (? IS NULL OR e.origin = ?)
       AND (? IS NULL OR e.number IN (SELECT experiment FROM experiment_tags WHERE tag = ?)
         OR e.number IN (SELECT experiment FROM tags JOIN runs ON runs.number = run WHERE tag = ?))
       AND (? IS NULL OR e.number IN (SELECT a.analysis FROM analysis_of AS a JOIN experiments AS o ON o.number = a.experiment
         WHERE o.id = ?))
       ORDER BY e.number DESC`,
    ),
    runJobs: db.prepare<{ run: RunId; job: JobKey; round: number; role: JobRole; index: number }>(
      `SELECT runs.id AS run, jobs.key AS job, round, role, idx AS "index"
       FROM runs JOIN run_jobs ON run = runs.number JOIN jobs ON jobs.number = job
       WHERE experiment = ? ORDER BY position, round, jobs.number, idx`,
    ),
    jobKeys: db.prepare<{ key: JobKey }>(
      'SELECT key FROM experiment_jobs JOIN jobs ON number = job WHERE experiment = ? ORDER BY number',
    ),
    setWish: db.prepare('UPDATE experiments SET wish = ? WHERE number = ?'),
    summarise: db.prepare(
      `UPDATE runs SET rounds_done = ?, final_sparsity = ?, final_accuracy = ?, final_validation_accuracy = ?,
       best_validation_accuracy = ?, best_accuracy = ?, best_sparsity = ?, best_round = ? WHERE number = ?`,
    ),
  };
}
