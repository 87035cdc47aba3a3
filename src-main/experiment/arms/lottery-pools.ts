import { z } from 'zod';
import type { ArmDefinition, Made } from './arm.ts';

const Spec = z.strictObject({
  kind: z.literal('lottery-pools'),
  neighbours: z.number().int().min(1).max(1000).default(2).meta({
    title: 'neighbours',
    description: 'Rounds before and after one whose solutions are tried with its own, the nearest first.',
  }),
  coefficients: z
    .array(z.number().gt(0).lt(1))
    .min(1)
    .max(100)
    .default([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
    .meta({ title: 'coefficients', description: 'Shares of a neighbour that are tried.' }),
});

/** The standard choice of coefficients, and any other, as labels tell them apart. */
function coefficientsText(coefficients: readonly number[]): string {
  const standard = Spec.parse({ kind: 'lottery-pools' }).coefficients;
  return coefficients.join() === standard.join() ? '' : coefficients.join(', ');
}

/**
 * Lottery Pools (Yin et al. 2023): the solutions of IMP's rounds, interpolated greedily with those of the rounds around them
 * and pruned again to each round's sparsity, as validation says. No training of its own: the jobs are IMP's.
 */
export const lotteryPools: ArmDefinition<z.infer<typeof Spec>> = {
  kind: 'lottery-pools',
  title: 'Lottery Pools: solutions of IMP interpolated with those of neighbouring rounds',
  schema: Spec,
  label({ neighbours, coefficients }) {
    const own = coefficientsText(coefficients);
    return `lottery-pools(${neighbours}${own === '' ? '' : `; ${own}`})`;
  },
  slug({ neighbours, coefficients }) {
    const own = coefficientsText(coefficients);
    return `lottery-pools-${neighbours}${own === '' ? '' : `-${own.replaceAll(', ', '-')}`}`;
  },
  members: () => 1,
  needsPruning: true,
  plan(context, { neighbours, coefficients }) {
    const tickets: { solution: Made; mask: Made | null }[] = [];
    let mask = context.startMask;
    for (const { round } of context.rounds) {
      const solution = context.train({ round, member: 0, particle: 0, index: 0, swa: null, mask });
      context.evaluateParticle(round, 0, solution);
      tickets.push({ solution, mask });
      const next = context.rounds[round + 1];
      if (next) mask = context.prune({ round: next.round, index: 0, solution, mask });
    }
    for (const [round, ticket] of tickets.entries()) {
      // A pool is pruned to the round's sparsity: round 0 has none.
      const around = round === 0 ? [] : nearest(round, tickets.length, neighbours);
      const others = around.flatMap((at) => tickets[at]?.solution ?? []);
      const pooled =
        others.length > 0
          ? context.pool({ round, ...ticket, neighbours: others, coefficients })
          : ticket.solution;
      context.evaluate(round, pooled);
    }
  },
};

/** Rounds around one, the nearest first, of two as near the denser. */
function nearest(round: number, rounds: number, most: number): number[] {
  const steps = Array.from({ length: most }, (_, at) => at + 1);
  return steps.flatMap((step) => [round - step, round + step]).filter((at) => at >= 0 && at < rounds);
}
