import { z } from 'zod';
import { ConfigError } from '../../contract/errors.ts';
import type { Figure, Findings } from '../../contract/figures.ts';
import { prunableOf } from '../builder.ts';
import type { AnalysisContext, AnalysisDefinition, Results } from './analysis.ts';
import { densityFindings } from './masks/density.ts';
import { againstChance, betweenFigure, overRoundsFigures } from './masks/overlap.ts';
import type { OverlapJob } from './masks/pairs.ts';
import { maskUnits, shapeOf, shapeWords, unitsByArm, type MaskUnit } from './masks/units.ts';
import { uniqueIds } from './names.ts';

/** Pairs grow with the square, and a heat map of more rows says nothing. */
const MOST_UNITS = 64;

const Options = z.strictObject({
  kind: z.literal('masks'),
  round: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Round in which all masks are compared with each other; absent: the last that all have.'),
  from: z
    .number()
    .min(0)
    .lt(1)
    .default(0.78)
    .describe('Sparsity from which on overlaps are averaged and held against chance.'),
});

/** Density by layer, overlap over rounds and between runs (Jaccard), layer collapse (method.md, Analyses). */
export const masks: AnalysisDefinition<z.infer<typeof Options>> = {
  kind: 'masks',
  title: 'Masks: density by layer, overlap over rounds and between runs, layer collapse',
  about:
    'Which layers are pruned, and whether different arms, seeds and rounds keep the same weights; chance stands beside it.',
  schema: Options,
  subjects: { least: 1, most: 200, parts: 'members' },
  plan(context, { round, from }) {
    const { units, twins } = maskUnits(context);
    if (units.length > MOST_UNITS)
      throw new ConfigError(
        `masks of ${units.length} runs and members are too many to compare with each other`,
        `Name ${MOST_UNITS} or fewer.`,
      );
    const within = units.flatMap((unit) => planWithin(context, unit));
    const shapes = [...Map.groupBy(units, shapeOf).values()];
    const between = shapes.length === 1 ? planBetween(context, units) : [];
    const chosen = chooseRound(between, round);
    return (results): Findings => {
      const density = densityFindings(units, results);
      const chance = againstChance(between, results, from);
      return {
        figures: uniqueIds([
          ...density.figures,
          ...overRoundsFigures(within, results),
          ...(shapes.length > 1 ? [differentShapes(shapes)] : []),
          ...chance.figures,
          ...(chosen ? [betweenFigure(chosen, results)] : []),
        ]),
        claims: chance.claims,
        notes: [
          ...density.notes,
          ...chance.notes,
          ...twinNotes(twins),
          ...pendingNotes([...within, ...between], results),
        ],
      };
    };
  },
};

/** Masks of one run over its rounds. */
function planWithin(context: AnalysisContext, unit: MaskUnit): OverlapJob[] {
  const rounds = unit.rounds.filter((round) => unit.masks.get(round) !== null);
  return rounds.length > 1
    ? [
        planOverlap(
          context,
          rounds.map(() => unit),
          rounds,
          unit.label,
        ),
      ]
    : [];
}

/** Masks of all runs, a job a round. */
function planBetween(context: AnalysisContext, units: readonly MaskUnit[]): OverlapJob[] {
  const rounds = [...new Set(units.flatMap((unit) => unit.rounds))].sort((a, b) => a - b);
  return rounds.flatMap((round) => {
    const pruned = units.filter((unit) => (unit.masks.get(round) ?? null) !== null);
    if (pruned.length < 2) return [];
    return [
      planOverlap(
        context,
        pruned,
        pruned.map(() => round),
        `masks of round ${round}`,
      ),
    ];
  });
}

function planOverlap(
  context: AnalysisContext,
  units: readonly MaskUnit[],
  rounds: readonly number[],
  what: string,
): OverlapJob {
  const [first] = units;
  if (!first) throw new Error('an overlap of nothing');
  const { config, plan } = first.run;
  const { shape, classes } = plan.resolved.dataset;
  const key = context.add(
    { kind: 'overlap', model: config.model, shape: [...shape], classes, ...prunableOf(config) },
    units.flatMap((unit, at) => {
      const made = unit.masks.get(rounds[at] ?? NaN);
      return made ? [{ name: 'mask', made }] : [];
    }),
    what,
  );
  return { key, units, rounds };
}

/** The job of the round asked for, or of the last with all of the runs. @throws ConfigError where there is none */
function chooseRound(jobs: readonly OverlapJob[], round: number | undefined): OverlapJob | undefined {
  const most = Math.max(0, ...jobs.map(({ units }) => units.length));
  if (round === undefined) return jobs.findLast(({ units }) => units.length === most);
  const chosen = jobs.find(({ rounds }) => rounds[0] === round);
  if (chosen) return chosen;
  const known = jobs.map(({ rounds }) => rounds[0]);
  throw new ConfigError(
    `round: no two of these runs have a mask in round ${round}`,
    known.length > 0
      ? `Choose one of rounds ${known.join(', ')}.`
      : 'Name two runs or more, or leave it out.',
  );
}

function differentShapes(shapes: readonly (readonly MaskUnit[])[]): Figure {
  const words = shapes.map((units) => {
    const labels = unitsByArm(units).map(([label]) => label);
    return `${labels.join(', ')}: ${units[0] ? shapeWords(units[0]) : ''}`;
  });
  return {
    kind: 'words',
    id: 'between',
    title: 'Overlap between runs',
    text: `Masks of different shapes have no weights in common (${words.join('; ')}).`,
    hint: 'Look at runs of one model with the same prunable weights together.',
  };
}

function twinNotes(twins: ReturnType<typeof maskUnits>['twins']): string[] {
  return twins.map(({ of, twin }) => `${twin.label} has the masks of ${of.label}, which stand for both.`);
}

function pendingNotes(jobs: readonly OverlapJob[], results: Results): string[] {
  const pending = jobs.filter(({ key }) => results(key) === null).length;
  return pending > 0 ? [`${pending} of ${jobs.length} comparisons of masks are not done yet.`] : [];
}
