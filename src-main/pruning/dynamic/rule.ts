import type { Layout } from '../../contract/parameters.ts';
import type { NamedSpec } from '../../contract/recipe.ts';
import type { Registered } from '../../contract/registry.ts';
import type { Mask } from '../mask.ts';

/** When an update comes, and between which counts it leads. */
export interface UpdatePlace {
  /** Steps taken so far, one of the rule's updates. */
  readonly iteration: number;
  /** T, steps of the whole training. */
  readonly iterations: number;
  /** Prunable weights alive before the first update, and after the last one. */
  readonly alive: { readonly start: number; readonly end: number };
}

/** What a rule may look at when it makes the next mask. */
export interface UpdateInputs extends UpdatePlace {
  /** Mean of the particles' weights, flat; of a rule with feedback those that its mask hides as well. */
  readonly weights: Float32Array;
  /** Mean of the loss's gradients at `weights`, those of pruned weights included; `null` unless the rule takes it. */
  readonly gradient: Float32Array | null;
  readonly mask: Mask;
  /** The mask of the training's start: what it prunes no rule that prunes brings back. */
  readonly first: Mask;
  readonly layout: Layout;
  /** Among which weights a rule that prunes compares them; absent: among all. */
  readonly scope: NamedSpec | undefined;
  /** A uniform integer in 0 … range − 1, from a stream of this update's own. */
  readonly draw: (range: number) => number;
}

/**
 * A rule that changes the mask while a network trains. What a file in this folder exports; registered by one line in
 * registry.ts.
 */
export interface DynamicRule<
  Options extends { kind: string } = { kind: string },
> extends Registered<Options> {
  /**
   * At an update the loss's gradient with respect to all weights, pruned ones too, is taken on the batch whose turn
   * it is, and no step of gradient descent (Evci et al. 2020, algorithm 1). Otherwise an update costs no step.
   */
  readonly takesGradient: boolean;
  /** The network computes with w ∘ m and the gradients taken there are applied to all of w (Lin et al. 2020). */
  readonly feedback: boolean;
  /**
   * After how many steps the mask is updated, rising, between 1 and T − 1.
   * @throws ConfigError where there would be none.
   */
  updates(options: Options, iterations: number): number[];
  /** Prunable weights alive after an update. */
  count(options: Options, place: UpdatePlace): number;
  /** The mask from an update on. */
  next(options: Options, inputs: UpdateInputs): Mask;
}
