import { z } from 'zod';
import { ConfigError } from '../../contract/errors.ts';
import type { Recipe } from '../../contract/recipe.ts';
import { milestonesBeyond } from '../milestones.ts';
import type { ArmContext, ArmDefinition, Made } from './arm.ts';
import { planDense } from './dense-round.ts';

const FACTORS: readonly number[] = [0.5, 1, 2];

const Spec = z.strictObject({
  kind: z.literal('soup'),
  vary: z.enum(['weightDecay', 'learningRate', 'epochs']).default('weightDecay').meta({
    title: 'candidates differ in',
    description: 'The setting that tells the candidates of a round apart.',
  }),
  factors: z
    .array(z.number().positive())
    .min(2)
    .max(64)
    .default([...FACTORS])
    .meta({ title: 'factors', description: "What the recipe's value is multiplied by, one candidate each." }),
  average: z.enum(['uniform', 'greedy']).default('uniform').meta({
    title: 'average',
    description: 'uniform: of all candidates; greedy: of those that do not lower its accuracy on validation.',
  }),
});
type Spec = z.infer<typeof Spec>;

/** The candidates' recipes. @throws ConfigError where two are the same, or one is none. */
function candidates({ vary, factors }: Spec, recipe: Recipe): Recipe[] {
  const base = vary === 'weightDecay' ? recipe.optimizer.weightDecay : recipe[vary];
  const values = factors.map((factor) => {
    const value = Number((base * factor).toPrecision(12));
    return vary === 'epochs' ? Math.round(value) : value;
  });
  const twice = values.findIndex((value, at) => values.indexOf(value) !== at);
  if (twice >= 0)
    throw new ConfigError(
      `arms: two candidates of the soup have ${vary} ${values[twice]} (recipe's ${base} × ${factors.join(', ')})`,
      base === 0
        ? `Give the recipe a ${vary} above 0, or vary another setting.`
        : 'Give factors that are further apart.',
    );
  if (vary === 'epochs' && values.some((value) => value < 1))
    throw new ConfigError(
      `arms: a candidate of the soup would train 0 epochs (recipe's ${base} × ${factors.join(', ')})`,
      'Give larger factors.',
    );
  return values.map((value) =>
    vary === 'weightDecay'
      ? { ...recipe, optimizer: { ...recipe.optimizer, weightDecay: value } }
      : { ...recipe, [vary]: value },
  );
}

/**
 * Trainings of other lengths keep the recipe's milestones and warm-up. These are not stretched with them: that would
 * make other trainings of candidates that are stored.
 * @throws ConfigError where one of the trainings has no room for them
 */
function checkLengths(
  { vary, factors }: Spec,
  candidates: readonly Recipe[],
  iterationsPerEpoch: number,
): void {
  if (vary !== 'epochs') return;
  for (const [at, { epochs, schedule, warmup }] of candidates.entries()) {
    const which = `a candidate of the soup trains ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} (factors[${at}]: ${factors[at]})`;
    const [beyond] = milestonesBeyond(schedule, epochs);
    if (beyond)
      throw new ConfigError(
        `arms: ${which}, and never comes to the milestone of recipe.schedule at epoch ${beyond.epoch}`,
        'Give larger factors, earlier milestones, or a schedule without them such as "cosine".',
      );
    const iterations = epochs * iterationsPerEpoch;
    if (warmup > 0 && warmup >= iterations)
      throw new ConfigError(
        `arms: ${which}, which are ${iterations} iterations, and recipe.warmup takes ${warmup}`,
        'Give larger factors, or fewer iterations of warm-up.',
      );
  }
}

/**
 * Sparse model soups (Zimmer et al. 2024): candidates that differ in a hyper-parameter go on from one pruned network and are
 * averaged; the next round prunes the average and goes on from it, without rewinding. Round 0 is IMP's.
 */
export const soup: ArmDefinition<Spec> = {
  kind: 'soup',
  title: 'Sparse model soups: candidates of different settings averaged, trained on without rewinding',
  schema: Spec,
  label({ vary, factors, average }) {
    const own = isStandard(factors) ? '' : ` × ${factors.join(', ')}`;
    return `soup(${average}; ${words[vary]}${own})`;
  },
  slug({ vary, factors, average }) {
    const own = isStandard(factors) ? '' : `-${factors.join('-')}`;
    return `soup-${average}-${vary.toLowerCase()}${own}`;
  },
  members: () => 1,
  needsPruning: true,
  check({ recipe, span }, spec) {
    checkLengths(spec, candidates(spec, recipe), span.iterationsPerEpoch);
  },
  plan(context, spec) {
    const recipes = candidates(spec, context.recipe);
    let theta = planDense(context);
    let mask = context.startMask;
    for (const { round } of context.rounds.slice(1)) {
      mask = context.prune({ round, index: 0, solution: theta, mask });
      theta = planCandidates(context, round, { recipes, mask, from: theta, average: spec.average });
    }
  },
};

const isStandard = (factors: readonly number[]): boolean => factors.join() === FACTORS.join();

const words = { weightDecay: 'weight decay', learningRate: 'rate', epochs: 'epochs' };

/** Trains the candidates of a round. @returns their average */
function planCandidates(
  context: ArmContext,
  round: number,
  spec: { recipes: readonly Recipe[]; mask: Made; from: Made; average: Spec['average'] },
): Made {
  const { recipes, mask, from, average } = spec;
  const solutions = recipes.map((recipe, index) =>
    context.train({ round, member: 0, particle: index, index, swa: null, mask, from, recipe }),
  );
  const predictions = solutions.map((solution, index) => context.evaluateParticle(round, index, solution));
  const theta = average === 'greedy' ? context.soup(round, solutions) : context.average(round, solutions);
  context.evaluate(round, theta);
  context.ensemble(round, predictions, false);
  return theta;
}
