import type { NamedSpec } from '../../contract/recipe.ts';
import { choose, registry } from '../../contract/registry.ts';
import { grasp } from './grasp.ts';
import { random } from './random.ts';
import type { ScoreCost, ScoreInputs, ScoreMethod, ScoreSize } from './score.ts';
import { snip } from './snip.ts';
import { synflow } from './synflow.ts';

/** Every method of scoring by kind: a new one is a file in this folder and an entry here. */
export const scoreMethods = registry<ScoreMethod>(random, snip, grasp, synflow);

/** Scores of all weights. @throws ConfigError on an unknown kind or wrong options. */
export async function scoresOf(method: NamedSpec, inputs: ScoreInputs): Promise<Float32Array> {
  const { entry, options } = choose(scoreMethods, method, 'score');
  return await entry.score(options, inputs);
}

/** What the time of scores is made of. @throws ConfigError on an unknown kind or wrong options. */
export function scoreCost(method: NamedSpec, at: ScoreSize): ScoreCost {
  const { entry, options } = choose(scoreMethods, method, 'score');
  return entry.cost?.(options, at) ?? { steps: 0, looks: 0 };
}
