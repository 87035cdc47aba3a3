import { ConfigError } from '../contract/errors.ts';
import type { Digest, ExperimentId, JobKey, RunId } from '../contract/ids.ts';
import type { JobSpec, PlannedJob, Series } from '../contract/job.ts';
import type { RunFileExperiment, RunFileJob } from '../contract/runfile.ts';
import type { JobState } from '../contract/states.ts';
import type { Database } from './database.ts';
import type { ExperimentTable } from './experiments.ts';
import type { Finder } from './find.ts';
import type { History } from './history.ts';
import type { JobTable } from './jobs.ts';
import type { LabelTable } from './labels.ts';
import type { ObjectStore } from './objects.ts';
import type { ExperimentRow, NewExperiment, RunRow, Wish } from './rows.ts';
import { atOnce } from './pieces.ts';
import { SeriesTable } from './series.ts';

/** How much of an experiment from elsewhere the library has. */
export type Holding =
  /** Nothing. */
  | 'none'
  /** Its runs, rounds and jobs; results may be missing. */
  | 'all'
  /** These and further ones. */
  | 'more'
  /** Fewer runs, rounds or arms. */
  | 'part';

const FLOAT = Float64Array.BYTES_PER_ELEMENT;

/** What an experiment from elsewhere brings that the library has not. */
export interface Brought {
  /** Jobs that are done there and not here. */
  readonly results: readonly JobKey[];
  readonly objects: readonly Digest[];
  /** Experiments of the library that have these jobs. */
  readonly experiments: readonly ExperimentId[];
}

interface KnownJob {
  readonly number: number;
  readonly state: JobState;
}

/**
 * Takes experiments from elsewhere in. What the library has stays as it is; results that it lacks are added, and of an
 * experiment that it has in part the rest. Outputs whose objects are not in the library count as released: their jobs are
 * done and their figures show, and what new work needs of them is computed again. Part of `Store`.
 */
export class Adopter {
  readonly #parts;
  readonly #series: SeriesTable;
  readonly #sql;

  constructor(parts: {
    readonly db: Database;
    readonly objects: ObjectStore;
    readonly jobs: JobTable;
    readonly experiments: ExperimentTable;
    readonly labels: LabelTable;
    readonly find: Finder;
  }) {
    this.#parts = parts;
    this.#series = new SeriesTable(parts.db);
    this.#sql = statements(parts.db);
  }

  /** Experiments of the same name that were made in the same millisecond: the same one, whatever its id. */
  kin({ name, created }: Pick<RunFileExperiment, 'name' | 'created'>): ExperimentId[] {
    return this.#sql.kin.all(name, created).map(({ id }) => id);
  }

  /** How much the library has in its experiment `id`; `null` where that one has what the other has not, and the reverse. */
  holding(
    experiment: Pick<RunFileExperiment, 'runs' | 'jobs'>,
    id: ExperimentId,
  ): Exclude<Holding, 'none'> | null {
    const { find, experiments } = this.#parts;
    const ours = new Set(
      experiments
        .runJobs(find.number(id))
        .map((link) => [link.run, link.job, link.round, link.role, link.index].join()),
    );
    const theirs = experiment.runs.flatMap((run) =>
      run.links.map((link) =>
        [runIdOf(id, run), experiment.jobs[link.job]?.key, link.round, link.role, link.index].join(),
      ),
    );
    const found = theirs.filter((link) => ours.has(link)).length;
    if (found === theirs.length) return found === ours.size ? 'all' : 'more';
    return found === ours.size ? 'part' : null;
  }

  /**
   * What would change for the results and objects that it brings. @param has whether it comes with an object.
   */
  brings(experiment: Pick<RunFileExperiment, 'jobs'>, has: (digest: Digest) => boolean): Brought {
    const results: JobKey[] = [];
    const objects = new Set<Digest>();
    const experiments = new Set<ExperimentId>();
    for (const { key, result } of experiment.jobs) {
      if (result === null) continue;
      const known = this.#sql.job.get(key);
      if (known?.state !== 'done') {
        results.push(key);
        if (known) for (const { id } of this.#sql.experimentsOf.all(known.number)) experiments.add(id);
      }
      for (const { name, digest, bytes } of result.outputs) {
        if (!has(digest) || this.#there(digest, bytes)) continue;
        // A job that is done keeps its own outputs.
        if (known?.state !== 'done' || this.#sql.hasOutput.get(known.number, name, digest))
          objects.add(digest);
      }
    }
    return { results, objects: [...objects], experiments: [...experiments] };
  }

  /**
   * One transaction, nested where there is one.
   * @param id what it is called here. @param holding what the library has under that id.
   * @throws ConfigError where a job whose result it brings is running.
   */
  adopt({ experiment, series }: History, id: ExperimentId, holding: Holding): void {
    const { db, jobs, experiments } = this.#parts;
    db.transaction(() => {
      const now = Date.now();
      if (holding === 'part') atOnce(experiments.requireWhole(id, planOf(experiment, id)));
      const known = new Map(
        experiment.jobs.flatMap(({ key }) => {
          const job = this.#sql.job.get(key);
          return job === undefined ? [] : [[key, job] as const];
        }),
      );
      const plan = planOf(experiment, id);
      const owner =
        holding === 'none' ? experiments.insert(plan, experiment.created) : experiments.number(id);
      const isOurs = holding === 'none' || holding === 'part';
      const numbers = atOnce(
        jobs.insert(experiment.jobs.map(planned), now, (job) => {
          if (isOurs) experiments.link(owner, job);
        }),
      );
      let at = 0;
      for (const job of experiment.jobs) {
        const own: Series = {};
        for (const { name, values } of job.result?.series ?? []) {
          own[name] = floats(series.subarray(at, at + values * FLOAT));
          at += values * FLOAT;
        }
        const number = numbers.get(job.key);
        if (number === undefined) throw new Error(`job ${job.key} was not stored`);
        this.#adoptJob(job, number, known.get(job.key), own);
      }
      if (isOurs) {
        atOnce(experiments.putRuns(owner, plan, numbers));
        atOnce(experiments.count(owner));
      }
      if (holding === 'none') experiments.show(owner);
      if (holding === 'part') experiments.extend(id, plan);
      this.#label(experiment, id, holding === 'none');
      this.#rest(id, holding === 'none' ? experiment.wish : null);
    });
  }

  #adoptJob(job: RunFileJob, number: number, known: KnownJob | undefined, series: Series): void {
    if (known?.state === 'done') {
      for (const { name, digest, bytes } of job.result?.outputs ?? [])
        if (this.#there(digest, bytes)) this.#sql.unrelease.run(number, name, digest);
      return;
    }
    const isNew = known === undefined;
    if (isNew) this.#sql.setCreated.run(job.created, number);
    if (isNew || job.state === 'done') this.#addAttempts(job, number);
    if (job.state === 'done' && job.result) {
      if (known?.state === 'running') throw running(job.key);
      for (const { name, digest, bytes } of job.result.outputs)
        this.#addOutput(number, { name, digest, bytes });
      this.#series.remove(number);
      this.#series.write(number, series);
      const { finished, evaluation, seconds, sessionSeconds, steps, provenance } = job.result;
      const texts = [evaluation, provenance].map((value) => (value === null ? null : JSON.stringify(value)));
      const [evaluated = null, made = null] = texts;
      this.#sql.finish.run(finished, evaluated, seconds, sessionSeconds, steps, made, number);
    } else if (isNew && job.state !== 'waiting') {
      this.#sql.end.run(job.state, job.failure === null ? null : JSON.stringify(job.failure), number);
    }
  }

  /** Those that are not there yet, behind those that are. */
  #addAttempts({ attempts }: RunFileJob, number: number): void {
    for (const { worker, started, ended, outcome, failure } of attempts)
      this.#sql.addAttempt.run(
        ...[number, number, worker, started, ended, outcome],
        failure === null ? null : JSON.stringify(failure),
        ...[number, started],
      );
    this.#sql.countAttempts.run(number);
  }

  #addOutput(job: number, { name, digest, bytes }: { name: string; digest: Digest; bytes: number }): void {
    if (this.#there(digest, bytes)) this.#sql.addObject.run(digest, bytes);
    else this.#sql.addReleased.run(digest, bytes, Date.now());
    this.#sql.addOutput.run(job, name, digest);
  }

  #there(digest: Digest, bytes: number): boolean {
    return this.#parts.objects.bytes(digest) === bytes;
  }

  /** Tags are joined; a note stays where there is one; a summary goes where it tells of more rounds. */
  #label(experiment: History['experiment'], id: ExperimentId, isNew: boolean): void {
    const { labels, experiments } = this.#parts;
    const put = (
      row: ExperimentRow | RunRow,
      { note, tags }: { note: string; tags: readonly string[] },
    ): void => {
      for (const tag of tags) labels.tag(row.id, tag);
      if (row.note === '' && note !== '') labels.note(row.id, note);
    };
    put(experiments.experiment(id), experiment);
    for (const run of experiment.runs) {
      const row = experiments.run(runIdOf(id, run));
      put(row, run);
      if (isNew || run.summary.roundsDone > row.summary.roundsDone)
        experiments.summarise(row.id, run.summary);
    }
  }

  /** Nobody runs here what ran there. @param wish of one that is new. */
  #rest(id: ExperimentId, wish: Wish | null): void {
    const { experiments } = this.#parts;
    if (wish !== null) experiments.setWish(id, wish);
    const row = experiments.experiment(id);
    if (row.wish === 'run' && row.counts.waiting > 0) experiments.setWish(id, 'stopped');
  }
}

function running(key: JobKey): ConfigError {
  return new ConfigError(
    `job ${key.slice(0, 12)}, whose result is in the file, is running`,
    'Wait until the experiment that runs is done, or pause it; then import the file again.',
  );
}

/** Checked when the file was opened. */
function planned({ key, spec, inputs }: RunFileJob): PlannedJob {
  return { key, spec: spec as JobSpec, inputs };
}

function planOf(experiment: History['experiment'], id: ExperimentId): NewExperiment {
  const { name, config, resolved, origin, sweep } = experiment;
  const runs = experiment.runs.map((run) => ({ ...run, id: runIdOf(id, run) }));
  const runJobs = experiment.runs.flatMap((run) =>
    run.links.map(({ job, round, role, index }) => ({
      run: runIdOf(id, run),
      job: experiment.jobs[job]?.key as JobKey,
      ...{ round, role: role as NewExperiment['runJobs'][number]['role'], index },
    })),
  );
  return { id, name, config, resolved, origin, sweep, runs, jobs: experiment.jobs.map(planned), runJobs };
}

export function runIdOf(
  experiment: ExperimentId,
  { slug, seed }: { readonly slug: string; readonly seed: number },
): RunId {
  return `${experiment}/${slug}/${seed}` as RunId;
}

function floats(data: Uint8Array): number[] {
  // Copied to an address that is aligned.
  return Array.from(new Float64Array(new Uint8Array(data).buffer));
}

function statements(db: Database) {
  return {
    kin: db.prepare<{ id: ExperimentId }>(
      'SELECT id FROM experiments WHERE name = ? AND created = ? ORDER BY number',
    ),
    job: db.prepare<KnownJob>('SELECT number, state FROM jobs WHERE key = ?'),
    experimentsOf: db.prepare<{ id: ExperimentId }>(
      'SELECT id FROM experiment_jobs JOIN experiments ON number = experiment WHERE job = ?',
    ),
    hasOutput: db.prepare<{ job: number }>(
      `SELECT job FROM job_outputs JOIN objects ON number = object WHERE job = ? AND name = ? AND digest = ?`,
    ),
    setCreated: db.prepare('UPDATE jobs SET created = ? WHERE number = ?'),
    finish: db.prepare(
      `UPDATE jobs SET state = 'done', failure = NULL, finished = ?, evaluation = ?, seconds = ?, session_seconds = ?,
       steps = ?, provenance = ? WHERE number = ?`,
    ),
    end: db.prepare('UPDATE jobs SET state = ?, failure = ? WHERE number = ?'),
    addAttempt: db.prepare(
      `INSERT INTO attempts (job, number, worker, started, ended, outcome, failure)
       SELECT ?, (SELECT COALESCE(MAX(number), 0) + 1 FROM attempts WHERE job = ?), ?, ?, ?, ?, ?
       WHERE NOT EXISTS (SELECT 1 FROM attempts WHERE job = ? AND started = ?)`,
    ),
    countAttempts: db.prepare(
      'UPDATE jobs SET attempts = (SELECT COUNT(*) FROM attempts WHERE job = jobs.number) WHERE number = ?',
    ),
    addObject: db.prepare(
      `INSERT INTO objects (digest, bytes) VALUES (?, ?)
       ON CONFLICT (digest) DO UPDATE SET bytes = excluded.bytes, released = NULL`,
    ),
    addReleased: db.prepare(
      'INSERT INTO objects (digest, bytes, released) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING',
    ),
    addOutput: db.prepare(
      `INSERT INTO job_outputs (job, name, object) SELECT ?, ?, number FROM objects WHERE digest = ?
       ON CONFLICT (job, name) DO UPDATE SET object = excluded.object`,
    ),
    unrelease: db.prepare(
      `UPDATE objects SET released = NULL WHERE released IS NOT NULL AND number IN
       (SELECT object FROM job_outputs WHERE job = ? AND name = ?) AND digest = ?`,
    ),
  };
}
