import { z } from 'zod';
import { ConfigError } from '../../contract/errors.ts';
import type { Claim, Findings } from '../../contract/figures.ts';
import { isFrom } from '../../statistics/arms.ts';
import type { AnalysisContext, AnalysisDefinition } from './analysis.ts';
import { percent } from './axes.ts';
import { countedArm, familiesOf, gains, readArm, type CountedArm } from './growth/arms.ts';
import {
  averagedFigure,
  byRoundFigures,
  costFigure,
  growthTable,
  type NumberedArm,
} from './growth/figures.ts';
import { plusCases, plusFindings } from './growth/plus.ts';
import { uniqueIds } from './names.ts';
import { byArm, claimOver, requireOneSplit, roundsOf } from './seeds.ts';
import { settingsNotes, settingsText } from './settings.ts';

const Options = z.strictObject({
  kind: z.literal('growth'),
  from: z.number().min(0).lt(1).default(0.78).describe('Sparsity from which on accuracies are averaged.'),
});

/** SWAMP(N) against N, and what SWAMP+ keeps of it (method.md, Analyses). No jobs of its own. */
export const growth: AnalysisDefinition<z.infer<typeof Options>> = {
  kind: 'growth',
  title: 'SWAMP(N) against N: what more particles bring, and cost',
  about:
    'Whether accuracy grows with the number of particles, and what SWAMP+ keeps of it at what share of the cost.',
  schema: Options,
  subjects: { least: 2, most: 200 },
  plan(context, { from }) {
    const arms = byArm(context.runs).flatMap((arm) => countedArm(arm) ?? []);
    requireOneSplit(context.runs);
    const families = familiesOf(arms);
    const cases = plusCases(arms);
    if (families.length === 0 && cases.length === 0) {
      const settings = settingsText(arms);
      throw new ConfigError(
        `${[...new Set(context.runs.map(({ arm }) => arm))].join(', ')}: no arm is there with different numbers of particles${settings === null ? '' : ` and the same settings (${settings})`}`,
        'Name runs of swamp with two different numbers of particles; or of swamp+, of swamp with as many, and of imp.',
      );
    }
    const sparse = sparseRounds(context, arms, from);
    return (results): Findings => {
      const read = new Map(
        arms.map((arm) => [arm, readArm(arm, (run) => roundsOf(context, run), sparse, results)] as const),
      );
      const open = (arm: CountedArm) => read.get(arm) ?? readArm(arm, () => [], sparse, results);
      const all = arms.map(open);
      const numbered = families.map((family) =>
        family.map((arm): NumberedArm => ({
          ...open(arms.find(({ label }) => label === arm.label) ?? arm),
          particles: arm.particles,
        })),
      );
      const inFamilies = new Set(numbered.flat().map(({ label }) => label));
      const others = all.filter(({ label }) => !inFamilies.has(label));
      const plus = plusFindings(
        cases.map((each) => ({ plus: open(each.plus), full: open(each.full), base: open(each.base) })),
      );
      return {
        figures: uniqueIds([
          ...(numbered.length > 0 ? [averagedFigure(numbered, others)] : []),
          ...byRoundFigures(numbered),
          costFigure(all),
          growthTable(all),
          ...plus.figures,
        ]),
        claims: [...numbered.flatMap((family) => grows(family)), ...plus.claims],
        notes: [...plus.notes, ...settingsNotes(arms)],
      };
    };
  },
};

/** Rounds from a sparsity on that all arms look at, of one sparsity. @throws ConfigError where there are none */
function sparseRounds(context: AnalysisContext, arms: readonly CountedArm[], from: number): number[] {
  const runs = arms.flatMap((arm) => arm.runs);
  const [first] = runs;
  const shared = (first ? roundsOf(context, first) : []).filter((round) => {
    const alive = first?.rounds[round]?.alive;
    return runs.every((run) => roundsOf(context, run).includes(round) && run.rounds[round]?.alive === alive);
  });
  const sparse = shared.filter((round) => isFrom(first?.rounds[round]?.sparsity ?? 0, from));
  if (sparse.length > 0) return sparse;
  throw new ConfigError(
    `from ${percent(from)} sparsity on these runs have no round in common`,
    'Lower `from`, or name runs of one sparsity schedule.',
  );
}

/** Whether the most particles are better than the fewest. */
function grows(family: readonly NumberedArm[]): Claim[] {
  const [few, many] = [family[0], family.at(-1)];
  if (!few || !many) return [];
  return [
    claimOver(
      `accuracy grows with N: ${many.label} is better than ${few.label}, averaged over sparse rounds`,
      'points',
      [...gains(many, few).values()],
    ),
  ];
}
