import { z } from 'zod';

/** States of a job: waiting → running → done | failed | cancelled. Each transition is one transaction. */
export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

/**
 * States of runs and experiments, derived from their jobs and what the user wishes. `paused` and `stopped` were ended
 * on request, by `swamp pause` or with their host; `cancelled` was given up; `interrupted` is what a dead host left
 * behind, found at start-up. All go on with `swamp resume`.
 */
export const RunState = z.enum([
  'waiting',
  'running',
  'paused',
  'stopped',
  'interrupted',
  'done',
  'failed',
  'cancelled',
]);
export type RunState = z.infer<typeof RunState>;

/** What a job is to a run in a round. */
export type JobRole =
  /** Takes the weights that the experiment starts from out of a file. */
  | 'start-weights'
  /** The same for the mask of round 0. */
  | 'start-mask'
  /** Weights of member `index` before any training. */
  | 'initialisation'
  /** The matching ticket of member `index`; of arms that mask at the initialisation one a round. */
  | 'ticket'
  /** A training: particle `index` of SWAMP, or member `index` of an ensemble. */
  | 'particle'
  /** Evaluation of particle or member `index`. */
  | 'evaluate-particle'
  /** Mean of the particles, or what else is made of solutions: the round's solution θ where there are several. */
  | 'average'
  /** Evaluation of what the arm stands for in the round (θ). */
  | 'evaluate'
  /** Ensemble of the particles or members. */
  | 'ensemble'
  /** Computes the mask of the NEXT round (of member `index` in an ensemble). */
  | 'prune'
  /** Gives the mask under which the round ends, where that is not the one it began with. */
  | 'mask'
  /** Loss along the line between two solutions of the round. */
  | 'connectivity'
  /** Looks at results, of an analysis; job `index` of it. */
  | 'analyse';
