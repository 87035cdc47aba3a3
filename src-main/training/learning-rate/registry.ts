import { swaStartIteration, type Span } from '../../averaging/swa.ts';
import { ConfigError } from '../../contract/errors.ts';
import type { NamedSpec, Swa } from '../../contract/recipe.ts';
import { choose, registry } from '../../contract/registry.ts';
import { constant } from './constant.ts';
import { cosine } from './cosine.ts';
import { cosineBetween, type LearningRateSchedule } from './schedule.ts';
import { step } from './step.ts';

/** Every learning-rate schedule by kind: a new one is a file in this folder and an entry here. */
export const learningRates = registry<LearningRateSchedule>(constant, step, cosine);

/** Learning rate of the step that follows so many steps; for 0 … T − 1. */
export type LearningRate = (iteration: number) => number;

/** What the learning rate needs to know of a recipe. */
export interface RateRecipe {
  /** Peak. */
  readonly learningRate: number;
  readonly schedule: NamedSpec;
  /** Iterations. */
  readonly warmup: number;
}

/**
 * The learning rate of a training: linear warm-up (iteration i has (i + 1) / warmup of the peak; Goyal et al.
 * 2017), then the recipe's schedule, or, with SWA, half a cosine from the peak to `swa.learningRate` up to where
 * the averaging phase begins, constant from there on (method.md, round r of SWAMP).
 * @param swa `null`: the recipe's own schedule.
 * @throws ConfigError on an unknown kind, wrong options or a warm-up that leaves nothing to the schedule.
 */
export function learningRateOf(recipe: RateRecipe, swa: Swa | null, span: Span): LearningRate {
  const { learningRate: peak, warmup } = recipe;
  const { iterations } = span;
  const start = swa === null ? iterations : swaStartIteration(swa, iterations);
  if (warmup > 0 && warmup >= start)
    throw new ConfigError(
      `recipe.warmup: ${warmup} iterations of warm-up do not fit before ` +
        (swa === null ? `the end of training at ${iterations}` : `the SWA phase, which begins at ${start}`),
      'Use fewer iterations of warm-up or more epochs.',
    );
  const after = swa === null ? scheduled(recipe, span) : annealed(peak, warmup, start, swa.learningRate);
  return (iteration) => (iteration < warmup ? (peak * (iteration + 1)) / warmup : after(iteration));
}

function scheduled({ learningRate: peak, schedule, warmup }: RateRecipe, span: Span): LearningRate {
  const { entry, options } = choose(learningRates, schedule, 'recipe.schedule');
  const stretch = { ...span, peak, warmup };
  return (iteration) => entry.rate(options, iteration, stretch);
}

function annealed(peak: number, warmup: number, start: number, final: number): LearningRate {
  return (iteration) =>
    iteration < start ? cosineBetween(peak, final, (iteration - warmup) / (start - warmup)) : final;
}
