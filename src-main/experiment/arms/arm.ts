import type { Span } from '../../averaging/swa.ts';
import type { JobKey } from '../../contract/ids.ts';
import type { NamedSpec, Recipe, Swa } from '../../contract/recipe.ts';
import type { Registered } from '../../contract/registry.ts';

/** A round of the sparsity schedule; every arm that prunes goes through the same ones. */
export interface Round {
  readonly round: number;
  /** Prunable weights alive while it trains. */
  readonly alive: number;
  /** Pruned / prunable. */
  readonly sparsity: number;
}

/** Something that a job makes and others build on: weights, a mask or predictions. */
export interface Made {
  readonly job: JobKey;
  /** Name of the output. */
  readonly output: string;
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
  readonly mask: Made | null;
  /** Weights it starts from. Absent: the ticket of its member. */
  readonly from?: Made;
  /** Absent: the experiment's. */
  readonly recipe?: Recipe;
}

/** A mask to be made from weights. */
export interface Pruning {
  /** The round that is to train under it; it says how many weights stay alive. */
  readonly round: number;
  /** Member it is for. */
  readonly index: number;
  readonly solution: Made;
  /** What is alive already; `null`: everything. */
  readonly mask: Made | null;
}

/** A mask to be made by scores that take more than weights, at the initialisation or at the ticket. */
export interface Scoring {
  /** The round that is to train under it; it says how many weights stay alive. */
  readonly round: number;
  readonly member: number;
  /** A kind of the registry of scores. */
  readonly method: NamedSpec;
  readonly from: Made;
  /** What is alive already; `null`: everything. */
  readonly mask: Made | null;
  /** Absent: the experiment's. */
  readonly scope?: NamedSpec;
}

/** A solution to be interpolated with others and pruned again to its round's sparsity. */
export interface Pooling {
  readonly round: number;
  readonly solution: Made;
  readonly mask: Made | null;
  /** In the order in which they are tried. */
  readonly neighbours: readonly Made[];
  /** Shares of a neighbour that are tried. */
  readonly coefficients: readonly number[];
}

/** Particles that share a mask, which a rule changes while they train. */
export interface Group {
  /** The round that ends at its sparsity. */
  readonly round: number;
  readonly member: number;
  readonly particles: number;
  readonly swa: Swa | null;
  /** A kind of the registry of rules. */
  readonly rule: NamedSpec;
  readonly from: Made;
  /** Mask it begins with; `null`: nothing is pruned. */
  readonly mask: Made | null;
}

/**
 * What an arm plans its jobs with. Equal work gives equal keys, so an arm just asks for what it needs: a job
 * another arm asked for already is the same job. Every call links its job to the run.
 */
export interface ArmContext {
  readonly rounds: readonly Round[];
  /** The experiment's recipe. */
  readonly recipe: Recipe;
  /** Among which weights the experiment's masks compare scores; absent: among all. */
  readonly scope: NamedSpec | undefined;
  /** The experiment's SWA phase. */
  readonly swa: Swa;
  /** T, and the steps of an epoch. */
  readonly span: Span;
  /** The mask of round 0; `null`: nothing is pruned. */
  readonly startMask: Made | null;
  /** Weights before any training. Solution. */
  initialisation(member: number): Made;
  /**
   * T0 iterations from the initialisation; with a mask, under it. Solution.
   * @param round the first round that starts from it; default 0
   */
  ticket(member: number, mask: Made | null, round?: number): Made;
  /** One training of T iterations. Solution. */
  train(training: Training): Made;
  /** T iterations of particles that share a mask. The particles' solutions, and the mask under which they end. */
  group(group: Group): { readonly solutions: readonly Made[]; readonly mask: Made };
  /** Equal-weight mean of solutions. A single one is returned as it is: no job. Solution. */
  average(round: number, solutions: readonly Made[]): Made;
  /** Evaluates particle or member `index`. Predictions. */
  evaluateParticle(round: number, index: number, solution: Made): Made;
  /** Evaluates what the arm stands for in the round. Predictions. */
  evaluate(round: number, solution: Made): Made;
  /**
   * Averages softmax probabilities of two or more predictions.
   * @param stands whether the ensemble is what the arm stands for, rather than a yardstick
   */
  ensemble(round: number, predictions: readonly Made[], stands: boolean): void;
  /** A mask by the experiment's criterion. Mask. */
  prune(pruning: Pruning): Made;
  /** A mask by scores of other kinds. Mask. */
  score(scoring: Scoring): Made;
  /** Mean of those solutions that do not lower its accuracy on validation. Solution. @throws ConfigError where nothing is held out */
  soup(round: number, solutions: readonly Made[]): Made;
  /** Lottery Pools; the result has a mask of its own. Solution. @throws ConfigError where nothing is held out */
  pool(pooling: Pooling): Made;
  /** Loss and error along the line between two solutions. */
  connect(
    round: number,
    solutions: readonly Made[],
    options: { readonly points: number; readonly trainingImages: number },
  ): void;
}

/** What an arm's settings are judged by. */
export type Judged = Pick<ArmContext, 'rounds' | 'recipe' | 'swa' | 'span'>;

/** What a file in this folder exports; registered by one line in registry.ts. */
export interface ArmDefinition<Spec extends { kind: string } = { kind: string }> extends Registered<Spec> {
  /** For tables and legends, for example `swamp(4)`; different for different settings. */
  label(spec: Spec): string;
  /** The label in lower-case letters, digits, `-` and `.`: part of a run's id. */
  slug(spec: Spec): string;
  /** In the place of a slug that another arm of the experiment has, where settings that differ have one slug. */
  distinctSlug?(spec: Spec): string;
  /** Networks that run at inference. */
  members(spec: Spec): number;
  /** The SWA phase of its particles, from the experiment's. Absent: plain SGD. */
  swa?(spec: Spec, base: Swa): Swa;
  /** Round 0 is the training of another arm: without rounds that prune, nothing of it would be its own. */
  readonly needsPruning?: true;
  /**
   * Refuses settings that fit no training that it would plan, or that it would not keep to. Asked of what is new alone:
   * what is stored can be looked at whatever was accepted when it began.
   * @throws ConfigError
   */
  check?(context: Judged, spec: Spec): void;
  plan(context: ArmContext, spec: Spec): void;
}
