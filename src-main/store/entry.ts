import { randomUUID } from 'node:crypto';
import type { ExperimentId, JobKey, RunId } from '../contract/ids.ts';
import type { PlannedJob } from '../contract/job.ts';
import type { Database } from './database.ts';
import type { ExperimentTable } from './experiments.ts';
import type { FactTable } from './facts.ts';
import type { JobTable } from './jobs.ts';
import { atOnce, inPieces, type Pieces } from './pieces.ts';
import type { ExtendedExperiment, NewExperiment } from './rows.ts';
import type { Trash } from './trash.ts';

/** An experiment whose rows are written. */
interface Written {
  readonly number: number;
  /** Jobs of it that wait again when it is shown. */
  readonly again: readonly JobKey[];
}

interface Parts {
  readonly db: Database;
  readonly jobs: JobTable;
  readonly experiments: ExperimentTable;
  readonly facts: FactTable;
  readonly trash: Trash;
}

/**
 * Puts experiments into the library. Where other work must not wait for it, their rows are written piece by piece under
 * an experiment that nobody sees, and one short transaction shows them at the end; what is left where that never comes
 * is removed. Part of `Store`, which documents the methods of the same names.
 */
export class Entry {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  create(plans: readonly NewExperiment[]): void {
    const { db, experiments, jobs } = this.#parts;
    db.transaction(() => {
      for (const plan of plans) {
        const { number, again } = atOnce(this.#put(plan));
        experiments.show(number);
        jobs.requeue(again);
      }
    });
  }

  async createInPieces(plans: Iterable<NewExperiment> | AsyncIterable<NewExperiment>): Promise<void> {
    const { db, experiments, jobs } = this.#parts;
    const made: number[] = [];
    const put = (number: number): number => made.push(number);
    const again: JobKey[] = [];
    try {
      for await (const plan of plans) again.push(...(await inPieces(db, this.#put(plan, put))).again);
      db.transaction(() => {
        for (const number of made) experiments.show(number);
        jobs.requeue(again);
      });
    } catch (error) {
      await this.#removeAll(made);
      throw error;
    }
  }

  extend(id: ExperimentId, plan: ExtendedExperiment): void {
    const { db, experiments, jobs } = this.#parts;
    db.transaction(() => {
      atOnce(experiments.requireWhole(id, plan));
      const experiment = experiments.number(id);
      const stored = atOnce(
        jobs.insert(inputsFirst(plan.jobs), Date.now(), (job) => experiments.link(experiment, job)),
      );
      atOnce(experiments.putRuns(experiment, plan, stored));
      atOnce(experiments.count(experiment));
      this.#finish(id, plan, stored.keys());
    });
  }

  async extendInPieces(id: ExperimentId, plan: ExtendedExperiment, mayStill: () => void): Promise<void> {
    const { db, experiments } = this.#parts;
    const made: number[] = [];
    // Under another name, with runs of that name.
    const aside = `${id}-${randomUUID()}` as ExperimentId;
    const rename = (run: RunId): RunId => `${aside}${run.slice(id.length)}` as RunId;
    const copy: NewExperiment = {
      ...plan,
      id: aside,
      name: aside,
      runs: plan.runs.map((run) => ({ ...run, id: rename(run.id) })),
      runJobs: plan.runJobs.map((link) => ({ ...link, run: rename(link.run) })),
    };
    try {
      await inPieces(db, experiments.requireWhole(id, plan));
      const { number: from, again } = await inPieces(
        db,
        this.#put(copy, (number) => made.push(number)),
      );
      db.transaction(() => {
        mayStill();
        experiments.requireIdle(id);
        const experiment = experiments.number(id);
        atOnce(experiments.putRuns(experiment, { runs: plan.runs, runJobs: [] }, new Map()));
        experiments.copyLinks(from, experiment);
        this.#finish(id, plan, again);
      });
    } finally {
      await this.#removeAll(made);
    }
  }

  /** Removes what was being written, or removed, when a host ended. */
  async tidy(): Promise<void> {
    await this.#removeAll(this.#parts.experiments.unmade());
  }

  #finish(id: ExperimentId, plan: ExtendedExperiment, again: Iterable<JobKey>): void {
    const { experiments, facts, jobs } = this.#parts;
    experiments.extend(id, plan);
    if (plan.titles) facts.put(id, plan.titles, plan.runs);
    jobs.requeue(again);
    experiments.setWish(id, 'run');
  }

  /** All rows of an experiment that is not shown yet. @param put hears its number as soon as it has one. */
  *#put(plan: NewExperiment, put: (number: number) => void = () => undefined): Pieces<Written> {
    const { jobs, experiments, facts } = this.#parts;
    const now = Date.now();
    const sorted = inputsFirst(plan.jobs);
    yield;
    const number = experiments.insert(plan, now);
    put(number);
    const own = plan.analysis?.own;
    const stored = yield* jobs.insert(sorted, now, (job, key) => {
      if (own?.has(key) ?? true) experiments.link(number, job);
    });
    yield* experiments.putRuns(number, plan, stored);
    yield;
    if (plan.titles) facts.put(plan.id, plan.titles, plan.runs);
    yield* experiments.count(number);
    return { number, again: yield* jobs.toRequeue(stored.keys()) };
  }

  /** Of experiments that nobody sees. What cannot be removed now, the next host removes. */
  async #removeAll(numbers: readonly number[]): Promise<void> {
    for (const number of numbers) await inPieces(this.#parts.db, this.#parts.trash.remove(number));
  }
}

/**
 * The jobs once each, sorted so that inputs come before what builds on them; otherwise the order given.
 * @throws RangeError where an input is not among them, or they go round in a circle.
 */
function inputsFirst(jobs: readonly PlannedJob[]): PlannedJob[] {
  const byKey = new Map(jobs.map((job) => [job.key, job]));
  const sorted = new Set<PlannedJob>();
  const open = new Set<PlannedJob>();
  for (const first of byKey.values()) {
    // A stack of our own: chains of rounds can be longer than the engine's.
    const stack = [first];
    for (let job = stack.at(-1); job !== undefined; job = stack.at(-1)) {
      open.add(job);
      const missing = job.inputs.map(({ job: key }) => {
        const input = byKey.get(key);
        if (input === undefined) throw new RangeError(`input ${key} of a job is not part of the plan`);
        return input;
      });
      const next = missing.find((input) => !sorted.has(input));
      if (next === undefined) {
        sorted.add(job);
        stack.pop();
      } else if (open.has(next)) throw new RangeError(`job ${next.key} builds on itself`);
      else stack.push(next);
    }
  }
  return [...sorted];
}
