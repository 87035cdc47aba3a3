import type { Registered } from '../../contract/registry.ts';
import type { Layout } from '../../contract/parameters.ts';

/** What a criterion may look at. */
export interface ScoreInputs {
  /** The round's solution θ, flat, `layout.total` elements. */
  readonly weights: Float32Array;
  readonly layout: Layout;
}

/** What a file in this folder exports; registered by one line in registry.ts. */
export interface Criterion<Options extends { kind: string } = { kind: string }> extends Registered<Options> {
  /** One score for each element of the layout: the weights with the largest stay. Must not be NaN. */
  score(options: Options, inputs: ScoreInputs): Float32Array;
}
