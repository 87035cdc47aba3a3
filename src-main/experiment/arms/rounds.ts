import type { Recipe, Swa } from '../../contract/recipe.ts';
import type { ArmContext, Made, Round } from './arm.ts';

/**
 * Rounds of method.md's "Round r of SWAMP": particles from (ticket ∘ mask), their average, evaluations, the
 * next mask from the average. With one particle the average is the particle, and its evaluation the arm's.
 * @param particles number of particles in a round
 * @param swa `null`: plain SGD
 * @param recipe of the trainings from the ticket; absent: the experiment's
 */
export function planRounds(
  context: ArmContext,
  rounds: readonly Round[],
  { particles, swa, recipe }: { particles: (round: Round) => number; swa: Swa | null; recipe?: Recipe },
): void {
  let mask = context.startMask;
  for (const [index, round] of rounds.entries()) {
    const solutions: Made[] = [];
    const predictions: Made[] = [];
    for (let particle = 0; particle < particles(round); particle++) {
      const solution = context.train({
        round: round.round,
        member: 0,
        particle,
        index: particle,
        swa,
        mask,
        ...(recipe && { recipe }),
      });
      solutions.push(solution);
      predictions.push(context.evaluateParticle(round.round, particle, solution));
    }
    const theta = context.average(round.round, solutions);
    context.evaluate(round.round, theta);
    if (predictions.length > 1) context.ensemble(round.round, predictions, false);
    const next = rounds[index + 1];
    if (next) mask = context.prune({ round: next.round, index: 0, solution: theta, mask });
  }
}
