import { z } from 'zod';
import { ConfigError } from '../../contract/errors.ts';
import { complement, ratioOf, roundedShare } from './exact.ts';
import type { SparsitySchedule } from './schedule.ts';

const Cubic = z.strictObject({
  kind: z.literal('cubic'),
  end: z
    .number()
    .gt(0)
    .lt(1)
    .meta({ title: 'ends at', description: 's_f: sparsity of the last round, above 0 and below 1.' }),
  rounds: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .meta({ title: 'rounds', description: 'Prunings, R: the last round. Round 0 is dense.' }),
});

/**
 * Much at first and ever less (Zhu and Gupta 2018): s_r = s_f + (s_0 − s_f)(1 − r/R)³, as counts
 * alive_r = alive_R + floor((alive_0 − alive_R)(1 − r/R)³ + 1/2), exact in the decimal s_f.
 */
export const cubic: SparsitySchedule<z.infer<typeof Cubic>> = {
  kind: 'cubic',
  title: 'Cubic: much at first, ever less towards the end',
  schema: Cubic,
  aliveCounts({ end, rounds }, prunable, start) {
    const last = roundedShare(complement(ratioOf(end)), 1, prunable);
    if (start < prunable && last >= start)
      throw new ConfigError(
        `sparsity.end: ${end} leaves ${last} of ${prunable} weights, the mask that is given only ${start}`,
        'End above the sparsity of the mask.',
      );
    const left = (round: number) => ({ numerator: BigInt(rounds - round), denominator: BigInt(rounds) });
    return Array.from(
      { length: rounds + 1 },
      (_, round) => last + roundedShare(left(round), 3, start - last),
    );
  },
};
