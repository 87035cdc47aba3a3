import { z } from 'zod';
import type { Findings } from '../../contract/figures.ts';
import type { AnalysisDefinition } from './analysis.ts';
import { uniqueIds } from './names.ts';
import { caseFindings } from './transfer/figures.ts';
import { pairRuns, planPair, type Case } from './transfer/pairs.ts';

const Options = z.strictObject({
  kind: z.literal('transfer'),
  rounds: z
    .array(z.number().int().min(0))
    .min(1)
    .optional()
    .describe('Rounds whose masks are trained under; absent: all that both runs have.'),
  from: z.number().min(0).lt(1).default(0.78).describe('Sparsity from which on differences are averaged.'),
});

/** Any arm's optimiser from the ticket under any other run's mask (method.md, Analyses). */
export const transfer: AnalysisDefinition<z.infer<typeof Options>> = {
  kind: 'transfer',
  title: 'Mask transfer: training as one run under the masks of another',
  about:
    'Whether a gain lies in the masks or in the training: the first run’s arm trains, round by round, under the masks of the other.',
  schema: Options,
  subjects: { least: 2, most: 100, first: 'arm that trains', parts: 'members' },
  plan(context, { rounds, from }) {
    const cases = pairRuns(context).map(({ runs, ...arms }): Case => ({
      ...arms,
      pairs: runs.map((pair) => planPair(context, pair, rounds)),
    }));
    return (results): Findings => {
      const found = cases.map((one) => caseFindings(one, results, from));
      return {
        figures: uniqueIds(found.flatMap(({ figures }) => figures)),
        claims: found.flatMap(({ claims }) => claims),
        notes: found.flatMap(({ notes }) => notes),
      };
    };
  },
};
