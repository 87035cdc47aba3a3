import { ConfigError } from '../contract/errors.ts';
import type { ExperimentId, JobKey, RunId } from '../contract/ids.ts';
import type { JobRole, RunState } from '../contract/states.ts';
import type { Database, Statement, Value } from './database.ts';
import type {
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
  readonly state: RunState;
  readonly runs: number;
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

/** How many candidates an error names. */
const mostCandidates = 10;

const counts = (table: string): string => countNames.map((name) => `${table}.${name}`).join(', ');

const selectExperiments = `SELECT e.id, e.name, e.created, e.config, e.resolved, e.wish, e.note, ${counts('e')},
  ${stateSql('e', 'e')} AS state, (SELECT COUNT(*) FROM runs WHERE runs.experiment = e.number) AS runs
  FROM experiments AS e`;

const selectRuns = `SELECT * FROM (SELECT r.id, e.id AS experiment, e.number AS experiment_number, e.created,
  r.position, r.arm, r.slug, r.kind, r.spec, r.seed, r.rounds, r.note, ${counts('r')}, ${stateSql('r', 'e')} AS state,
  (SELECT json_group_array(tag) FROM (SELECT tag FROM tags WHERE run = r.number ORDER BY tag)) AS tags,
  r.rounds_done, r.final_sparsity, r.final_accuracy, r.final_validation_accuracy,
  r.best_validation_accuracy, r.best_accuracy, r.best_sparsity, r.best_round
  FROM runs AS r JOIN experiments AS e ON e.number = r.experiment) AS r`;

/** Experiments and runs. Part of `Store`, which documents the methods of the same names. */
export class ExperimentTable {
  readonly #db: Database;
  readonly #sql;
  /** Run queries by their WHERE: there are few. */
  readonly #runQueries = new Map<string, Statement<RunRecord>>();

  constructor(db: Database) {
    this.#db = db;
    this.#sql = statements(db);
  }

  /** Rows of the experiment, its runs, and what the jobs (already stored, by number) are to them. */
  insert(plan: NewExperiment, jobs: ReadonlyMap<JobKey, number>, now: number): void {
    const { id, name, config, resolved } = plan;
    if (this.#sql.number.get(id) !== undefined)
      throw new ConfigError(`there already is an experiment ${id}`, 'Choose another id.');
    this.#sql.insert.run(id, name, now, JSON.stringify(config ?? null), JSON.stringify(resolved ?? null));
    this.#putRuns(this.number(id), plan, jobs);
  }

  /** The same for an experiment that is there, whose runs and jobs are all in the plan. */
  extend(id: ExperimentId, plan: ExtendedExperiment, jobs: ReadonlyMap<JobKey, number>): void {
    const experiment = this.number(id);
    const { running } = this.experiment(id).counts;
    if (running > 0)
      throw new ConfigError(
        `experiment ${id} has ${running} running jobs`,
        `Stop it first, or wait until it is done.`,
      );
    const [runs, keys] = [new Set(plan.runs.map((run) => run.id)), new Set(jobs.keys())];
    const links = new Set(plan.runJobs.map(linkText));
    const gone =
      this.runs({ experiment: id }).find((run) => !runs.has(run.id))?.id ??
      this.jobKeys(experiment).find((key) => !keys.has(key)) ??
      this.runJobs(experiment).find((link) => !links.has(linkText(link)))?.job;
    if (gone !== undefined) throw new RangeError(`${gone} of experiment ${id} is not part of the plan`);
    this.#sql.update.run(
      JSON.stringify(plan.config ?? null),
      JSON.stringify(plan.resolved ?? null),
      experiment,
    );
    this.#putRuns(experiment, plan, jobs);
  }

  /** Rows of runs, links and counts; those that are there already stay. */
  #putRuns(
    experiment: number,
    { runs, runJobs }: Pick<NewExperiment, 'runs' | 'runJobs'>,
    jobs: ReadonlyMap<JobKey, number>,
  ): void {
    const numbers = new Map<RunId, number>();
    for (const [position, run] of runs.entries()) {
      const { arm, slug, kind, spec, seed, rounds } = run;
      const text = JSON.stringify(spec ?? null);
      this.#sql.putRun.run(run.id, experiment, position, arm, slug, kind, text, seed, rounds);
      numbers.set(run.id, this.runNumber(run.id));
    }
    for (const job of jobs.values()) this.#sql.insertExperimentJob.run(experiment, job);
    for (const { run, job, round, role, index } of runJobs) {
      const [runNumber, jobNumber] = [numbers.get(run), jobs.get(job)];
      if (runNumber === undefined || jobNumber === undefined)
        throw new RangeError(`run ${run} or job ${job} is not part of the plan`);
      this.#sql.insertRunJob.run(runNumber, jobNumber, round, role, index);
    }
    this.#sql.countExperiment.run(experiment);
    this.#sql.countRuns.run(experiment);
  }

  number(id: ExperimentId): number {
    const number = this.#sql.number.get(id)?.number;
    if (number === undefined) throw this.#none('experiment', id);
    return number;
  }

  runNumber(id: RunId): number {
    const number = this.#sql.runNumber.get(id)?.number;
    if (number === undefined) throw this.#none('run', id);
    return number;
  }

  experiment(id: ExperimentId): ExperimentRow {
    const record = this.#sql.experiment.get(id);
    if (record === undefined) throw this.#none('experiment', id);
    return toExperiment(record);
  }

  experiments(): ExperimentRow[] {
    return this.#sql.experiments.all().map(toExperiment);
  }

  run(id: RunId): RunRow {
    const record = this.#runQuery(' WHERE id = ?').get(id);
    if (record === undefined) throw this.#none('run', id);
    return toRun(record);
  }

  runs(filter: RunFilter): RunRow[] {
    const conditions: string[] = [];
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

  findExperiment(text: string): ExperimentId {
    const [found, ...others] = this.#sql.experimentsFrom.all(text, after(text), mostCandidates + 1);
    if (found?.id === text || (found !== undefined && others.length === 0)) return found.id as ExperimentId;
    if (found === undefined) throw this.#none('experiment', text);
    throw ambiguous('experiment', text, [found, ...others]);
  }

  findRun(text: string): RunId {
    const [found, ...others] = this.#sql.runsFrom.all(text, after(text), mostCandidates + 1);
    if (found?.id === text || (found !== undefined && others.length === 0)) return found.id as RunId;
    if (found === undefined) throw this.#none('run', text);
    throw ambiguous('run', text, [found, ...others]);
  }

  setWish(id: ExperimentId, wish: Wish): void {
    this.#sql.setWish.run(wish, this.number(id));
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
      this.runNumber(id),
    );
  }

  tag(id: RunId, tag: string): void {
    if (tag.trim() === '') throw new ConfigError('a tag cannot be empty', 'Give a word.');
    this.#sql.tag.run(this.runNumber(id), tag.trim());
  }

  untag(id: RunId, tag: string): void {
    this.#sql.untag.run(this.runNumber(id), tag.trim());
  }

  noteExperiment(id: ExperimentId, note: string): void {
    this.#sql.noteExperiment.run(note, this.number(id));
  }

  noteRun(id: RunId, note: string): void {
    this.#sql.noteRun.run(note, this.runNumber(id));
  }

  #runQuery(where: string): Statement<RunRecord> {
    const known = this.#runQueries.get(where);
    if (known !== undefined) return known;
    const statement = this.#db.prepare<RunRecord>(selectRuns + where);
    this.#runQueries.set(where, statement);
    return statement;
  }

  #none(what: 'experiment' | 'run', text: string): ConfigError {
    const newest = (what === 'run' ? this.#sql.newestRuns : this.#sql.newest).all(mostCandidates);
    const hint =
      newest.length === 0
        ? `The library has no ${what}s yet.`
        : `The newest are ${newest.map(({ id }) => id).join(', ')}; \`swamp list\` shows all.`;
    return new ConfigError(`no ${what} is called "${text}" or begins with it`, hint);
  }
}

function linkText({ run, job, round, role, index }: RunJob): string {
  return [run, job, round, role, index].join();
}

/** The first text behind all that begin with `prefix`. */
function after(prefix: string): string {
  return `${prefix}\u{10FFFF}`;
}

function ambiguous(what: string, text: string, found: readonly { readonly id: string }[]): ConfigError {
  const names = found.slice(0, mostCandidates).map(({ id }) => id);
  const more = found.length > mostCandidates ? ', …' : '';
  return new ConfigError(
    `more than one ${what} begins with "${text}"`,
    `Give more of it: ${names.join(', ')}${more}.`,
  );
}

function toExperiment(record: ExperimentRecord): ExperimentRow {
  const { id, name, created, wish, note, state, runs } = record;
  const [config, resolved] = [JSON.parse(record.config) as unknown, JSON.parse(record.resolved) as unknown];
  return { id, name, created, config, resolved, wish, note, state, counts: countsOf(record), runs };
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
      'INSERT INTO experiments (id, name, created, config, resolved) VALUES (?, ?, ?, ?, ?)',
    ),
    update: db.prepare('UPDATE experiments SET config = ?, resolved = ? WHERE number = ?'),
    // A run that is there may stand elsewhere among its experiment's, and get more rounds.
    putRun: db.prepare(
      `INSERT INTO runs (id, experiment, position, arm, slug, kind, spec, seed, rounds)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
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
    countRuns: db.prepare(
      `UPDATE runs SET ${count('FROM run_jobs JOIN jobs ON jobs.number = job WHERE run = runs.number')}
       WHERE experiment = ?`,
    ),
    number: db.prepare<{ number: number }>('SELECT number FROM experiments WHERE id = ?'),
    runNumber: db.prepare<{ number: number }>('SELECT number FROM runs WHERE id = ?'),
    experiment: db.prepare<ExperimentRecord>(`${selectExperiments} WHERE e.id = ?`),
    experiments: db.prepare<ExperimentRecord>(`${selectExperiments} ORDER BY e.number DESC`),
    runJobs: db.prepare<{ run: RunId; job: JobKey; round: number; role: JobRole; index: number }>(
      `SELECT runs.id AS run, jobs.key AS job, round, role, idx AS "index"
       FROM runs JOIN run_jobs ON run = runs.number JOIN jobs ON jobs.number = job
       WHERE experiment = ? ORDER BY position, round, jobs.number, idx`,
    ),
    jobKeys: db.prepare<{ key: JobKey }>(
      'SELECT key FROM experiment_jobs JOIN jobs ON number = job WHERE experiment = ? ORDER BY number',
    ),
    experimentsFrom: db.prepare<{ id: string }>(
      'SELECT id FROM experiments WHERE id >= ? AND id < ? ORDER BY id LIMIT ?',
    ),
    runsFrom: db.prepare<{ id: string }>('SELECT id FROM runs WHERE id >= ? AND id < ? ORDER BY id LIMIT ?'),
    newest: db.prepare<{ id: string }>('SELECT id FROM experiments ORDER BY number DESC LIMIT ?'),
    newestRuns: db.prepare<{ id: string }>('SELECT id FROM runs ORDER BY experiment DESC, position LIMIT ?'),
    setWish: db.prepare('UPDATE experiments SET wish = ? WHERE number = ?'),
    summarise: db.prepare(
      `UPDATE runs SET rounds_done = ?, final_sparsity = ?, final_accuracy = ?, final_validation_accuracy = ?,
       best_validation_accuracy = ?, best_accuracy = ?, best_sparsity = ?, best_round = ? WHERE number = ?`,
    ),
    tag: db.prepare('INSERT INTO tags (run, tag) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    untag: db.prepare('DELETE FROM tags WHERE run = ? AND tag = ?'),
    noteExperiment: db.prepare('UPDATE experiments SET note = ? WHERE number = ?'),
    noteRun: db.prepare('UPDATE runs SET note = ? WHERE number = ?'),
  };
}
