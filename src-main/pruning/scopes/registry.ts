import { choose, registry } from '../../contract/registry.ts';
import type { NamedSpec } from '../../contract/recipe.ts';
import type { Layout, PlacedParameter } from '../../contract/parameters.ts';
import type { Mask } from '../mask.ts';
import { erk } from './erk.ts';
import { global } from './global.ts';
import { nm } from './n-m.ts';
import type { Choosing, Scope } from './scope.ts';
import { uniform } from './uniform.ts';

/** Every scope by kind: a new one is a file in this folder and an entry here. */
export const scopes = registry<Scope>(global, uniform, erk, nm);

const GLOBAL: NamedSpec = { kind: 'global' };

/**
 * The next mask: exactly `alive` weights, chosen by their scores within a scope.
 * @param scope absent: among all weights
 * @throws ConfigError on an unknown kind or wrong options, or where there is no such mask
 */
export function chooseMask(scope: NamedSpec | undefined, from: Choosing): Mask {
  const { entry, options } = choose(scopes, scope ?? GLOBAL, 'scope');
  return entry.choose(options, from);
}

/** The number of weights that masks of a scope keep where a schedule asks for `alive`. @throws ConfigError */
export function reachableCount(scope: NamedSpec | undefined, alive: number, layout: Layout): number {
  const { entry, options } = choose(scopes, scope ?? GLOBAL, 'scope');
  return entry.reach?.(options, alive, layout) ?? alive;
}

/**
 * Share of its weights that each prunable layer keeps in masks of a scope that keep `alive`: by the scope's rule, and
 * where it has none the same for all, as scores decide. @throws ConfigError
 */
export function layerDensities(
  scope: NamedSpec | undefined,
  layout: Layout,
): (alive: number) => (layer: PlacedParameter) => number {
  const { entry, options } = choose(scopes, scope ?? GLOBAL, 'scope');
  return (alive) => entry.densities?.(options, alive, layout) ?? (() => alive / layout.prunable);
}
