import type { Digest, ExperimentId, JobKey, RunId } from '../contract/ids.ts';
import type { JobFailure, JobInput, JobKind, JobSpec, PlannedJob } from '../contract/job.ts';
import type { JobRole, JobState, RunState } from '../contract/states.ts';

/** What the user wants of an experiment; with the states of its jobs it gives the experiment's state. */
export type Wish = 'run' | 'paused' | 'stopped' | 'cancelled' | 'interrupted';

/** One attempt at a job. `crashed`: its worker died; `interrupted`: the host died, found at the next start. */
export type AttemptOutcome = 'done' | 'failed' | 'stopped' | 'crashed' | 'interrupted';

export interface NewRun {
  readonly id: RunId;
  /** Label of the arm, for example `swamp(4)`. */
  readonly arm: string;
  /** The arm in the run's id, for example `swamp-4`. */
  readonly slug: string;
  /** Kind of the arm: `imp`, `swamp`, … */
  readonly kind: string;
  /** The arm's settings; JSON. */
  readonly spec: unknown;
  readonly seed: number;
  readonly rounds: number;
  /** The same in runs that differ in nothing but the seed. */
  readonly group?: string;
}

/** An experiment's data set and model in the run table. */
export interface Titles {
  readonly dataset: string;
  readonly model: string;
}

/** What a job is to a run. One job may be several things to a run, and the same job serves many runs. */
export interface RunJob {
  readonly run: RunId;
  readonly job: JobKey;
  readonly round: number;
  readonly role: JobRole;
  readonly index: number;
}

/** What makes an entry an analysis of experiments. */
export interface NewAnalysis {
  readonly kind: string;
  readonly of: readonly ExperimentId[];
  /** Its own jobs: those that it builds on are of the experiments, and not counted for it. */
  readonly own: ReadonlySet<JobKey>;
}

export interface NewExperiment {
  readonly id: ExperimentId;
  readonly name: string;
  /** What the user asked for; JSON. */
  readonly config: unknown;
  /** What probes and defaults chose; JSON. */
  readonly resolved: unknown;
  /** Absent: the next host puts them in, and groups. */
  readonly titles?: Titles;
  /** The experiment it was forked from. */
  readonly origin?: ExperimentId | null;
  /** Shared by the experiments of a sweep. */
  readonly sweep?: string | null;
  /** Where it is an analysis of others. */
  readonly analysis?: NewAnalysis | undefined;
  readonly runs: readonly NewRun[];
  /** In any order; an input must be among them or already stored. */
  readonly jobs: readonly PlannedJob[];
  readonly runJobs: readonly RunJob[];
}

/** An experiment with more in it: all its runs and jobs, the old ones among them. */
export type ExtendedExperiment = Omit<NewExperiment, 'id' | 'name' | 'origin' | 'sweep' | 'analysis'>;

/** Number of different jobs in each state. */
export type JobCounts = Readonly<Record<JobState, number>>;

export interface ExperimentRow {
  readonly id: ExperimentId;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly config: unknown;
  readonly resolved: unknown;
  readonly wish: Wish;
  readonly note: string;
  /** Its own; those of its runs are theirs. */
  readonly tags: readonly string[];
  readonly state: RunState;
  readonly counts: JobCounts;
  /** Number of runs. */
  readonly runs: number;
  /** When it went to the trash, ms since 1970; `null`: it is not there. */
  readonly removed: number | null;
  /** The experiment it was forked from, which may be gone. */
  readonly origin: ExperimentId | null;
  /** Shared by the experiments of a sweep. */
  readonly sweep: string | null;
  /** Kind of analysis; `null`: it is an experiment. */
  readonly analysis: string | null;
}

/** Whether analyses are meant beside experiments, or alone. */
export type Analyses = 'without' | 'only' | 'with';

/** Whether experiments in the trash are meant. */
export type Trash = 'without' | 'only' | 'with';

/** Which experiments; what is left out does not filter. */
export interface ExperimentFilter {
  /** Default: without. */
  readonly trash?: Trash;
  readonly sweep?: string;
  readonly origin?: ExperimentId;
  /** Carried by the experiment or one of its runs. */
  readonly tag?: string;
  /** Default: without. */
  readonly analyses?: Analyses;
  /** Analyses that look at this experiment. */
  readonly analysisOf?: ExperimentId;
}

/** Best and final values of a run, kept ready for the run table; accuracies are fractions. */
export interface RunSummary {
  /** Rounds whose jobs are all done. */
  readonly roundsDone: number;
  /** Of the last round done: pruned / prunable. */
  readonly finalSparsity: number | null;
  /** Of the last round done, on test. */
  readonly finalAccuracy: number | null;
  /** Of the last round done; `null` where nothing is held out. */
  readonly finalValidationAccuracy: number | null;
  readonly bestValidationAccuracy: number | null;
  /** Test accuracy and sparsity of the round that is best on validation, and that round. */
  readonly bestAccuracy: number | null;
  readonly bestSparsity: number | null;
  readonly bestRound: number | null;
}

export interface RunRow extends NewRun {
  readonly experiment: ExperimentId;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly note: string;
  readonly tags: readonly string[];
  readonly state: RunState;
  readonly counts: JobCounts;
  readonly summary: RunSummary;
}

/** Which runs; what is left out does not filter. Runs in the trash are found by their experiment only. */
export interface RunFilter {
  readonly experiment?: ExperimentId;
  /** Label of the arm. */
  readonly arm?: string;
  readonly kind?: string;
  readonly seed?: number;
  readonly tag?: string;
  readonly state?: RunState;
  /** At most so many, from `offset` on. */
  readonly limit?: number;
  readonly offset?: number;
}

/** A done job that runs once more for outputs that retention released, or failed to. Its result stands meanwhile. */
export type Again = 'running' | 'failed' | null;

export interface JobRow {
  readonly key: JobKey;
  readonly kind: JobKind;
  readonly spec: JobSpec;
  readonly inputs: readonly JobInput[];
  readonly state: JobState;
  readonly again: Again;
  /** Attempts begun. */
  readonly attempts: number;
  /** Why it failed, the first time or again; `null` in every other state. */
  readonly failure: JobFailure | null;
  /** Wall seconds in the worker; `null` unless done. */
  readonly seconds: number | null;
}

/** The jobs of an experiment, each once, inputs before what builds on them, and what they are to its runs. */
export interface Plan {
  readonly jobs: readonly JobRow[];
  readonly runJobs: readonly RunJob[];
}

export interface AttemptRow {
  /** 1, 2, … */
  readonly number: number;
  readonly worker: string;
  /** Milliseconds since 1970. */
  readonly started: number;
  /** `null` while it runs. */
  readonly ended: number | null;
  readonly outcome: AttemptOutcome | null;
  readonly failure: JobFailure | null;
}

/** An output that a second result of the same job names differently. The first one is kept. */
export interface Difference {
  readonly output: string;
  readonly kept: Digest | null;
  readonly offered: Digest | null;
}

export interface Finished {
  /** False where the job was done before: the first writer wins. */
  readonly stored: boolean;
  /** Where the two results differ; empty when stored. */
  readonly differences: readonly Difference[];
}

/** What a dead host left behind. */
export interface Recovered {
  /** Jobs that were running; they wait again. */
  readonly jobs: readonly JobKey[];
  /** Experiments now marked interrupted. */
  readonly experiments: readonly ExperimentId[];
}

export interface Usage {
  /** Bytes of all objects that rows need, each counted once. */
  readonly total: number;
  readonly experiments: readonly {
    readonly id: ExperimentId;
    /** Bytes of the objects its jobs made or share. */
    readonly bytes: number;
    /** Those that no other experiment needs, in the trash or not: what removing it for good would free. */
    readonly own: number;
  }[];
}

/** An object of the library. */
export interface ObjectFile {
  readonly digest: Digest;
  readonly bytes: number;
}

export interface CollectOptions {
  /** Remove these for good; default: those that are long enough in the trash. */
  readonly experiments?: readonly ExperimentId[];
  /** Days in the trash that are long enough; default: the library's setting. */
  readonly trashDays?: number;
  /** Unknown and temporary files younger than so many milliseconds stay: their writer may not have told of them yet. */
  readonly olderThan?: number;
  /** Tell what would go, and let all stay. */
  readonly dryRun?: boolean;
}
