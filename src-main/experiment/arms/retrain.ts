import type { Recipe } from '../../contract/recipe.ts';
import type { ArmContext } from './arm.ts';
import { planDense } from './dense-round.ts';

/** Rounds that go on from the pruned solution, without rewinding its weights (Renda et al. 2020). */
export function planRetraining(context: ArmContext, recipe: Recipe): void {
  let solution = planDense(context);
  let mask = context.startMask;
  for (const { round } of context.rounds.slice(1)) {
    mask = context.prune({ round, index: 0, solution, mask });
    const from = solution;
    solution = context.train({ round, member: 0, particle: 0, index: 0, swa: null, mask, from, recipe });
    context.evaluateParticle(round, 0, solution);
    context.evaluate(round, solution);
  }
}
