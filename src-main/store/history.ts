import type { Digest, ExperimentId, JobKey } from '../contract/ids.ts';
import type { JobFailure, JobInput, Provenance } from '../contract/job.ts';
import type { RunFileExperiment, RunFileJob } from '../contract/runfile.ts';
import type { Database } from './database.ts';
import type { ExperimentTable } from './experiments.ts';
import type { Finder } from './find.ts';

/** An experiment with everything that the rows know of it, but its log. */
export interface History {
  readonly experiment: Omit<RunFileExperiment, 'log'>;
  /** Its series, float64, in the order in which its jobs name them. */
  readonly series: Uint8Array;
}

interface JobRecord {
  readonly number: number;
  readonly key: JobKey;
  readonly spec: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly created: number;
  readonly failure: string | null;
  readonly finished: number | null;
  readonly evaluation: string | null;
  readonly seconds: number | null;
  readonly session_seconds: number | null;
  readonly steps: number | null;
  readonly provenance: string | null;
}

type Result = NonNullable<RunFileJob['result']>;
type Attempt = RunFileJob['attempts'][number];

/** Reads experiments whole, to be carried elsewhere. Part of `Store`. */
export class HistoryReader {
  readonly #find: Finder;
  readonly #experiments: ExperimentTable;
  readonly #sql;

  constructor(db: Database, find: Finder, experiments: ExperimentTable) {
    this.#find = find;
    this.#experiments = experiments;
    this.#sql = statements(db);
  }

  read(id: ExperimentId, now: number): History {
    const number = this.#find.number(id);
    const row = this.#experiments.experiment(id);
    const { name, created, config, resolved, wish, note, tags, origin, sweep } = row;
    const series: Uint8Array[] = [];
    const jobs = this.#jobs(number, series, now);
    const places = new Map(jobs.map(({ key }, index) => [key, index]));
    const links = Map.groupBy(this.#experiments.runJobs(number), ({ run }) => run);
    const runs = this.#experiments
      .runs({ experiment: id })
      .map(({ id: run, slug, arm, kind, spec, seed, rounds, note, tags, summary }) => ({
        ...{ slug, arm, kind, spec, seed, rounds, note, tags: [...tags], summary },
        links: (links.get(run) ?? []).map(({ job, round, role, index }) => {
          return { job: places.get(job) ?? 0, round, role, index };
        }),
      }));
    const own = { id, name, created, config, resolved, wish, note, tags: [...tags], origin, sweep };
    return { experiment: { ...own, runs, jobs }, series: Buffer.concat(series) };
  }

  #jobs(experiment: number, series: Uint8Array[], now: number): RunFileJob[] {
    const inputs = grouped(this.#sql.inputs.all(experiment));
    const outputs = grouped(this.#sql.outputs.all(experiment));
    const attempts = grouped(this.#sql.attempts.all(experiment));
    const chunks = grouped(this.#sql.series.all(experiment));
    return this.#sql.jobs.all(experiment).map((job): RunFileJob => {
      const { key, created, state } = job;
      return {
        key,
        spec: JSON.parse(job.spec) as RunFileJob['spec'],
        inputs: inputs.get(job.number) ?? [],
        created,
        // Nothing of it is done, wherever it is taken.
        state: state === 'running' ? 'waiting' : state,
        failure: state === 'failed' ? parsed<JobFailure>(job.failure) : null,
        attempts: (attempts.get(job.number) ?? []).map((attempt) => endedAttempt(attempt, now)),
        result:
          state === 'done'
            ? resultOf(job, outputs.get(job.number) ?? [], chunks.get(job.number) ?? [], series)
            : null,
      };
    });
  }
}

/** An attempt that is under way ends here for whoever takes the file. */
function endedAttempt({ worker, started, ended, outcome, failure }: AttemptRecord, now: number): Attempt {
  return {
    worker,
    started,
    ended: ended ?? now,
    outcome: outcome ?? 'interrupted',
    failure: parsed<JobFailure>(failure),
  };
}

interface AttemptRecord extends Pick<Attempt, 'worker' | 'started'> {
  readonly ended: number | null;
  readonly outcome: Attempt['outcome'] | null;
  readonly failure: string | null;
}

/** @param all gets its series. */
function resultOf(
  job: JobRecord,
  outputs: Result['outputs'],
  chunks: readonly { readonly name: string; readonly data: Uint8Array }[],
  all: Uint8Array[],
): Result {
  const series: Result['series'] = [];
  for (const { name, data } of chunks) {
    all.push(data);
    const last = series.at(-1);
    const values = data.byteLength / Float64Array.BYTES_PER_ELEMENT;
    if (last?.name === name) last.values += values;
    else series.push({ name, values });
  }
  return {
    finished: job.finished ?? job.created,
    evaluation: parsed<NonNullable<Result['evaluation']>>(job.evaluation),
    seconds: job.seconds,
    sessionSeconds: job.session_seconds,
    steps: job.steps,
    provenance: parsed<Provenance>(job.provenance),
    outputs,
    series,
  };
}

function parsed<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T);
}

/** Rows by their job, without its number. */
function grouped<Row extends object>(
  rows: readonly (Row & { readonly owner: number })[],
): Map<number, Row[]> {
  const byJob = new Map<number, Row[]>();
  for (const { owner, ...row } of rows) {
    const list = byJob.get(owner);
    if (list === undefined) byJob.set(owner, [row as unknown as Row]);
    else list.push(row as unknown as Row);
  }
  return byJob;
}

function statements(db: Database) {
  const of = (table: string, column: string): string =>
    `FROM experiment_jobs AS e JOIN ${table} ON ${column} = e.job`;
  return {
    jobs: db.prepare<JobRecord>(
      `SELECT j.number, j.key, j.spec, j.state, j.created, j.failure, j.finished, j.evaluation, j.seconds,
       j.session_seconds, j.steps, j.provenance ${of('jobs AS j', 'j.number')} WHERE experiment = ? ORDER BY j.number`,
    ),
    inputs: db.prepare<JobInput & { owner: number }>(
      `SELECT i.job AS owner, i.name, jobs.key AS job, i.output ${of('job_inputs AS i', 'i.job')}
       JOIN jobs ON jobs.number = i.input WHERE experiment = ? ORDER BY i.job, i.position`,
    ),
    outputs: db.prepare<{ owner: number; name: string; digest: Digest; bytes: number }>(
      `SELECT o.job AS owner, o.name, objects.digest, objects.bytes ${of('job_outputs AS o', 'o.job')}
       JOIN objects ON objects.number = o.object WHERE experiment = ? ORDER BY o.job, o.name`,
    ),
    attempts: db.prepare<AttemptRecord & { owner: number }>(
      `SELECT a.job AS owner, a.worker, a.started, a.ended, a.outcome, a.failure ${of('attempts AS a', 'a.job')}
       WHERE experiment = ? ORDER BY a.job, a.number`,
    ),
    series: db.prepare<{ owner: number; name: string; data: Uint8Array }>(
      `SELECT m.job AS owner, m.name, m.data ${of('job_metrics AS m', 'm.job')}
       WHERE experiment = ? ORDER BY m.job, m.name, m.chunk`,
    ),
  };
}
