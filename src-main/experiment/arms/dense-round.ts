import type { ArmContext, Made } from './arm.ts';

/** Round 0 as IMP has it, the same jobs: one training from the ticket, nothing pruned (but what a given mask prunes). */
export function planDense(context: ArmContext): Made {
  const solution = context.train({
    round: 0,
    member: 0,
    particle: 0,
    index: 0,
    swa: null,
    mask: context.startMask,
  });
  context.evaluateParticle(0, 0, solution);
  context.evaluate(0, solution);
  return solution;
}
