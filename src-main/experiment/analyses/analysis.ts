import type { AnalysisRequest } from '../../contract/analysis.ts';
import type { Findings } from '../../contract/figures.ts';
import type { ExperimentId, JobKey, RunId } from '../../contract/ids.ts';
import type { JobResult, JobSpec, Task } from '../../contract/job.ts';
import type { ExperimentConfig } from '../../contract/experiment.ts';
import type { Registered } from '../../contract/registry.ts';
import type { Made, Round } from '../arms/arm.ts';
import type { Plan, PlannedRun } from '../plan.ts';

/** A run that is looked at. */
export interface SubjectRun {
  readonly id: RunId;
  readonly experiment: ExperimentId;
  readonly config: ExperimentConfig;
  readonly plan: Plan;
  readonly run: PlannedRun;
  /** The arm's label, for example `swamp(4)`: its colour goes by it. */
  readonly arm: string;
  readonly seed: number;
  /** Tells it from the others that are looked at, in as few words as that takes, for example `swamp(4), seed 2`. */
  readonly label: string;
  readonly task: Task;
  /** Its own rounds, 0 first. */
  readonly rounds: readonly Round[];
  /**
   * What the arm stands for in a round.
   * @throws ConfigError where that are several networks (an ensemble), or the run has no such round
   */
  solution(round: number): Made;
  /** Solutions of its particles (of an ensemble: its members); the round's solution where there is one training. */
  particles(round: number): readonly Made[];
  /** The same or, with a particle, that one. @throws ConfigError as `solution`, and where there is no such particle */
  one(round: number, particle: number | undefined): Made;
  /** Mask of a round's solution, of an ensemble's member, or that a particle trained under; `null` where nothing is pruned. */
  mask(round: number, particle?: number): Made | null;
  /** Batch-norm statistics of a solution, re-estimated when it was evaluated. @throws ConfigError where it was not */
  statistics(round: number, particle?: number): Made;
  /** Its softmax probabilities. @throws ConfigError where there are none of its own (an ensemble) */
  predictions(round: number, particle?: number): Made;
  /** Job that evaluated what the arm stands for. */
  evaluation(round: number): JobKey;
  /** Jobs that evaluated its particles or members; empty where there is one training. */
  evaluations(round: number): readonly JobKey[];
  /** Job that evaluated the ensemble of the particles; `null` where there is none. */
  ensemble(round: number): JobKey | null;
}

/** One thing that is looked at: a run, or a round or a particle of one. */
export interface OpenSubject {
  readonly run: SubjectRun;
  readonly round: number | undefined;
  readonly particle: number | undefined;
  /** For example `swamp(4) round 5 particle 2`. */
  readonly label: string;
}

/** What an analysis plans its jobs with. Equal work gives equal keys: what was asked for before is not done again. */
export interface AnalysisContext {
  readonly request: AnalysisRequest;
  /** In the order given. */
  readonly subjects: readonly OpenSubject[];
  /** The runs of the subjects, each once. */
  readonly runs: readonly SubjectRun[];
  /** A job. @param what for people while it runs, for example `swamp(4) round 3` */
  readonly add: (spec: JobSpec, inputs: readonly NamedInput[], what: string) => JobKey;
}

/** What a job is given. */
export interface NamedInput {
  readonly name: string;
  readonly made: Made;
}

/** What jobs gave: of this analysis and of the runs it looks at; `null`: not done. */
export interface Results {
  (key: JobKey): Pick<JobResult, 'evaluation' | 'series' | 'provenance'> | null;
}

/** Says what was found, from the results that are there. What is missing is said in words in its place. */
export type Reading = (results: Results) => Findings;

/**
 * What a file in this folder exports; registered by one line in registry.ts. `plan` asks for the jobs and gives back how
 * their results are read.
 */
export interface AnalysisDefinition<
  Options extends { kind: string } = { kind: string },
> extends Registered<Options> {
  /** What it is good for, a sentence. */
  readonly about: string;
  readonly subjects: {
    /** How many it takes. */
    readonly least: number;
    readonly most: number;
    /** What the first run is, where it is something else than the others. */
    readonly first?: string;
    /**
     * Whether it looks at a particle or member by itself where one is named: at each, or at the members of ensembles alone, as
     * they have masks of their own. Absent: what is named so is refused.
     */
    readonly parts?: 'particles' | 'members';
  };
  /** @throws ConfigError where the subjects do not go together */
  plan(context: AnalysisContext, options: Options): Reading;
}
