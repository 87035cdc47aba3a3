import { LibraryError } from '../contract/errors.ts';
import type { Digest, ExperimentId, JobKey } from '../contract/ids.ts';
import type {
  JobFailure,
  JobInput,
  JobKind,
  JobResult,
  JobSpec,
  PlannedJob,
  Series,
} from '../contract/job.ts';
import type { JobState } from '../contract/states.ts';
import type { Database } from './database.ts';
import type { ObjectStore } from './objects.ts';
import type { Pieces } from './pieces.ts';
import type { Again, AttemptOutcome, AttemptRow, Difference, Finished, JobRow } from './rows.ts';
import { SeriesTable } from './series.ts';
import { TransitionError } from './states.ts';

interface JobRecord {
  readonly number: number;
  readonly key: JobKey;
  readonly kind: JobKind;
  readonly spec: string;
  readonly state: JobState;
  readonly again: Again;
  readonly attempts: number;
  readonly failure: string | null;
  readonly evaluation: string | null;
  readonly seconds: number | null;
  readonly session_seconds: number | null;
  readonly steps: number | null;
  readonly provenance: string | null;
}

interface OutputRecord {
  readonly name: string;
  readonly digest: Digest;
  readonly bytes: number;
  /** When retention let its object go; `null`: it is to be there. */
  readonly released: number | null;
}

const columns =
  'number, key, kind, spec, state, again, attempts, failure, evaluation, seconds, session_seconds, steps, provenance';

/** Jobs, their attempts and results. Part of `Store`, which documents the methods of the same names. */
export class JobTable {
  readonly #db: Database;
  readonly #objects: ObjectStore;
  readonly #series: SeriesTable;
  readonly #sql;

  constructor(db: Database, objects: ObjectStore) {
    this.#db = db;
    this.#objects = objects;
    this.#series = new SeriesTable(db);
    this.#sql = statements(db);
  }

  /**
   * Puts new jobs in; those there are stay as they are. Inputs come first in `jobs`.
   * @param keep what makes each of them someone's, called with its number and key. @returns the jobs' numbers.
   */
  *insert(
    jobs: readonly PlannedJob[],
    now: number,
    keep: (job: number, key: JobKey) => void = () => undefined,
  ): Pieces<Map<JobKey, number>> {
    const numbers = new Map<JobKey, number>();
    for (const { key, spec, inputs } of jobs) {
      yield;
      const isNew = this.#sql.insert.run(key, spec.kind, JSON.stringify(spec), now) === 1;
      const number = this.#sql.number.get(key)?.number;
      if (number === undefined) throw new Error(`job ${key} was not stored`);
      numbers.set(key, number);
      keep(number, key);
      if (!isNew) continue;
      for (const [position, { name, job, output }] of inputs.entries()) {
        const input = numbers.get(job);
        if (input === undefined) throw new RangeError(`job ${key} comes before its input ${job}`);
        this.#sql.insertInput.run(number, position, name, input, output);
      }
    }
    return numbers;
  }

  /**
   * Failed and cancelled jobs, and done ones whose objects are lost, wait again. @param lostOnly only the last of these.
   * @returns those that do.
   */
  requeue(keys: Iterable<JobKey>, lostOnly = false): JobKey[] {
    return this.#db.transaction(() => [...keys].filter((key) => this.#requeue(key, lostOnly)));
  }

  /** Those of these jobs that `requeue` would touch. */
  *toRequeue(keys: Iterable<JobKey>): Pieces<JobKey[]> {
    const found: JobKey[] = [];
    for (const key of keys) {
      yield;
      const job = this.#sql.byKey.get(key);
      if (job !== undefined && (job.again === 'failed' || this.#stranded(job, false))) found.push(key);
    }
    return found;
  }

  /** The same, job by job. */
  *requeueEach(keys: Iterable<JobKey>): Pieces {
    for (const key of keys) {
      yield;
      this.#requeue(key, false);
    }
  }

  #requeue(key: JobKey, lostOnly: boolean): boolean {
    const job = this.#sql.byKey.get(key);
    if (job?.again === 'failed') this.#sql.setAgain.run(null, null, job.number);
    if (job === undefined || !this.#stranded(job, lostOnly)) return false;
    this.#sql.forgetOutputs.run(job.number);
    this.#series.remove(job.number);
    this.#sql.reset.run(job.number);
    return true;
  }

  /** Failed and cancelled jobs of an experiment. */
  endedOf(experiment: number): JobKey[] {
    return this.#sql.endedOf.all(experiment).map(({ key }) => key);
  }

  /** Those that a run needs: its own, and all that they build on. */
  endedOfRun(run: number): JobKey[] {
    return this.#sql.endedOfRun.all(run).map(({ key }) => key);
  }

  /** Experiments that have one of these jobs. */
  sharing(keys: readonly JobKey[]): ExperimentId[] {
    return this.#sql.sharing.all(JSON.stringify(keys)).map(({ id }) => id);
  }

  /** Whether it can only go on by waiting again. */
  #stranded(job: JobRecord, lostOnly: boolean): boolean {
    const ended = job.state === 'failed' || job.state === 'cancelled';
    return (ended && !lostOnly) || (job.state === 'done' && this.#lost(job));
  }

  row(key: JobKey): JobRow | null {
    const job = this.#sql.byKey.get(key);
    return job === undefined ? null : this.#toRow(job);
  }

  /** Jobs of an experiment, inputs first. */
  ofExperiment(experiment: number): JobRow[] {
    const inputs = new Map<number, JobInput[]>();
    for (const { job, ...input } of this.#sql.inputsOfExperiment.all(experiment)) {
      const list = inputs.get(job);
      const entry = { name: input.name, job: input.key, output: input.output };
      if (list === undefined) inputs.set(job, [entry]);
      else list.push(entry);
    }
    return this.#sql.ofExperiment
      .all(experiment)
      .map((job) => this.#toRow(job, inputs.get(job.number) ?? []));
  }

  /** See `Store.settledKeys`. */
  *settled(plan: readonly Pick<PlannedJob, 'key' | 'inputs'>[]): Pieces<Set<JobKey>> {
    const jobs = new Map(plan.map((job) => [job.key, job]));
    const settled = new Map<JobKey, JobRecord>();
    for (const key of jobs.keys()) {
      yield;
      const job = this.#sql.byKey.get(key);
      if (job?.state === 'done' && !this.#lost(job)) settled.set(key, job);
    }
    const open = plan.flatMap(({ key, inputs }) => (settled.has(key) ? [] : inputs));
    for (let input = open.pop(); input !== undefined; input = open.pop()) {
      yield;
      const job = settled.get(input.job);
      if (job === undefined || this.#has(job, input.output)) continue;
      settled.delete(job.key);
      open.push(...(jobs.get(job.key)?.inputs ?? []));
    }
    return new Set(settled.keys());
  }

  result(key: JobKey): JobResult | null {
    const job = this.#sql.byKey.get(key);
    if (job?.state !== 'done') return null;
    return {
      outputs: Object.fromEntries(this.#outputs(job).map(({ name, digest }) => [name, digest])),
      evaluation:
        job.evaluation === null ? null : parse<NonNullable<JobResult['evaluation']>>(job.evaluation),
      series: this.#series.read(job.number),
      seconds: job.seconds ?? 0,
      sessionSeconds: job.session_seconds ?? 0,
      steps: job.steps ?? 0,
      provenance: parse<JobResult['provenance']>(job.provenance ?? '{}'),
    };
  }

  /** A done job's output; `null` where it is not done, or has none of that name. */
  output(key: JobKey, name: string): Digest | null {
    const job = this.#sql.byKey.get(key);
    if (job?.state !== 'done') return null;
    return this.#outputs(job).find((output) => output.name === name)?.digest ?? null;
  }

  evaluation(key: JobKey): JobResult['evaluation'] {
    const job = this.#sql.byKey.get(key);
    return job?.state === 'done' && job.evaluation !== null ? parse(job.evaluation) : null;
  }

  readSeries(key: JobKey): Series {
    const number = this.#sql.number.get(key)?.number;
    return number === undefined ? {} : this.#series.read(number);
  }

  attempts(key: JobKey): AttemptRow[] {
    return this.#sql.attempts
      .all(key)
      .map((row) => ({ ...row, failure: row.failure === null ? null : parse<JobFailure>(row.failure) }));
  }

  start(key: JobKey, worker: string): void {
    this.#db.transaction(() => {
      const job = this.#need(key, 'start');
      // A done job starts again for outputs that were released, and for nothing else.
      const again = job.state === 'done' && job.again !== 'running' && !this.#whole(job);
      if (job.state !== 'waiting' && !again) throw new TransitionError(key, job.state, 'start');
      if ((this.#sql.unfinishedInputs.get(job.number)?.count ?? 0) > 0)
        throw new TransitionError(key, job.state, 'start before its inputs are done');
      (again ? this.#sql.startAgain : this.#sql.start).run(job.number);
      this.#sql.startAttempt.run(job.number, job.attempts + 1, worker, Date.now());
    });
  }

  finish(key: JobKey, result: JobResult): Finished {
    return this.#db.transaction(() => {
      const job = this.#need(key, 'finish');
      if (job.again === 'running') return this.#finishAgain(job, result);
      if (job.state === 'done') return { stored: false, differences: this.#compare(job, result) };
      if (job.state !== 'running') throw new TransitionError(key, job.state, 'finish');
      for (const [name, digest] of Object.entries(result.outputs)) this.#store(job, name, digest);
      this.#series.write(job.number, result.series);
      const now = Date.now();
      this.#sql.finish.run(
        now,
        result.evaluation === null ? null : JSON.stringify(result.evaluation),
        result.seconds,
        result.sessionSeconds,
        result.steps,
        JSON.stringify(result.provenance),
        job.number,
      );
      this.#sql.endAttempt.run(now, 'done', null, job.number);
      return { stored: true, differences: [] };
    });
  }

  fail(key: JobKey, failure: JobFailure): void {
    this.#db.transaction(() => {
      const job = this.#need(key, 'fail');
      const text = JSON.stringify(failure);
      if (job.again === 'running') this.#sql.setAgain.run('failed', text, job.number);
      else if (job.state === 'running') this.#sql.fail.run(text, job.number);
      else throw new TransitionError(key, job.state, 'fail');
      this.#sql.endAttempt.run(Date.now(), 'failed', text, job.number);
    });
  }

  release(key: JobKey, outcome: Exclude<AttemptOutcome, 'done' | 'failed'>): void {
    this.#db.transaction(() => {
      const job = this.#need(key, 'be released');
      if (job.again === 'running') this.#sql.setAgain.run(null, null, job.number);
      else if (job.state === 'running') this.#sql.reset.run(job.number);
      else throw new TransitionError(key, job.state, 'be released');
      this.#sql.endAttempt.run(Date.now(), outcome, null, job.number);
    });
  }

  /** Cancels the waiting jobs that only this experiment needs. @returns how many. */
  cancel(experiment: number): number {
    return this.#sql.cancel.run(experiment, experiment);
  }

  running(): JobKey[] {
    return this.#sql.running.all().map(({ key }) => key);
  }

  #need(key: JobKey, what: string): JobRecord {
    const job = this.#sql.byKey.get(key);
    if (job === undefined) throw new TransitionError(key, 'unknown', what);
    return job;
  }

  /** The outputs that a job made again stand for the old ones; its figures stay those of the first time. */
  #finishAgain(job: JobRecord, result: JobResult): Finished {
    const differences = this.#compare(job, result);
    for (const [name, digest] of Object.entries(result.outputs)) this.#store(job, name, digest);
    this.#sql.setAgain.run(null, null, job.number);
    this.#sql.endAttempt.run(Date.now(), 'done', null, job.number);
    return { stored: true, differences };
  }

  #outputs(job: JobRecord): OutputRecord[] {
    return this.#sql.outputs.all(job.number);
  }

  /** Whether all its objects are there. */
  #whole(job: JobRecord): boolean {
    return this.#outputs(job).every((output) => this.#there(output));
  }

  /** Whether an object that should be there is not: deleted or cut off outside the program. */
  #lost(job: JobRecord): boolean {
    return this.#outputs(job).some((output) => output.released === null && !this.#there(output));
  }

  #has(job: JobRecord, name: string): boolean {
    return this.#outputs(job).some((output) => output.name === name && this.#there(output));
  }

  /** Another size can only be damage from outside. */
  #there({ digest, bytes }: OutputRecord): boolean {
    return this.#objects.bytes(digest) === bytes;
  }

  /** The object is on disk before the row that points to it. */
  #store(job: JobRecord, name: string, digest: Digest): void {
    const bytes = this.#objects.bytes(digest);
    if (bytes === null)
      throw new LibraryError(
        `job ${job.key.slice(0, 12)} gives object ${digest} as its ${name}, which is not in the library`,
        'The worker writes to another library, or the file was deleted. The job can run again: `swamp resume`.',
      );
    this.#sql.insertObject.run(digest, bytes);
    this.#sql.insertOutput.run(job.number, name, digest);
  }

  #compare(job: JobRecord, result: JobResult): Difference[] {
    const kept = new Map(this.#outputs(job).map(({ name, digest }) => [name, digest]));
    const offered = new Map(Object.entries(result.outputs));
    return [...new Set([...kept.keys(), ...offered.keys()])]
      .map((output) => ({ output, kept: kept.get(output) ?? null, offered: offered.get(output) ?? null }))
      .filter((difference) => difference.kept !== difference.offered);
  }

  #toRow(job: JobRecord, inputs: readonly JobInput[] = this.#inputs(job)): JobRow {
    const { key, kind, state, again, attempts, seconds } = job;
    const failure = job.failure === null ? null : parse<JobFailure>(job.failure);
    return { key, kind, spec: parse<JobSpec>(job.spec), inputs, state, again, attempts, failure, seconds };
  }

  #inputs(job: JobRecord): JobInput[] {
    return this.#sql.inputs.all(job.number).map(({ name, key, output }) => ({ name, job: key, output }));
  }
}

/** JSON that this class wrote from a value of that type. */
function parse<T>(text: string): T {
  return JSON.parse(text) as T;
}

function statements(db: Database) {
  return {
    insert: db.prepare(
      'INSERT INTO jobs (key, kind, spec, created) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING',
    ),
    number: db.prepare<{ number: number }>('SELECT number FROM jobs WHERE key = ?'),
    insertInput: db.prepare(
      'INSERT INTO job_inputs (job, position, name, input, output) VALUES (?, ?, ?, ?, ?)',
    ),
    byKey: db.prepare<JobRecord>(`SELECT ${columns} FROM jobs WHERE key = ?`),
    ofExperiment: db.prepare<JobRecord>(
      `SELECT ${columns} FROM experiment_jobs JOIN jobs ON number = job WHERE experiment = ? ORDER BY number`,
    ),
    inputs: db.prepare<{ name: string; key: JobKey; output: string }>(
      `SELECT name, key, output FROM job_inputs JOIN jobs ON number = input WHERE job = ? ORDER BY position`,
    ),
    inputsOfExperiment: db.prepare<{ job: number; name: string; key: JobKey; output: string }>(
      `SELECT i.job, i.name, jobs.key, i.output
       FROM experiment_jobs AS e JOIN job_inputs AS i ON i.job = e.job JOIN jobs ON jobs.number = i.input
       WHERE e.experiment = ? ORDER BY i.job, i.position`,
    ),
    unfinishedInputs: db.prepare<{ count: number }>(
      `SELECT COUNT(*) AS count FROM job_inputs JOIN jobs ON number = input WHERE job = ? AND state <> 'done'`,
    ),
    start: db.prepare(`UPDATE jobs SET state = 'running', attempts = attempts + 1 WHERE number = ?`),
    startAgain: db.prepare(
      `UPDATE jobs SET again = 'running', failure = NULL, attempts = attempts + 1 WHERE number = ?`,
    ),
    setAgain: db.prepare('UPDATE jobs SET again = ?, failure = ? WHERE number = ?'),
    startAttempt: db.prepare('INSERT INTO attempts (job, number, worker, started) VALUES (?, ?, ?, ?)'),
    endAttempt: db.prepare(
      'UPDATE attempts SET ended = ?, outcome = ?, failure = ? WHERE job = ? AND outcome IS NULL',
    ),
    attempts: db.prepare<Omit<AttemptRow, 'failure'> & { failure: string | null }>(
      `SELECT a.number, a.worker, a.started, a.ended, a.outcome, a.failure
       FROM attempts AS a JOIN jobs ON jobs.number = a.job WHERE jobs.key = ? ORDER BY a.number`,
    ),
    finish: db.prepare(
      `UPDATE jobs SET state = 'done', failure = NULL, finished = ?, evaluation = ?, seconds = ?, session_seconds = ?,
       steps = ?, provenance = ? WHERE number = ?`,
    ),
    fail: db.prepare(`UPDATE jobs SET state = 'failed', failure = ? WHERE number = ?`),
    reset: db.prepare(
      `UPDATE jobs SET state = 'waiting', again = NULL, failure = NULL, finished = NULL, evaluation = NULL, seconds = NULL,
       session_seconds = NULL, steps = NULL, provenance = NULL WHERE number = ?`,
    ),
    cancel: db.prepare(
      `UPDATE jobs SET state = 'cancelled' WHERE state = 'waiting'
       AND number IN (SELECT job FROM experiment_jobs WHERE experiment = ?)
       AND NOT EXISTS (SELECT 1 FROM experiment_jobs WHERE job = jobs.number AND experiment <> ?)`,
    ),
    endedOf: db.prepare<{ key: JobKey }>(
      `SELECT key FROM experiment_jobs JOIN jobs ON number = job
       WHERE experiment = ? AND state IN ('failed', 'cancelled') ORDER BY number`,
    ),
    endedOfRun: db.prepare<{ key: JobKey }>(
      `WITH RECURSIVE needed (job) AS (
         SELECT job FROM run_jobs WHERE run = ?
         UNION SELECT i.input FROM needed JOIN job_inputs AS i ON i.job = needed.job)
       SELECT key FROM needed JOIN jobs ON number = needed.job
       WHERE state IN ('failed', 'cancelled') ORDER BY number`,
    ),
    sharing: db.prepare<{ id: ExperimentId }>(
      `SELECT id FROM experiments WHERE number IN (
         SELECT experiment FROM experiment_jobs JOIN jobs ON number = job
         WHERE key IN (SELECT value FROM json_each(?)))`,
    ),
    running: db.prepare<{ key: JobKey }>(
      `SELECT key FROM jobs WHERE state = 'running' OR again = 'running' ORDER BY number`,
    ),
    insertObject: db.prepare(
      `INSERT INTO objects (digest, bytes) VALUES (?, ?)
       ON CONFLICT (digest) DO UPDATE SET bytes = excluded.bytes, released = NULL`,
    ),
    insertOutput: db.prepare(
      `INSERT INTO job_outputs (job, name, object) SELECT ?, ?, number FROM objects WHERE digest = ?
       ON CONFLICT (job, name) DO UPDATE SET object = excluded.object`,
    ),
    outputs: db.prepare<OutputRecord>(
      'SELECT name, digest, bytes, released FROM job_outputs JOIN objects ON number = object WHERE job = ?',
    ),
    forgetOutputs: db.prepare('DELETE FROM job_outputs WHERE job = ?'),
  };
}
