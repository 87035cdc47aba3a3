import { z } from 'zod';

const count = z.number().int().min(1).max(1000);

/** Steps must begin at 0 and rise, so that every round has exactly one number. */
function rising<Step>(steps: readonly Step[], at: (step: Step) => number, context: z.RefinementCtx): void {
  for (const [index, step] of steps.entries()) {
    const before = steps[index - 1];
    if (before === undefined && at(step) !== 0)
      context.addIssue({
        code: 'custom',
        path: [0],
        message: `the first step must start at 0, not ${at(step)}`,
      });
    if (before !== undefined && at(step) <= at(before))
      context.addIssue({
        code: 'custom',
        path: [index],
        message: `steps must rise, but ${at(step)} follows ${at(before)}`,
      });
  }
}

const BySparsity = z
  .array(z.strictObject({ from: z.number().min(0).lt(1), particles: count }))
  .min(1)
  .superRefine((steps, context) => rising(steps, ({ from }) => from, context));

const ByRound = z
  .array(z.strictObject({ fromRound: z.number().int().min(0), particles: count }))
  .min(1)
  .superRefine((steps, context) => rising(steps, ({ fromRound }) => fromRound, context));

/**
 * Particles of a round: one number, or SWAMP+: steps by sparsity, `[{ from: 0, particles: 1 }, { from: 0.6,
 * particles: 4 }]`, or by round, `[{ fromRound: 0, particles: 1 }, { fromRound: 5, particles: 4 }]`.
 */
export const Particles = z.union([count, BySparsity, ByRound]);
export type Particles = z.infer<typeof Particles>;

/** Counts are rounded, so a round planned for 60 % may have 59.9999 %: within this it has reached a step. */
const REACHED = 1e-4;

/**
 * Number of particles in a round.
 * @param sparsity Pruned / prunable of the mask that the round trains under.
 */
export function particlesAt(spec: Particles, round: number, sparsity: number): number {
  if (typeof spec === 'number') return spec;
  let particles = 1;
  for (const step of spec) {
    const reached = 'from' in step ? sparsity + REACHED >= step.from : round >= step.fromRound;
    if (reached) ({ particles } = step);
  }
  return particles;
}
