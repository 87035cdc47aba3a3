import type { NamedSpec } from '../contract/recipe.ts';
import { datasets } from '../datasets/registry.ts';
import { CONFIG_HINT } from './config.ts';
import { chooseOwnable, withAbsoluteLocation } from './own-choice.ts';
import { problemText, Problems, refuse } from './problems.ts';

/** A data set as somebody wrote it, its options checked and its paths absolute. @throws ConfigError */
export function datasetOf(raw: NamedSpec, folder = process.cwd()): NamedSpec {
  const problems = new Problems();
  const chosen = chooseOwnable(datasets, 'dataset', raw, folder, problems);
  refuse(problems.list.map(problemText), CONFIG_HINT);
  if (!chosen) throw new Error('unreachable');
  return withAbsoluteLocation(chosen, folder);
}
