import type { Claim, Figure, FigureOf } from '../../../contract/figures.ts';
import type { JobKey } from '../../../contract/ids.ts';
import { mean } from '../../../contract/statistics.ts';
import { isFrom } from '../../../statistics/arms.ts';
import { intervalOf } from '../../../statistics/interval.ts';
import type { Results } from '../analysis.ts';
import { percent, SPARSITY, TEST_ACCURACY } from '../axes.ts';
import { fileName } from '../names.ts';
import { barsText, claimOver, notSparse, pointOf, seedsText } from '../seeds.ts';
import type { Case, Pair } from './pairs.ts';

/** Test accuracies of one seed in a round. */
interface Accuracies {
  readonly moved: number;
  readonly own: number;
  readonly other: number;
}

/** A round that all of its jobs are done of, by pair. */
interface ReadRound {
  readonly round: number;
  readonly sparsity: number;
  readonly equal: boolean;
  readonly pairs: ReadonlyMap<Pair, Accuracies>;
}

/** Accuracy of the transfer beside both runs', the differences, a table and claims. */
export function caseFindings(
  one: Case,
  results: Results,
  from: number,
): { figures: Figure[]; claims: Claim[]; notes: string[] } {
  const rounds = readRounds(one, results);
  const named = { id: `transfer-${idOf(one)}`, title: movedLabel(one) };
  if (rounds.length === 0)
    return {
      figures: [
        {
          kind: 'words',
          ...named,
          text: 'None of the trainings is evaluated yet.',
          hint: 'It is drawn when the first is done.',
        },
      ],
      claims: [],
      notes: sparseNote(one, from),
    };
  return {
    figures: [
      { ...accuracyFigure(one, rounds), ...named },
      ...differenceFigure(one, rounds),
      tableOf(one, rounds),
    ],
    claims: claimsOf(one, rounds, from),
    notes: [...sparseNote(one, from), ...notesOf(one, rounds)],
  };
}

function sparseNote(one: Case, from: number): string[] {
  const planned = one.pairs.flatMap(({ rounds }) => rounds);
  return notSparse(
    planned.map(({ sparsity }) => sparsity),
    from,
    movedLabel(one),
  );
}

/** Below 78 % and elsewhere: a name for what is trained. */
function movedLabel({ trains, masks }: Case): string {
  return `${trains.label} under masks of ${masks.label}`;
}

function idOf({ trains, masks }: Case): string {
  return `${fileName(trains.label)}-${fileName(masks.label)}`;
}

function readRounds({ pairs }: Case, results: Results): ReadRound[] {
  const accuracy = (job: JobKey): number | undefined => results(job)?.evaluation?.test.accuracy;
  const rounds = [...new Set(pairs.flatMap((pair) => pair.rounds.map(({ round }) => round)))];
  return rounds
    .sort((a, b) => a - b)
    .flatMap((round): ReadRound[] => {
      const read = new Map<Pair, Accuracies>();
      const found = pairs.flatMap((pair) => pair.rounds.filter((each) => each.round === round));
      for (const pair of pairs) {
        const at = pair.rounds.find((each) => each.round === round);
        const [moved, own, other] = at ? [at.moved, at.own, at.other].map(accuracy) : [];
        if (moved !== undefined && own !== undefined && other !== undefined)
          read.set(pair, { moved, own, other });
      }
      const { sparsity = 0 } = found[0] ?? {};
      const equal = found.every((each) => each.equal);
      return read.size > 0 ? [{ round, sparsity, equal, pairs: read }] : [];
    });
}

function accuracyFigure(one: Case, rounds: readonly ReadRound[]): FigureOf<'lines'> {
  const line = (
    label: string,
    of: (each: Accuracies) => number,
    look: { arm?: string; dashed?: boolean },
  ) => ({
    label,
    ...look,
    points: rounds.map(({ sparsity, round, pairs }) =>
      pointOf(sparsity, [...pairs.values()].map(of), `round ${round}`),
    ),
  });
  const bars = barsText(rounds.map(({ pairs }) => pairs.size));
  return {
    kind: 'lines',
    id: '',
    title: '',
    about: `Test accuracy; ${seedsText(one.pairs.length)}. The ticket, the recipe and the orders are those of ${one.trains.label}.`,
    x: SPARSITY,
    y: TEST_ACCURACY,
    ...(bars === undefined ? {} : { bars }),
    series: [
      line(`${one.trains.label}, masks of its own`, ({ own }) => own, { arm: one.trains.arm }),
      line(movedLabel(one), ({ moved }) => moved, {}),
      line(one.masks.label, ({ other }) => other, { arm: one.masks.arm, dashed: true }),
    ],
  };
}

/** Differences in the rounds in which both masks are as sparse. */
function differenceFigure(one: Case, rounds: readonly ReadRound[]): Figure[] {
  const equal = rounds.filter((each) => each.equal);
  const named = {
    id: `differences-${idOf(one)}`,
    title: `${movedLabel(one)}: what the mask is worth`,
  };
  if (equal.length === 0)
    return [
      {
        kind: 'words',
        ...named,
        text: `No two masks of ${one.trains.label} and ${one.masks.label} leave the same number of weights.`,
        hint: 'Take runs of one sparsity schedule: accuracies at different sparsities do not compare.',
      },
    ];
  const line = (label: string, of: (each: Accuracies) => number) => ({
    label,
    points: equal.map(({ sparsity, round, pairs }) =>
      pointOf(sparsity, [...pairs.values()].map(of), `round ${round}`),
    ),
  });
  const bars = barsText(equal.map(({ pairs }) => pairs.size));
  return [
    {
      kind: 'lines',
      ...named,
      about: 'Differences of test accuracy, paired by seed.',
      x: SPARSITY,
      y: { label: 'Difference of test accuracy', unit: 'points', scale: 'linear' },
      ...(bars === undefined ? {} : { bars }),
      series: [
        line(`masks of ${one.masks.label} − its own`, ({ moved, own }) => moved - own),
        line(`${one.masks.label} − the transfer`, ({ moved, other }) => other - moved),
      ],
    },
  ];
}

function tableOf(one: Case, rounds: readonly ReadRound[]): FigureOf<'table'> {
  return {
    kind: 'table',
    id: `table-${idOf(one)}`,
    title: `${movedLabel(one)}: accuracy by round`,
    columns: [
      { label: 'Round', unit: 'count' },
      { label: 'Sparsity', unit: 'sparsity' },
      { label: `${one.trains.label}, its own masks`, unit: 'share' },
      { label: movedLabel(one), unit: 'share' },
      { label: one.masks.label, unit: 'share' },
      { label: 'Transfer − its own', unit: 'points' },
      { label: 'Low', unit: 'points' },
      { label: 'High', unit: 'points' },
      { label: 'Seeds', unit: 'count' },
    ],
    rows: rounds.map(({ round, sparsity, equal, pairs }) => {
      const all = [...pairs.values()];
      const gain = equal ? intervalOf(all.map(({ moved, own }) => moved - own)) : null;
      return [
        round,
        sparsity,
        mean(all.map(({ own }) => own)),
        mean(all.map(({ moved }) => moved)),
        mean(all.map(({ other }) => other)),
        gain?.mean ?? null,
        gain?.low ?? null,
        gain?.high ?? null,
        pairs.size,
      ];
    }),
  };
}

/** Averaged over the sparse rounds that every pair has. */
function claimsOf(one: Case, rounds: readonly ReadRound[], from: number): Claim[] {
  const sparse = rounds.filter(({ equal, sparsity }) => equal && isFrom(sparsity, from));
  const complete = one.pairs.filter((pair) => sparse.every(({ pairs }) => pairs.has(pair)));
  const [first] = sparse;
  if (!first || complete.length === 0) return [];
  const over = (of: (each: Accuracies) => number): number[] =>
    complete.map((pair) =>
      mean(
        sparse.flatMap(({ pairs }) => {
          const each = pairs.get(pair);
          return each ? [of(each)] : [];
        }),
      ),
    );
  const rest = `from ${percent(first.sparsity)} sparsity on`;
  return [
    claimOver(
      `training as ${one.trains.label} under the masks of ${one.masks.label} does better than under its own ${rest}`,
      'points',
      over(({ moved, own }) => moved - own),
    ),
    claimOver(
      `${one.masks.label} does better than training as ${one.trains.label} under its masks ${rest}`,
      'points',
      over(({ moved, other }) => other - moved),
    ),
  ];
}

function notesOf(one: Case, rounds: readonly ReadRound[]): string[] {
  const wanted = one.pairs.reduce((sum, pair) => sum + pair.rounds.length, 0);
  const done = rounds.reduce((sum, { pairs }) => sum + pairs.size, 0);
  const unequal = rounds.filter(({ equal }) => !equal).map(({ round }) => round);
  const otherSeed = one.pairs.some(({ trains, masks }) => trains.seed !== masks.seed);
  return [
    ...(done < wanted ? [`${movedLabel(one)}: ${wanted - done} of ${wanted} rounds are not done yet.`] : []),
    ...(unequal.length > 0
      ? [`Rounds ${unequal.join(', ')} differ in sparsity between the two: no difference is taken there.`]
      : []),
    ...(otherSeed
      ? [
          'The masks are of another seed, whose validation images are not the same: compare on test images alone.',
        ]
      : []),
  ];
}
