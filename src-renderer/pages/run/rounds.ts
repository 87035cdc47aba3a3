import type {
  ShownExperiment,
  ShownJob,
  ShownRound,
  ShownRun,
} from '../../../src-main/contract/api/details.ts';
import type { JobKey } from '../../../src-main/contract/ids.ts';
import type { Metrics } from '../../../src-main/contract/metrics.ts';
import { quiet, type Live } from './live.ts';

/** How a round stands on the strip. */
export type CellState = 'done' | 'running' | 'failed' | 'waiting' | 'cancelled';

export interface Cell {
  readonly round: number;
  readonly sparsity: number;
  readonly state: CellState;
  /** Share of the round's training that is done, 0 to 1. */
  readonly share: number;
  readonly test: Metrics | null;
}

export interface Strip {
  readonly run: ShownRun;
  readonly cells: readonly Cell[];
}

/** A job as it stands now: what is stored, and over it what was told since. */
export function jobState(job: ShownJob, live: Live): CellState {
  if (live.jobs.has(job.key)) return 'running';
  return live.settled.get(job.key) ?? job.state;
}

function shareOf(job: ShownJob, live: Live): number {
  const running = live.jobs.get(job.key);
  if (running) return running.iterations > 0 ? running.iteration / running.iterations : 0;
  return jobState(job, live) === 'done' ? 1 : 0;
}

/** Whether a job of a round is a training; one that makes the round's mask as well is there twice. */
const trains = ({ iterations, role }: ShownJob): boolean => iterations > 0 && role !== 'mask';

/** Steps of all particles of a training. */
const stepsOf = ({ iterations, particles }: ShownJob): number => iterations * particles;

/** A round: failed or running as soon as one of its jobs is, done when all are. */
export function cellOf(round: ShownRound, live: Live): Cell {
  const states = round.jobs.map((job) => jobState(job, live));
  const has = (state: CellState): boolean => states.includes(state);
  const trainings = round.jobs.filter(trains);
  const steps = trainings.reduce((sum, job) => sum + stepsOf(job), 0);
  const done = trainings.reduce((sum, job) => sum + shareOf(job, live) * stepsOf(job), 0);
  const state: CellState =
    round.jobs.length === 0
      ? round.state
      : has('failed')
        ? 'failed'
        : has('running')
          ? 'running'
          : states.every((each) => each === 'done')
            ? 'done'
            : has('cancelled')
              ? 'cancelled'
              : 'waiting';
  return {
    round: round.round,
    sparsity: round.sparsity,
    state,
    share: state === 'done' ? 1 : steps > 0 ? done / steps : 0,
    test: round.test,
  };
}

/** A strip as it is stored, and in which of its rounds each of its jobs stands. */
interface StoredStrip {
  readonly strip: Strip;
  readonly places: ReadonlyMap<JobKey, readonly number[]>;
}

/** Runs that did not change are the same objects in the next answer: they are looked through once. */
const storedStrips = new WeakMap<ShownRun, StoredStrip>();
const nothing = quiet();

function storedStripOf(run: ShownRun): StoredStrip {
  const known = storedStrips.get(run);
  if (known) return known;
  const places = new Map<JobKey, number[]>();
  for (const [round, { jobs }] of run.rounds.entries())
    for (const { key } of jobs) {
      const rounds = places.get(key);
      if (rounds) rounds.push(round);
      else places.set(key, [round]);
    }
  const made = { strip: { run, cells: run.rounds.map((round) => cellOf(round, nothing)) }, places };
  storedStrips.set(run, made);
  return made;
}

/**
 * The strips of an experiment as it goes on. Only rounds of jobs that something was told of are made anew, and strips
 * without any stay the same objects.
 */
export function stripsBy({ runs }: Pick<ShownExperiment, 'runs'>): (live: Live) => Strip[] {
  const stored = runs.map(storedStripOf);
  return (live) => {
    const keys = [...live.jobs.keys(), ...live.settled.keys()];
    return stored.map(({ strip, places }) => {
      const touched = new Set(keys.flatMap((key) => places.get(key) ?? []));
      if (touched.size === 0) return strip;
      const cells = strip.cells.map((cell, at) => {
        const round = touched.has(at) ? strip.run.rounds[at] : undefined;
        return round ? cellOf(round, live) : cell;
      });
      return { run: strip.run, cells };
    });
  };
}

/** What there is to look at first: the run and round that is under way, else the last that is done. */
export function focusOf(strips: readonly Strip[]): { readonly run: string; readonly round: number } | null {
  for (const state of ['running', 'failed'] as const)
    for (const { run, cells } of strips)
      for (const cell of cells) if (cell.state === state) return { run: run.run, round: cell.round };
  let last: { run: string; round: number } | null = null;
  for (const { run, cells } of strips)
    for (const { state, round } of cells)
      if (state === 'done' && round >= (last?.round ?? 0)) last = { run: run.run, round };
  const first = strips[0];
  return last ?? (first ? { run: first.run.run, round: 0 } : null);
}

/** A solution of a round as it was evaluated. */
export interface Judged {
  readonly index: number;
  readonly test: Metrics | null;
  readonly validation: Metrics | null;
}

/** What the arm stands for in a round, its particles or members, and the ensemble of them. */
export interface Judgement {
  readonly round: number;
  readonly sparsity: number;
  readonly stands: Judged | null;
  readonly particles: readonly Judged[];
  readonly ensemble: Judged | null;
}

export function judgementsOf({ rounds }: ShownRun): Judgement[] {
  return rounds.map((round) => {
    const by = (role: string): Judged[] =>
      round.jobs
        .filter((job) => job.role === role && (job.test ?? job.validation) !== null)
        .map(({ index, test, validation }) => ({ index, test, validation }))
        .sort((a, b) => a.index - b.index);
    const [stands = null] = by('evaluate');
    // Of an arm that stands for its ensemble, they are one.
    const [ensemble = null] = isYardstick(round) ? by('ensemble') : [];
    const told = round.test ? { index: 0, test: round.test, validation: round.validation } : null;
    return {
      round: round.round,
      sparsity: round.sparsity,
      stands: told ?? stands,
      particles: by('evaluate-particle'),
      ensemble,
    };
  });
}

/** Whether the round has an ensemble beside what the arm stands for. */
export function isYardstick({ jobs }: ShownRound): boolean {
  const of = (role: string): ShownJob | undefined => jobs.find((job) => job.role === role);
  const ensemble = of('ensemble');
  return ensemble !== undefined && ensemble.key !== of('evaluate')?.key;
}

/** The trainings of a round: ticket, particles or members, by place. */
export function trainingsOf(round: ShownRound): ShownJob[] {
  return round.jobs
    .filter(trains)
    .sort((a, b) => (a.role === b.role ? a.index - b.index : a.role === 'ticket' ? -1 : 1));
}

/** A failure that is stored. */
export interface StoredFailure {
  readonly where: string;
  readonly run: string;
  readonly message: string;
  readonly hint: string;
  readonly stack: string;
}

/** Failures that are stored, each once. */
export function failuresOf({ runs }: ShownExperiment): StoredFailure[] {
  const found = new Map<JobKey, StoredFailure>();
  // Plain loops: there may be ten thousand jobs, and hardly any that failed.
  for (const run of runs)
    for (const { round, jobs } of run.rounds)
      for (const { key, failure } of jobs) {
        if (!failure || found.has(key)) continue;
        const { message, hint, stack } = failure;
        const where = `${run.arm}, seed ${run.seed}, round ${round}`;
        found.set(key, { where, run: run.run, message, hint, stack });
      }
  return [...found.values()];
}
