import type { Claim, Figure, FigureOf } from '../../../contract/figures.ts';
import { mean } from '../../../contract/statistics.ts';
import type { Results } from '../analysis.ts';
import { percent, SPARSITY } from '../axes.ts';
import { fileName } from '../names.ts';
import { barsText, claimOver, pointOf } from '../seeds.ts';
import {
  familiesOf,
  meanOf,
  overlapOf,
  overlapsIn,
  type Family,
  type Overlap,
  type OverlapJob,
} from './pairs.ts';
import { layersOf, unitsByArm, type MaskUnit } from './units.ts';

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

/** Overlap of all masks of one round. */
export function betweenFigure(job: OverlapJob, results: Results): Figure {
  const names = job.units.map(({ label }) => label);
  const [round] = job.rounds;
  if (results(job.key) === null)
    return {
      kind: 'words',
      id: 'between',
      title: `Overlap between runs in round ${round}`,
      text: 'The masks of this round are not compared yet.',
      hint: 'It is drawn when that is done.',
    };
  const { sparsity = 0 } = job.units[0]?.run.rounds[round ?? NaN] ?? {};
  return {
    kind: 'heat',
    id: 'between',
    title: `Overlap between runs in round ${round}`,
    about: `Weights alive in both of two masks, of those alive in either, at ${percent(sparsity)} sparsity.`,
    rows: { label: 'Run', names },
    columns: { label: 'Run', names },
    value: OVERLAP,
    range: { from: 0, to: 1 },
    values: names.map((_, a) => names.map((_, b) => overlapOf(job, results, a, b)?.jaccard ?? null)),
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
      const unit: MaskUnit | undefined = job.units[family.pairs[0]?.a ?? 0];
      const { sparsity = 0 } = unit?.run.rounds[round] ?? {};
      return overlaps ? [{ round, sparsity, family, overlaps }] : [];
    });
  });
}

/** Overlap against sparsity, what chance would give beside it; by layer in the last round; and all of it as a table. */
export function againstChance(
  jobs: readonly OverlapJob[],
  results: Results,
  from: number,
): { figures: Figure[]; claims: Claim[] } {
  const all = found(jobs, results);
  if (all.length === 0) return { figures: [], claims: [] };
  const families = [...Map.groupBy(all, ({ family }) => family.label).values()];
  return {
    figures: [linesFigure(families, all), ...layerFigure(jobs, results), tableOf(all)],
    claims: families.flatMap((family) => claimsOf(family, from)),
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
    points: [...Map.groupBy(all, ({ round }) => round)].map(([round, own]) => ({
      x: own[0]?.sparsity ?? 0,
      y: meanOf(
        own.flatMap(({ overlaps }) => overlaps),
        of,
      ),
      name: `round ${round}`,
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

/** Overlap in every layer in the last round that all have. */
function layerFigure(jobs: readonly OverlapJob[], results: Results): Figure[] {
  const job = jobs.findLast((each) => results(each.key) !== null);
  const [unit] = job?.units ?? [];
  if (!job || !unit) return [];
  const [round = NaN] = job.rounds;
  const families = familiesOf(job).flatMap((family) => {
    const overlaps = overlapsIn(family, results);
    return overlaps ? [{ family, overlaps }] : [];
  });
  const byLayer = (overlaps: readonly Overlap[], of: 'jaccard' | 'chance'): number[] =>
    layersOf(unit).map((_, layer) => mean(overlaps.map((each) => each.byLayer[layer]?.[of] ?? NaN)));
  return [
    {
      kind: 'bars',
      id: 'overlap-by-layer',
      title: `Overlap by layer in round ${round}`,
      about: `At ${percent(unit.run.rounds[round]?.sparsity ?? 0)} sparsity; means over pairs.`,
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
    },
  ];
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
  const sparse = own.filter(({ sparsity }) => sparsity >= from - 1e-9);
  const [first] = sparse;
  if (!first?.family.paired) return [];
  const pairs = Math.max(...sparse.map(({ overlaps }) => overlaps.length));
  const complete = sparse.filter(({ overlaps }) => overlaps.length === pairs);
  const gains = Array.from({ length: pairs }, (_, pair) =>
    mean(complete.map(({ overlaps }) => (overlaps[pair]?.jaccard ?? NaN) - (overlaps[pair]?.layers ?? NaN))),
  );
  const text = `masks of ${first.family.label.replace(/^members/, 'the members')}, have more in common than chance from ${percent(first.sparsity)} sparsity on`;
  return [claimOver(text, 'points', gains)];
}
