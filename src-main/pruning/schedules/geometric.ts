import { z } from 'zod';
import { complement, ratioOf, roundedShare } from './exact.ts';
import type { SparsitySchedule } from './schedule.ts';

const Geometric = z.strictObject({
  kind: z.literal('geometric'),
  fraction: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.2)
    .meta({ title: 'pruned each round', description: 'p: share of the weights alive that goes.' }),
  rounds: z
    .number()
    .int()
    .min(0)
    .max(1000)
    .meta({ title: 'rounds', description: 'Prunings, R: the last round. Round 0 is dense.' }),
});

/** The standard of iterative pruning: alive_r = floor((1 − p)^r · P + 1/2), exact in the decimal p (method.md). P is what is alive in round 0. */
export const geometric: SparsitySchedule<z.infer<typeof Geometric>> = {
  kind: 'geometric',
  title: 'Geometric: the same fraction of what is left, each round',
  schema: Geometric,
  aliveCounts({ fraction, rounds }, _prunable, start) {
    const kept = complement(ratioOf(fraction));
    return Array.from({ length: rounds + 1 }, (_, round) => roundedShare(kept, round, start));
  },
};
