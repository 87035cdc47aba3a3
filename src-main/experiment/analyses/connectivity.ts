import { z } from 'zod';
import { ConfigError } from '../../contract/errors.ts';
import type { AnalysisContext, AnalysisDefinition, OpenSubject, SubjectRun } from './analysis.ts';
import {
  barriersFigure,
  barriersTable,
  curvesFigure,
  heatFigure,
  lostNotes,
  noBarrier,
  pathFigure,
  readGroup,
  type LineGroup,
} from './line-figures.ts';
import { planLine } from './lines.ts';
import { uniqueIds } from './names.ts';
import { looksOptions, looksText, type Solution } from './looks.ts';
import { byArm } from './seeds.ts';
import { requireOneShape, requireOthers } from './shapes.ts';

const Options = z.strictObject({
  kind: z.literal('connectivity'),
  pairs: z
    .enum(['successive', 'all', 'particles'])
    .default('successive')
    .describe(
      'Which solutions of a run are joined: those of successive rounds, of all rounds, or the particles of one',
    ),
  round: z.number().int().min(0).optional().describe('Round whose particles are joined; left out: the last'),
  points: z
    .number()
    .int()
    .min(3)
    .max(101)
    .optional()
    .describe('Points of a line, both ends included; left out: 25, between all rounds 7'),
  ...looksOptions({ training: 1000, test: 1000, statistics: 512 }),
  below: z.number().gt(0).max(100).default(2).describe('A barrier of test error that is none, in points'),
});
type Options = z.infer<typeof Options>;

/** Values of α by default: where all rounds are joined, fewer of many more lines. */
const POINTS = 25;
const POINTS_OF_ALL = 7;

/**
 * Linear connectivity (Frankle et al. 2020; method.md, Analyses): loss and error on the straight line between solutions. Without
 * a barrier they lie in one basin, and what is between them is as good as they are: averages, and what pruning goes on from.
 */
export const connectivity: AnalysisDefinition<Options> = {
  kind: 'connectivity',
  title: 'Linear connectivity',
  about: 'Loss and error on the straight line between solutions: without a barrier they lie in one basin.',
  schema: Options,
  subjects: { least: 1, most: 24, parts: 'particles' },
  plan(context, options) {
    const { runs } = context;
    requireOneShape(runs);
    const groups = groupsOf(context, options);
    const rounds = groups.every(({ sparsity }) => sparsity !== undefined);
    return (results) => {
      const read = groups.map((group) => readGroup(results, group));
      const shown = (['testError', 'trainLoss'] as const).flatMap((name) =>
        rounds
          ? [barriersFigure(read, name), pathFigure(read, name)]
          : read.flatMap((group) => [
              ...(group.names.length > 2 ? [heatFigure(group, name)] : []),
              // Of all rounds there are too many to be told apart.
              ...(group.each === 'round' ? [] : [curvesFigure(group, name)]),
            ]),
      );
      return {
        figures: uniqueIds([...shown, barriersTable(read)]),
        claims: read.map((group) => noBarrier(group, options.below / 100, testImages(runs, options))),
        notes: [looksText(runs, options), ...read.flatMap(lostNotes)],
      };
    };
  },
};

const isRun = ({ round }: OpenSubject): boolean => round === undefined;

function testImages([run]: readonly SubjectRun[], options: Options): number {
  return Math.min(options.testImages, run?.plan.resolved.dataset.test ?? 0);
}

function groupsOf(context: AnalysisContext, options: Options): LineGroup[] {
  const { subjects, runs } = context;
  if (options.pairs === 'particles') return particleGroups(context, options);
  if (subjects.every(isRun)) return byArm(runs).map((arm) => roundGroup(context, arm, options));
  const run = subjects.find(isRun);
  if (run)
    throw new ConfigError(
      `${run.run.id} names a run, other subjects name solutions`,
      `Name a round of it, ${run.run.id}@${run.run.rounds.length - 1}; or runs alone, whose rounds are joined.`,
    );
  return [solutionGroup(context, options)];
}

/** Solutions of the rounds of an arm's runs. */
function roundGroup(
  context: AnalysisContext,
  { label, arm, runs }: ReturnType<typeof byArm>[number],
  options: Options,
): LineGroup {
  const [first] = runs;
  if (!first) throw new Error('an arm without runs');
  const { rounds } = first;
  if (rounds.length < 2)
    throw new ConfigError(
      `${first.id} has one round: there is nothing to join`,
      `Join its particles (pairs=particles), or name several solutions, for example ${first.id}@0 and one of another run.`,
    );
  const all = options.pairs === 'all';
  const pairs = all ? allPairs(rounds.length) : rounds.slice(1).map((_, at) => [at, at + 1] as const);
  const names = rounds.map(({ round }) => `round ${round}`);
  const solutions = (run: SubjectRun): Solution[] =>
    rounds.map(({ round }) => ({ label: `${run.label} round ${round}`, made: run.solution(round), run }));
  return {
    ...{ slug: `${first.run.slug}-rounds`, label, arm, each: 'round', names, pairs },
    ...(all ? {} : { sparsity: pairs.map(([, to]) => rounds[to]?.sparsity ?? NaN) }),
    seeds: linesOf(context, runs.map(solutions), pairs, options),
  };
}

/** Particles of one round, of the runs of each arm. */
function particleGroups(context: AnalysisContext, options: Options): LineGroup[] {
  const rounds = new Map<SubjectRun, number>();
  for (const { run, round, particle, label } of context.subjects) {
    if (particle !== undefined)
      throw new ConfigError(
        `${label}: one particle has none to be joined with`,
        `Name the round, ${run.id}@${round}; or leave pairs=particles out to join the solutions that are named.`,
      );
    const chosen = round ?? options.round ?? run.rounds.length - 1;
    if ((rounds.get(run) ?? chosen) !== chosen)
      throw new ConfigError(
        `${run.id} is named with two rounds`,
        'Particles of one round are joined: name one, and start another analysis for the other.',
      );
    rounds.set(run, chosen);
  }
  const arms = byArm(context.runs).flatMap((arm) =>
    [...Map.groupBy(arm.runs, (run) => rounds.get(run) ?? 0)].map(([round, runs]) => ({
      ...arm,
      round,
      runs,
    })),
  );
  return arms.map(({ label, arm, runs, round }) => {
    const [first] = runs;
    if (!first) throw new Error('an arm without runs');
    const each = first.run.members > 1 ? 'member' : 'particle';
    const solutions = (run: SubjectRun): Solution[] =>
      run
        .particles(round)
        .map((made, at) => ({ label: `${run.label} round ${round} ${each} ${at}`, made, run }));
    const names = solutions(first).map((_, at) => `${each} ${at}`);
    if (names.length < 2)
      throw new ConfigError(
        `${first.id} has one training in a round: there are no particles to join`,
        'Name runs of an arm with particles or members, or join rounds (pairs=successive).',
      );
    const pairs = allPairs(names.length);
    return {
      ...{
        slug: `${first.run.slug}-round-${round}`,
        label: `${label} round ${round}`,
        arm,
        each,
        names,
        pairs,
      },
      seeds: linesOf(context, runs.map(solutions), pairs, options),
    };
  });
}

/** The solutions that are named, whatever runs they are of. */
function solutionGroup(context: AnalysisContext, options: Options): LineGroup {
  const solutions = context.subjects.map(({ run, round = 0, particle, label }): Solution => ({
    label,
    made: run.one(round, particle),
    run,
  }));
  if (solutions.length < 2)
    throw new ConfigError(
      `${solutions[0]?.label} is one solution: a line has two ends`,
      'Name another solution, or the run without its round.',
    );
  requireOthers(solutions);
  const pairs = allPairs(solutions.length);
  return {
    ...{ slug: 'solutions', label: 'Solutions', each: 'solution', pairs },
    names: solutions.map(({ label }) => label),
    seeds: linesOf(context, [solutions], pairs, options),
  };
}

/** A line a pair, of each seed. */
function linesOf(
  context: AnalysisContext,
  seeds: readonly (readonly Solution[])[],
  pairs: LineGroup['pairs'],
  { points, pairs: which, ...looks }: Options,
): LineGroup['seeds'] {
  const chosen = points ?? (which === 'all' ? POINTS_OF_ALL : POINTS);
  const { trainingImages, testImages, statisticsImages } = looks;
  return seeds.map((solutions) =>
    pairs.map(([from, to]) => {
      const [a, b] = [solutions[from], solutions[to]];
      if (!a || !b) throw new Error('a pair of nothing');
      return planLine(context, a, b, { points: chosen, trainingImages, testImages, statisticsImages });
    }),
  );
}

function allPairs(count: number): (readonly [number, number])[] {
  return Array.from({ length: count }, (_, from) => from).flatMap((from) =>
    Array.from({ length: count - from - 1 }, (_, more) => [from, from + 1 + more] as const),
  );
}
