import type { NamedSpec } from '../../contract/recipe.ts';
import { choose, registry } from '../../contract/registry.ts';
import type { Mask } from '../mask.ts';
import { dpf } from './dpf.ts';
import { gmp } from './gmp.ts';
import { rigl } from './rigl.ts';
import type { DynamicRule, UpdateInputs, UpdatePlace } from './rule.ts';
import { set } from './set.ts';

/** Every rule that changes masks during a training, by kind: a new one is a file in this folder and an entry here. */
export const dynamicRules = registry<DynamicRule>(gmp, set, rigl, dpf);

/** A rule with its options. */
export interface OpenRule {
  readonly takesGradient: boolean;
  readonly feedback: boolean;
  /** @throws ConfigError where there would be none. */
  updates(iterations: number): number[];
  /** Prunable weights alive after an update. */
  count(place: UpdatePlace): number;
  next(inputs: UpdateInputs): Mask;
}

/** A rule with its options. @throws ConfigError on an unknown kind or wrong options. */
export function openRule(spec: NamedSpec): OpenRule {
  const { entry, options } = choose(dynamicRules, spec, 'rule');
  return {
    takesGradient: entry.takesGradient,
    feedback: entry.feedback,
    updates: (iterations) => entry.updates(options, iterations),
    count: (place) => entry.count(options, place),
    next: (inputs) => entry.next(options, inputs),
  };
}
