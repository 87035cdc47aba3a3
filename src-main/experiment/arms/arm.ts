import type { JobKey } from '../../contract/ids.ts';
import type { Swa } from '../../contract/recipe.ts';
import type { Registered } from '../../contract/registry.ts';

/** A round of the sparsity schedule; every arm that prunes goes through the same ones. */
export interface Round {
  readonly round: number;
  /** Prunable weights alive while it trains. */
  readonly alive: number;
  /** Pruned / prunable. */
  readonly sparsity: number;
}

/** One training, and where in the random number tree it draws from. */
export interface Training {
  readonly round: number;
  /** Member of an ensemble; 0 elsewhere. Each has its own initialisation, ticket and orders. */
  readonly member: number;
  readonly particle: number;
  /** What it is to the run: particle of SWAMP or member of an ensemble. */
  readonly index: number;
  readonly swa: Swa | null;
  /** Mask it trains under; `null`: nothing is pruned. */
  readonly mask: JobKey | null;
}

/**
 * What an arm plans its jobs with. Equal work gives equal keys, so an arm just asks for what it needs: a job
 * another arm asked for already is the same job. Every call links its job to the run.
 */
export interface ArmContext {
  readonly rounds: readonly Round[];
  /** The experiment's SWA phase. */
  readonly swa: Swa;
  /** The mask of round 0; `null`: nothing is pruned. */
  readonly startMask: JobKey | null;
  /** One training from the ticket of its member, which is planned as well. Solution. */
  train(training: Training): JobKey;
  /** Equal-weight mean of solutions. A single one is returned as it is: no job. Solution. */
  average(round: number, solutions: readonly JobKey[]): JobKey;
  /** Evaluates particle or member `index`. Predictions. */
  evaluateParticle(round: number, index: number, solution: JobKey): JobKey;
  /** Evaluates what the arm stands for in the round. Predictions. */
  evaluate(round: number, solution: JobKey): JobKey;
  /**
   * Averages softmax probabilities of two or more predictions.
   * @param stands whether the ensemble is what the arm stands for, rather than a yardstick
   */
  ensemble(round: number, predictions: readonly JobKey[], stands: boolean): void;
  /** The mask of round `round + 1` by the criterion. `index`: the member it is for. Mask. */
  prune(round: number, index: number, solution: JobKey, mask: JobKey | null): JobKey;
}

/** What a file in this folder exports; registered by one line in registry.ts. */
export interface ArmDefinition<Spec extends { kind: string } = { kind: string }> extends Registered<Spec> {
  /** For tables and legends, for example `swamp(4)`; different for different settings. */
  label(spec: Spec): string;
  /** The label in lower-case letters, digits, `-` and `.`: part of a run's id. */
  slug(spec: Spec): string;
  /** Networks that run at inference. */
  members(spec: Spec): number;
  /** The SWA phase of its particles, from the experiment's. Absent: plain SGD. */
  swa?(spec: Spec, base: Swa): Swa;
  plan(context: ArmContext, spec: Spec): void;
}
