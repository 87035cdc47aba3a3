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

/** What a file in this folder exports; registered by one line in registry.ts. */
export interface ScoreMethod<
  Options extends { kind: string } = { kind: string },
> extends Registered<Options> {
  /** One score for each element of the layout: the weights with the largest stay. Must not be NaN. */
  score(options: Options, inputs: ScoreInputs): Float32Array | Promise<Float32Array>;
}
