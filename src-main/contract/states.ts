/** States of a job: waiting → running → done | failed | cancelled. Each transition is one transaction. */
export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

/**
 * States of runs and experiments, derived from their jobs and what the user wants. `paused` and `stopped` were asked
 * for; `interrupted` is what a dead host left behind, found at start-up. These go on with `swamp resume`. `cancelled`
 * was given up: what was finished is kept, the rest is not waited for.
 */
export type RunState =
  'waiting' | 'running' | 'paused' | 'stopped' | 'cancelled' | 'interrupted' | 'done' | 'failed';

/** What a job is to a run in a round. */
export type JobRole =
  /** The matching ticket of member `index`. */
  | 'ticket'
  /** A training: particle `index` of SWAMP, or member `index` of an ensemble. */
  | 'particle'
  /** Evaluation of particle or member `index`. */
  | 'evaluate-particle'
  /** Mean of the particles: the round's solution θ where there are several. */
  | 'average'
  /** Evaluation of what the arm stands for in the round (θ). */
  | 'evaluate'
  /** Ensemble of the particles or members. */
  | 'ensemble'
  /** Computes the mask of the NEXT round (of member `index` in an ensemble). */
  | 'prune';
