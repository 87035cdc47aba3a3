import { choose, registry } from '../../contract/registry.ts';
import type { NamedSpec } from '../../contract/recipe.ts';
import type { Criterion, ScoreInputs } from './criterion.ts';
import { magnitude } from './magnitude.ts';

/** Every criterion by kind: a new one is a file in this folder and an entry here. */
export const criteria = registry<Criterion>(magnitude);

/**
 * Scores of all weights under a criterion.
 * @throws ConfigError on an unknown kind or wrong options.
 */
export function scoreWeights(spec: NamedSpec, inputs: ScoreInputs): Float32Array {
  const { entry, options } = choose(criteria, spec, 'criterion');
  return entry.score(options, inputs);
}
