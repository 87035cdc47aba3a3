import { z } from 'zod';
import { ConfigError } from '../../contract/errors.ts';
import { complement, ratioOf, roundedShare } from './exact.ts';
import type { SparsitySchedule } from './schedule.ts';

const Explicit = z.strictObject({
  kind: z.literal('explicit'),
  sparsities: z
    .array(z.number().gt(0).lt(1))
    .min(1)
    .superRefine((sparsities, context) => {
      for (const [index, sparsity] of sparsities.entries()) {
        const before = sparsities[index - 1];
        if (before !== undefined && sparsity <= before)
          context.addIssue({
            code: 'custom',
            path: [index],
            message: `sparsities must rise from round to round, but round ${index + 1} has ${sparsity} after ${before}`,
          });
      }
    })
    .meta({
      title: 'sparsities',
      description: 'Of rounds 1, 2, …: rising, each above 0 and below 1. Round 0 is dense.',
    }),
});

/** A list of one's own: alive_r = floor((1 − s_r) · P + 1/2), exact in the decimal s_r. */
export const explicit: SparsitySchedule<z.infer<typeof Explicit>> = {
  kind: 'explicit',
  title: 'Explicit list of sparsities',
  schema: Explicit,
  aliveCounts({ sparsities }, prunable, start) {
    const counts = sparsities.map((sparsity) => roundedShare(complement(ratioOf(sparsity)), 1, prunable));
    const [first = 0] = counts;
    if (start < prunable && first >= start)
      throw new ConfigError(
        `sparsity.sparsities[0]: ${sparsities[0]} leaves ${first} of ${prunable} weights, the mask that is given only ${start}`,
        'Begin the list above the sparsity of the mask.',
      );
    return [start, ...counts];
  },
};
