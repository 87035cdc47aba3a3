import type { Layout, PlacedParameter } from '../../contract/parameters.ts';
import type { Registered } from '../../contract/registry.ts';
import type { Mask } from '../mask.ts';

/** What a scope chooses from. */
export interface Choosing {
  /** One for each element of the layout: the weights with the largest stay. */
  readonly scores: Float32Array;
  /** What is alive already; what is pruned stays pruned. */
  readonly mask: Mask;
  readonly layout: Layout;
  /** Prunable weights that stay. */
  readonly alive: number;
}

/** What a file in this folder exports; registered by one line in registry.ts. */
export interface Scope<Options extends { kind: string } = { kind: string }> extends Registered<Options> {
  /**
   * The number of weights that masks of this scope keep where a schedule asks for `alive`. Absent: that number.
   * @throws ConfigError where there is no such mask.
   */
  reach?(options: Options, alive: number, layout: Layout): number;
  /** Share of its weights that each layer keeps in a mask of `alive` weights. Absent: no rule of its own sets it. */
  densities?(options: Options, alive: number, layout: Layout): (layer: PlacedParameter) => number;
  /** A new mask of exactly `alive` weights. @throws ConfigError where what is alive already allows none. */
  choose(options: Options, from: Choosing): Mask;
}
