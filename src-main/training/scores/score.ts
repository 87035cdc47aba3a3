import type { Registered } from '../../contract/registry.ts';
import type { SpecOf } from '../../contract/job.ts';
import type { Mask } from '../../pruning/mask.ts';
import type { JobContext } from '../context.ts';
import type { Prepared } from '../workspace.ts';

/** What a method may look at. */
export interface ScoreInputs {
  /** Flat, `layout.total` elements; zero where the mask prunes. */
  readonly weights: Float32Array;
  /** What is alive already. */
  readonly mask: Mask;
  /** Place in the random number tree, task, how many weights are to stay. */
  readonly spec: SpecOf<'score'>;
  /** Data and layout. */
  readonly prepared: Prepared;
  /** For programs, progress and stops. */
  readonly context: JobContext;
}

/** What it depends on how long a method takes. */
export interface ScoreSize {
  readonly classes: number;
  /** Training images there are. */
  readonly images: number;
  /** Images of a training step. */
  readonly batch: number;
}

/** What the time of a score is made of. */
export interface ScoreCost {
  /** Work of the network, in training steps of plain gradients. */
  readonly steps: number;
  /** How often every weight is looked at outside the network. */
  readonly looks: number;
}

/** What a file in this folder exports; registered by one line in registry.ts. */
export interface ScoreMethod<
  Options extends { kind: string } = { kind: string },
> extends Registered<Options> {
  /** What its time is made of. Absent: nothing that counts. */
  cost?(options: Options, at: ScoreSize): ScoreCost;
  /** One score for each element of the layout: the weights with the largest stay. Must not be NaN. */
  score(options: Options, inputs: ScoreInputs): Float32Array | Promise<Float32Array>;
}
