import type { Collected, Freed } from '../contract/api/library.ts';
import type { Digest, ExperimentId, JobKey, RunId } from '../contract/ids.ts';
import type { JobFailure, JobResult, PlannedJob, Series } from '../contract/job.ts';
import { readSettings, type LibrarySettings } from '../contract/settings.ts';
import { Adopter, runIdOf, type Brought, type Holding } from './adopt.ts';
import type { Database } from './database.ts';
import { Entry } from './entry.ts';
import { ExperimentTable } from './experiments.ts';
import { FactTable, type Untold } from './facts.ts';
import { Finder } from './find.ts';
import { Collector } from './gc.ts';
import { Health, type Maker } from './health.ts';
import { HistoryReader, type History } from './history.ts';
import { Housekeeping } from './housekeeping.ts';
import { JobTable } from './jobs.ts';
import { LabelTable } from './labels.ts';
import type { ObjectStore } from './objects.ts';
import { atOnce, inPieces, withRests } from './pieces.ts';
import { Retention } from './retention.ts';
import type {
  AttemptRow,
  CollectOptions,
  ExperimentFilter,
  ExperimentRow,
  ExtendedExperiment,
  Finished,
  ObjectFile,
  JobRow,
  NewExperiment,
  NewRun,
  Plan,
  Recovered,
  RunFilter,
  RunRow,
  RunSummary,
  Titles,
  Trash as WhichTrash,
  Usage,
  Wish,
} from './rows.ts';
import { RunTable, type FacetQuery, type Facets, type TablePage, type TableQuery } from './run-table.ts';
import { SettingTable } from './settings.ts';
import { Shown, type JobStanding, type Spent, type UsedByOne } from './shown.ts';
import { Trash } from './trash.ts';

/**
 * The run store: experiments, runs and jobs, and which objects the jobs made. Synchronous. Every method is one
 * transaction, committed to the disk's own storage when it returns. A row never points to an object that was not there
 * when it was written. Opened by `openLibrary`.
 *
 * Methods that take an id throw ConfigError where there is none such; transitions that are not allowed throw
 * TransitionError; a full, read-only or damaged disk is a LibraryError. In each case nothing has changed.
 */
export class Store {
  readonly #db: Database;
  readonly #find: Finder;
  readonly #jobs: JobTable;
  readonly #labels: LabelTable;
  readonly #settings: SettingTable;
  readonly #experiments: ExperimentTable;
  readonly #facts: FactTable;
  readonly #table: RunTable;
  readonly #shown: Shown;
  readonly #housekeeping: Housekeeping;
  readonly #trash: Trash;
  readonly #retention: Retention;
  readonly #collector: Collector;
  readonly #health: Health;
  readonly #history: HistoryReader;
  readonly #adopter: Adopter;
  readonly #entry: Entry;

  constructor(db: Database, objects: ObjectStore) {
    this.#db = db;
    this.#jobs = new JobTable(db, objects);
    this.#find = new Finder(db);
    this.#experiments = new ExperimentTable(db, this.#find);
    this.#facts = new FactTable(db);
    this.#table = new RunTable(db);
    this.#shown = new Shown(db, this.#find);
    this.#labels = new LabelTable(db, this.#find);
    this.#settings = new SettingTable(db);
    this.#housekeeping = new Housekeeping(db);
    this.#trash = new Trash(db);
    this.#retention = new Retention(db, objects);
    this.#health = new Health(db);
    this.#history = new HistoryReader(db, this.#find, this.#experiments);
    const [trash, retention, find] = [this.#trash, this.#retention, this.#find];
    this.#collector = new Collector({ db, objects, trash, retention, find });
    this.#entry = new Entry({
      db,
      jobs: this.#jobs,
      experiments: this.#experiments,
      facts: this.#facts,
      trash,
    });
    const [jobs, experiments, labels] = [this.#jobs, this.#experiments, this.#labels];
    this.#adopter = new Adopter({ db, objects, jobs, experiments, labels, find });
  }

  // Experiments and runs

  /**
   * Stores a plan. Jobs that are already stored stay as they are, so that their work is shared; failed and cancelled
   * ones, and done ones whose objects are gone, wait again.
   * @throws ConfigError where the id is taken; RangeError where inputs or links point outside the plan.
   */
  createExperiment(plan: NewExperiment): ExperimentRow {
    this.#entry.create([plan]);
    return this.experiment(plan.id);
  }

  /**
   * The same for several plans, all or none, piece by piece: other work has its turn meanwhile. Nothing of them shows
   * before they are whole.
   */
  async createInPieces(plans: Iterable<NewExperiment> | AsyncIterable<NewExperiment>): Promise<void> {
    await this.#entry.createInPieces(plans);
  }

  /**
   * Puts more into an experiment: seeds, arms, rounds of the runs it has. What it has stays what it is, results and
   * attempts included; jobs that are new wait, and so do failed, cancelled and lost ones, as on `resumeExperiment`.
   * @param plan the whole of it, what is there already included.
   * @throws ConfigError while jobs of it are running; RangeError where something of it is not in the plan.
   */
  extendExperiment(id: ExperimentId, plan: ExtendedExperiment): ExperimentRow {
    this.#entry.extend(id, plan);
    return this.experiment(id);
  }

  /**
   * The same piece by piece, as `createInPieces`.
   * @param mayStill throws where it must not be, asked last.
   */
  async extendInPieces(id: ExperimentId, plan: ExtendedExperiment, mayStill: () => void): Promise<void> {
    await this.#entry.extendInPieces(id, plan, mayStill);
  }

  /** Wishes it to run, and lets failed, cancelled and lost jobs of it wait again. @returns those jobs. */
  resumeExperiment(id: ExperimentId): JobKey[] {
    return this.#db.transaction(() => {
      const keys = this.#experiments.jobKeys(this.#find.number(id));
      this.#experiments.setWish(id, 'run');
      return this.#jobs.requeue(keys);
    });
  }

  /** The same for some jobs of it, piece by piece: other work has its turn meanwhile. */
  async resumeInPieces(id: ExperimentId, jobs: Iterable<JobKey>): Promise<void> {
    this.#experiments.setWish(id, 'run');
    await inPieces(this.#db, this.#jobs.requeueEach(jobs));
  }

  /** Removes what a host that ended left of experiments that it was writing or removing. */
  async tidy(): Promise<void> {
    await this.#entry.tidy();
  }

  /** Failed and cancelled ones of these jobs, and done ones whose objects are gone, wait again. @returns those that do. */
  requeue(keys: Iterable<JobKey>): JobKey[] {
    return this.#jobs.requeue(keys);
  }

  experiment(id: ExperimentId): ExperimentRow {
    return this.#experiments.experiment(id);
  }

  /** Newest first; those in the trash only on request. */
  experiments(filter: ExperimentFilter = {}): ExperimentRow[] {
    return this.#experiments.experiments(filter);
  }

  run(id: RunId): RunRow {
    return this.#experiments.run(id);
  }

  /** Runs of the newest experiment first, within one in the order of its plan. */
  runs(filter: RunFilter = {}): RunRow[] {
    return this.#experiments.runs(filter);
  }

  /**
   * @param text an id, or the beginning of just one. @param trash whether one in the trash is meant.
   * @param analyses whether it may be an analysis.
   * @throws ConfigError with candidates.
   */
  findExperiment(
    text: string,
    trash: WhichTrash = 'without',
    analyses: 'without' | 'with' = 'without',
  ): ExperimentId {
    return this.#find.experiment(text, trash, analyses);
  }

  /** As `findExperiment`, a run. */
  findRun(text: string, trash: WhichTrash = 'without'): RunId {
    return this.#find.run(text, trash);
  }

  /**
   * The sweep that a text names: its id, or the beginning of just one where no experiment's id begins so; `null` where
   * there is none. Sweeps of which all is in the trash do not count.
   * @throws ConfigError with candidates.
   */
  findSweep(text: string): string | null {
    return this.#find.sweep(text);
  }

  /** Whether an experiment or a sweep has this id, in the trash or not. */
  isTaken(id: string): boolean {
    return this.#find.isTaken(id);
  }

  /** Jobs of an experiment, inputs first, and what they are to its runs. */
  plan(id: ExperimentId): Plan {
    const number = this.#find.number(id);
    return { jobs: this.#jobs.ofExperiment(number), runJobs: this.#experiments.runJobs(number) };
  }

  setExperimentWish(id: ExperimentId, wish: Wish): void {
    this.#experiments.setWish(id, wish);
  }

  /** Best and final values for the run table. */
  updateRunSummary(id: RunId, summary: RunSummary): void {
    this.#experiments.summarise(id, summary);
  }

  /** Tags an experiment or a run, with all of these or none; those it has already stay. */
  tag(id: ExperimentId | RunId, tags: readonly string[]): void {
    this.#db.transaction(() => {
      for (const tag of tags) this.#labels.tag(id, tag);
      this.#facts.refresh(experimentOf(id));
    });
  }

  /** Takes all of them away. @throws ConfigError where it does not have one. */
  untag(id: ExperimentId | RunId, tags: readonly string[]): void {
    this.#db.transaction(() => {
      for (const tag of tags) this.#labels.untag(id, tag, this.tagsOf(id));
      this.#facts.refresh(experimentOf(id));
    });
  }

  /** Tags of an experiment, or of a run. */
  tagsOf(id: ExperimentId | RunId): readonly string[] {
    return (id.includes('/') ? this.run(id as RunId) : this.experiment(id as ExperimentId)).tags;
  }

  /** Sets the note of an experiment or a run; an empty text removes it. */
  note(id: ExperimentId | RunId, note: string): void {
    this.#db.transaction(() => {
      this.#labels.note(id, note);
      this.#facts.refresh(experimentOf(id));
    });
  }

  // An experiment as it is shown

  /** How each of its jobs stands. */
  standings(id: ExperimentId): Map<JobKey, JobStanding> {
    return this.#shown.standings(id);
  }

  /** Another text where any of its results is another, or there are more or fewer. */
  resultsStand(id: ExperimentId): string {
    return this.#shown.resultsStand(id);
  }

  /** Another number where another thread or process has written since. */
  get written(): number {
    return Number(this.#db.pragma('data_version'));
  }

  /** What its done jobs took. */
  spent(id: ExperimentId): Spent {
    return this.#shown.spent(id);
  }

  /** As `usage`, of one experiment. */
  used(id: ExperimentId): UsedByOne {
    return this.#shown.used(id);
  }

  // Run table

  /** A page of the run table. */
  table(query: TableQuery): TablePage {
    return this.#table.page(query);
  }

  /** What there is to filter it by. */
  facets(query: FacetQuery): Facets {
    return this.#table.facets(query);
  }

  /** Some experiments of older versions, which the table can only name when `tell` has said what they are. */
  untold(limit: number): Untold[] {
    return this.#facts.untold(limit);
  }

  /** Titles and groups of several experiments, for the run table. */
  tell(
    told: readonly {
      readonly id: ExperimentId;
      readonly titles: Titles;
      readonly runs: readonly Pick<NewRun, 'id' | 'group'>[];
    }[],
  ): void {
    this.#db.transaction(() => {
      for (const { id, titles, runs } of told) this.#facts.put(id, titles, runs);
    });
  }

  // Settings

  /** The library's settings, with the defaults of those that nobody set. */
  settings(): LibrarySettings {
    return readSettings(this.#settings.all());
  }

  /** @param value `undefined` goes back to the default. */
  putSetting<Name extends keyof LibrarySettings>(name: Name, value: LibrarySettings[Name] | undefined): void {
    this.#settings.put(name, value);
  }

  // Jobs

  /** Failed and cancelled jobs of an experiment, or of all that a run needs. */
  endedJobs(of: ExperimentId | RunId): JobKey[] {
    if (of.includes('/')) return this.#jobs.endedOfRun(this.#find.runNumber(of as RunId));
    return this.#jobs.endedOf(this.#find.number(of as ExperimentId));
  }

  /** Experiments that have one of these jobs. */
  sharing(keys: readonly JobKey[]): ExperimentId[] {
    return this.#jobs.sharing(keys);
  }

  /** Rows of these jobs, in order; unknown ones are left out. */
  jobs(keys: Iterable<JobKey>): JobRow[] {
    return [...keys].flatMap((key) => this.#jobs.row(key) ?? []);
  }

  /** Result of a done job; `null` in every other state. */
  result(key: JobKey): JobResult | null {
    return this.#jobs.result(key);
  }

  /** An output of a done job, without reading its series; `null` where there is none. */
  output(key: JobKey, name: string): Digest | null {
    return this.#jobs.output(key, name);
  }

  /** The evaluation of a done job, without reading its series. */
  evaluation(key: JobKey): JobResult['evaluation'] {
    return this.#jobs.evaluation(key);
  }

  /** Series of a job; empty where it is not done. */
  series(key: JobKey): Series {
    return this.#jobs.readSeries(key);
  }

  /**
   * The jobs of a plan that need no work: done, with every output there that a job of the plan still takes. A job whose
   * outputs retention released needs none as long as nothing new takes them; when something does, it runs again (and
   * so does what it takes in turn, if that was released as well), while its figures, and the experiments that
   * finished with it, stay as they are. Jobs whose objects are lost, not released, need work.
   * @param plan jobs with their inputs, stored or not.
   */
  settledKeys(plan: readonly Pick<PlannedJob, 'key' | 'inputs'>[]): Set<JobKey> {
    return atOnce(this.#jobs.settled(plan));
  }

  /** The same with rests, in which other work has its turn. */
  async settledInPieces(plan: readonly Pick<PlannedJob, 'key' | 'inputs'>[]): Promise<Set<JobKey>> {
    return await withRests(this.#jobs.settled(plan));
  }

  /** All attempts at a job, first to last. */
  attempts(key: JobKey): AttemptRow[] {
    return this.#jobs.attempts(key);
  }

  /** waiting → running, a new attempt; or done, for outputs that were released, and it stays so. Its inputs must be done. */
  startJob(key: JobKey, worker: string): void {
    this.#jobs.start(key, worker);
  }

  /**
   * running → done. The first writer wins: where the job is done already, nothing changes and what differs is told. Where
   * it ran again for released outputs, the new ones count from now on, and what differs is told as well.
   * @throws LibraryError where an output is not in the object store.
   */
  finishJob(key: JobKey, result: JobResult): Finished {
    return this.#jobs.finish(key, result);
  }

  /** running → failed. A job that ran again stays done, but what waits for it shows as failed. */
  failJob(key: JobKey, failure: JobFailure): void {
    this.#jobs.fail(key, failure);
  }

  /** running → waiting: stopped on request, or its worker crashed and it is to be tried again. */
  releaseJob(key: JobKey, outcome: 'stopped' | 'crashed' = 'stopped'): void {
    this.#jobs.release(key, outcome);
  }

  /**
   * Gives an experiment up: waiting → cancelled, for the jobs that no other experiment needs, and the wish becomes
   * `cancelled`. Running jobs are left alone: stop and release them first. @returns how many were cancelled.
   */
  cancelJobs(id: ExperimentId): number {
    return this.#db.transaction(() => {
      this.#experiments.setWish(id, 'cancelled');
      return this.#jobs.cancel(this.#find.number(id));
    });
  }

  // Housekeeping

  /**
   * For a host that has just started and holds the lock: running jobs wait again, their attempts are interrupted, and
   * experiments that were meant to run are marked interrupted. @returns what was found.
   */
  recover(): Recovered {
    return this.#housekeeping.recover();
  }

  /** Measured milliseconds, and when (ms since 1970). */
  timing(signature: string): { readonly ms: number; readonly at: number } | null {
    return this.#housekeeping.timing(signature);
  }

  putTiming(signature: string, ms: number): void {
    this.#housekeeping.putTiming(signature, ms);
  }

  usage(): Usage {
    return this.#housekeeping.usage();
  }

  // Trash and disk space

  /**
   * Puts experiments into the trash, all or none: hidden, but all of them is there, and their jobs count as stored work.
   * @throws ConfigError while jobs of one are running.
   */
  trashExperiments(ids: readonly ExperimentId[]): void {
    this.#db.transaction(() => {
      for (const id of ids) this.#trash.put(id, this.#find.number(id));
    });
  }

  /** Takes an experiment out of the trash. */
  restoreExperiment(id: ExperimentId): void {
    this.#trash.restore(this.#find.number(id));
  }

  /** Bytes of objects that only these experiments need: what removing them for good would free. */
  freeableBytes(ids: readonly ExperimentId[]): number {
    return this.#trash.freeable(ids);
  }

  /**
   * Deletes the files that the settings do not keep of finished runs. While jobs are running it leaves all to `collect`.
   */
  applyRetention(): Freed {
    if (this.#jobs.running().length > 0) return { files: 0, bytes: 0 };
    const settings = this.settings();
    const released = this.#db.transaction(() => this.#retention.release(settings, Date.now()));
    return this.#retention.discard(released);
  }

  /**
   * Frees disk space: empties the trash of what has been there long enough, applies retention, and deletes objects that
   * no row needs, checkpoints of jobs that are done or gone, and what crashes left half-written. What another
   * experiment shares stays.
   * @throws ConfigError while jobs are running.
   */
  collect(options: CollectOptions = {}): Collected {
    return this.#collector.collect(this.settings(), options);
  }

  // Run files; experiment/run-file puts them together

  /** An experiment with everything that the rows know of it, but its log. */
  history(id: ExperimentId): History {
    return this.#history.read(id, Date.now());
  }

  /** Experiments of the same name that were made in the same millisecond: the same one, whatever its id. */
  kin(experiment: Pick<History['experiment'], 'name' | 'created'>): ExperimentId[] {
    return this.#adopter.kin(experiment);
  }

  /**
   * How much of an experiment from elsewhere is in the one that is called `id` here; `null` where each has what the other
   * has not.
   */
  holding(experiment: History['experiment'], id: ExperimentId): Exclude<Holding, 'none'> | null {
    return this.#adopter.holding(experiment, id);
  }

  /** What an experiment from elsewhere brings that the library has not. @param has whether it comes with an object. */
  brings(experiment: History['experiment'], has: (digest: Digest) => boolean): Brought {
    return this.#adopter.brings(experiment, has);
  }

  /**
   * Takes an experiment from elsewhere in. What the library has stays; results that it lacks are added, and so are runs
   * and rounds. Outputs whose objects are not in the library count as released.
   * @param id what it is called here. @param holding what the library has under that id.
   * @param about for the run table: titles, and the group of each of its runs.
   * @throws ConfigError where jobs of it are running.
   */
  adopt(
    history: History,
    id: ExperimentId,
    holding: Holding,
    { titles, groups }: { readonly titles: Titles; readonly groups: readonly string[] },
  ): void {
    this.#db.transaction(() => {
      this.#adopter.adopt(history, id, holding);
      const grouped = history.experiment.runs.map((run, at) => {
        const group = groups[at];
        return { id: runIdOf(id, run), ...(group === undefined ? {} : { group }) };
      });
      if (holding === 'all' || holding === 'more') this.#facts.refresh(id);
      else this.#facts.put(id, titles, grouped);
    });
  }

  // Health; `checkLibrary` puts it together

  /** What SQLite finds wrong with the database, and rows that point nowhere; in words. */
  problems(): string[] {
    return this.#health.problems();
  }

  /** Objects whose files must be there. */
  neededObjects(): ObjectFile[] {
    return this.#health.objects();
  }

  /** Jobs that made an object. */
  makersOf(digest: Digest): Maker[] {
    return this.#health.makers(digest);
  }

  /** Done jobs whose objects are lost wait again. @returns those that do. */
  requeueLost(keys: Iterable<JobKey>): JobKey[] {
    return this.#jobs.requeue(keys, true);
  }
}

/** Runs' ids begin with their experiment's and a slash. */
function experimentOf(id: ExperimentId | RunId): ExperimentId {
  return id.replace(/\/.*/s, '') as ExperimentId;
}
