import type { Claim, Figure, FigureOf } from '../../../contract/figures.ts';
import { mean } from '../../../contract/statistics.ts';
import type { Results } from '../analysis.ts';
import { percent, SPARSITY } from '../axes.ts';
import { fileName } from '../names.ts';
import { isFrom } from '../../../statistics/arms.ts';
import { barsText, claimOver, notSparse, pointOf } from '../seeds.ts';
import {
  asSparse,
  familiesOf,
  meanOf,
  overlapOf,
  overlapsIn,
  sameSparsity,
  sparsityOf,
  type Family,
  type Overlap,
  type OverlapJob,
} from './pairs.ts';
import { layersOf, unitsByArm } from './units.ts';

const OVERLAP = { label: 'Overlap', unit: 'share', scale: 'linear' } as const;

/**
 * Overlap of a run's masks over its rounds, a heat map an arm: the mean over its runs. Where every mask is part of those
 * before it, all arms of one schedule have the same, and one heat map stands for them.
 */
export function overRoundsFigures(jobs: readonly OverlapJob[], results: Results): Figure[] {
  const done = jobs.filter(({ key }) => results(key) !== null);
  const nested = done.filter((job) => isNested(job, results));
  const groups = [
    ...Map.groupBy(nested, roundsText).values(),
    ...Map.groupBy(
      done.filter((job) => !nested.includes(job)),
      (job) => `${job.units[0]?.arm.label} ${roundsText(job)}`,
    ).values(),
  ];
  return groups.map((group) => {
    const labels = unitsByArm(group.flatMap(({ units }) => units.slice(0, 1))).map(([label]) => label);
    const names = group[0] ? roundsText(group[0]).split(', ') : [];
    const words = nested.includes(group[0] as OverlapJob)
      ? 'Every mask is part of those before it: the overlap is the ratio of their weights.'
      : 'Masks are not parts of those before them: weights that were pruned come back.';
    return {
      kind: 'heat',
      id: `rounds-${fileName(labels[0] ?? '')}`,
      title: `Overlap over rounds: ${labels.join(', ')}`,
      about: `Weights alive in both of two rounds’ masks, of those alive in either${group.length > 1 ? `; mean over ${group.length} runs` : ''}. ${words}`,
      rows: { label: 'Round', names },
      columns: { label: 'Round', names },
      value: OVERLAP,
      range: { from: 0, to: 1 },
      values: names.map((_, a) =>
        names.map((_, b) => mean(group.map((job) => overlapOf(job, results, a, b)?.jaccard ?? NaN))),
      ),
    };
  });
}

/** `1 (40.0 %), 2 (64.0 %)` */
function roundsText({ units: [unit], rounds }: OverlapJob): string {
  return rounds.map((round) => `${round} (${percent(unit?.run.rounds[round]?.sparsity ?? 0)})`).join(', ');
}

/** Whether each mask is part of those before, as where pruning goes on from the round before. */
function isNested({ key, rounds }: OverlapJob, results: Results): boolean {
  const { intersection = [] } = results(key)?.series ?? {};
  const k = rounds.length;
  return intersection.every((common, at) => {
    const alive = [Math.floor(at / k), at % k].map((each) => intersection[each * k + each] ?? NaN);
    return common === Math.min(...alive);
  });
}

/** Overlap of all masks of one round, as far as they are as sparse. */
export function betweenFigure(job: OverlapJob, results: Results): Figure {
  const places = [...job.units.keys()];
  const alike = places.every((at) => sameSparsity(job, 0, at));
  const names = job.units.map(({ label }, at) =>
    alike ? label : `${label} (${percent(sparsityOf(job, at))})`,
  );
  const [round] = job.rounds;
  if (results(job.key) === null)
    return {
      kind: 'words',
      id: 'between',
      title: `Overlap between runs in round ${round}`,
      text: 'The masks of this round are not compared yet.',
      hint: 'It is drawn when that is done.',
    };
  const where = alike
    ? `at ${percent(sparsityOf(job, 0))} sparsity.`
    : 'where both are as sparse: masks of different sparsities are not compared.';
  return {
    kind: 'heat',
    id: 'between',
    title: `Overlap between runs in round ${round}`,
    about: `Weights alive in both of two masks, of those alive in either, ${where}`,
    rows: { label: 'Run', names },
    columns: { label: 'Run', names },
    value: OVERLAP,
    range: { from: 0, to: 1 },
    values: places.map((a) =>
      places.map((b) => (sameSparsity(job, a, b) ? (overlapOf(job, results, a, b)?.jaccard ?? null) : null)),
    ),
  };
}

/** A family in a round, as far as its job is done. */
interface Found {
  readonly round: number;
  readonly sparsity: number;
  readonly family: Family;
  readonly overlaps: readonly Overlap[];
}

function found(jobs: readonly OverlapJob[], results: Results): Found[] {
  return jobs.flatMap((job) => {
    const [round = NaN] = job.rounds;
    return familiesOf(job).flatMap((family) => {
      const overlaps = overlapsIn(family, results);
      return overlaps ? [{ round, sparsity: sparsityIn(family), family, overlaps }] : [];
    });
  });
}

/** All pairs of a family are of one. */
function sparsityIn({ pairs: [pair] }: Family): number {
  return pair ? sparsityOf(pair.job, pair.a) : NaN;
}

/** What is of one sparsity together, the densest first: what chance gives goes by it. */
function bySparsity<Of extends { readonly sparsity: number }>(all: readonly Of[]): Of[][] {
  const groups: Of[][] = [];
  for (const each of all.toSorted((a, b) => a.sparsity - b.sparsity)) {
    const [group] = groups.slice(-1);
    if (group?.[0] && asSparse(group[0].sparsity, each.sparsity)) group.push(each);
    else groups.push([each]);
  }
  return groups;
}

/** Overlap against sparsity, what chance would give beside it; by layer in the last round; and all of it as a table. */
export function againstChance(
  jobs: readonly OverlapJob[],
  results: Results,
  from: number,
): { figures: Figure[]; claims: Claim[]; notes: string[] } {
  const all = found(jobs, results);
  const paired = jobs.flatMap((job) => familiesOf(job).filter((family) => family.paired));
  const notes = paired.length > 0 ? notSparse(paired.map(sparsityIn), from) : [];
  if (all.length === 0) return { figures: [], claims: [], notes };
  const families = [...Map.groupBy(all, ({ family }) => family.label).values()];
  return {
    figures: [linesFigure(families, all), ...layerFigures(all, jobs), tableOf(all)],
    claims: families.flatMap((family) => claimsOf(family, from)),
    notes,
  };
}

function linesFigure(families: readonly Found[][], all: readonly Found[]): FigureOf<'lines'> {
  const name = ({ round }: Found): string => `round ${round}`;
  const series = families.map((own) => ({
    label: own[0]?.family.label ?? '',
    ...(own[0]?.family.colour === undefined ? {} : { arm: own[0].family.colour }),
    points: own.map((each) =>
      each.family.paired
        ? pointOf(each.sparsity, values(each), name(each))
        : { x: each.sparsity, y: mean(values(each)), name: name(each) },
    ),
  }));
  const chance = (
    label: string,
    of: (overlap: Overlap) => number,
  ): (typeof series)[number] & { dashed: true } => ({
    label,
    dashed: true,
    points: bySparsity(all).map((own) => ({
      x: own[0]?.sparsity ?? 0,
      y: meanOf(
        own.flatMap(({ overlaps }) => overlaps),
        of,
      ),
      name: `round ${[...new Set(own.map(({ round }) => round))].join(', ')}`,
    })),
  });
  const counts = all.filter(({ family }) => family.paired).map(({ overlaps }) => overlaps.length);
  const bars = barsText(counts);
  return {
    kind: 'lines',
    id: 'overlap',
    title: 'Overlap of masks against sparsity',
    about:
      'Weights alive in both of two masks of a round, of those alive in either; dashed: what masks drawn at random would have.',
    x: SPARSITY,
    y: OVERLAP,
    ...(bars === undefined ? {} : { bars }),
    series: [
      ...series,
      chance('chance, layers as dense', ({ layers }) => layers),
      chance('chance, same sparsity', ({ sparsity }) => sparsity),
    ],
  };
}

const values = ({ overlaps }: Found): number[] => overlaps.map(({ jaccard }) => jaccard);

/** Overlap in every layer, in the last round that all have as far as it is compared; by sparsity where there are several. */
function layerFigures(all: readonly Found[], jobs: readonly OverlapJob[]): Figure[] {
  const most = Math.max(...jobs.map(({ units }) => units.length));
  const jobOf = ({ family }: Found): OverlapJob | undefined => family.pairs[0]?.job;
  const last = all.findLast((each) => jobOf(each)?.units.length === most) ?? all.at(-1);
  const job = last && jobOf(last);
  const [unit] = job?.units ?? [];
  if (!job || !unit) return [];
  const byLayer = (overlaps: readonly Overlap[], of: 'jaccard' | 'chance'): number[] =>
    layersOf(unit).map((_, layer) => mean(overlaps.map((each) => each.byLayer[layer]?.[of] ?? NaN)));
  return bySparsity(all.filter((each) => jobOf(each) === job)).map((families) => ({
    kind: 'bars',
    id: 'overlap-by-layer',
    title: `Overlap by layer in round ${job.rounds[0]}`,
    about: `At ${percent(families[0]?.sparsity ?? 0)} sparsity; means over pairs.`,
    y: OVERLAP,
    categories: layersOf(unit).map(({ name }) => name),
    series: [
      ...families.map(({ family, overlaps }) => ({
        label: family.label,
        ...(family.colour === undefined ? {} : { arm: family.colour }),
        values: byLayer(overlaps, 'jaccard'),
      })),
      {
        label: 'chance, layers as dense',
        values: byLayer(
          families.flatMap(({ overlaps }) => overlaps),
          'chance',
        ),
      },
    ],
  }));
}

function tableOf(all: readonly Found[]): Figure {
  return {
    kind: 'table',
    id: 'overlaps',
    title: 'Overlap and chance',
    columns: [
      { label: 'Masks', unit: null },
      { label: 'Round', unit: 'count' },
      { label: 'Sparsity', unit: 'sparsity' },
      { label: 'Pairs', unit: 'count' },
      { label: 'Overlap', unit: 'share' },
      { label: 'By chance, layers as dense', unit: 'share' },
      { label: 'By chance, same sparsity', unit: 'share' },
    ],
    rows: all.map((each) => [
      each.family.label,
      each.round,
      each.sparsity,
      each.overlaps.length,
      mean(values(each)),
      meanOf(each.overlaps, ({ layers }) => layers),
      meanOf(each.overlaps, ({ sparsity }) => sparsity),
    ]),
  };
}

/** Whether masks agree on more than how dense layers are: the mean over sparse rounds, a value a seed. */
function claimsOf(own: readonly Found[], from: number): Claim[] {
  const sparse = own.filter(({ sparsity }) => isFrom(sparsity, from));
  const [first] = sparse;
  if (!first || sparse.some(({ family }) => !family.paired)) return [];
  const gains = Map.groupBy(
    sparse.flatMap(({ family, overlaps }) =>
      overlaps.map(({ jaccard, layers }, at) => ({ seed: family.pairs[at]?.seed, gain: jaccard - layers })),
    ),
    ({ seed }) => seed,
  );
  // A seed that lacks a round would be an average of something else.
  const complete = [...gains.values()].filter(({ length }) => length === sparse.length);
  if (complete.length === 0) return [];
  return [
    claimOver(
      `masks of ${first.family.words} have more in common than chance from ${percent(first.sparsity)} sparsity on`,
      'points',
      complete.map((each) => mean(each.map(({ gain }) => gain))),
    ),
  ];
}
