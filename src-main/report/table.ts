import type { Comparison } from '../contract/compare.ts';
import { networks } from '../statistics/arms.ts';
import { count, fixed, missing, sparsityDigits } from './format.ts';
import { gridText, plain, type Grid, type TableCell, type TableFormat } from './grid.ts';
import {
  allRounds,
  denominatorSentence,
  metricStyle,
  oneDenominator,
  seedsOf,
  shownDeviation,
  shownMean,
  type Metric,
  type SharedRound,
  type Split,
} from './select.ts';

export interface TableOptions {
  readonly format?: TableFormat;
  readonly metric?: Metric;
  readonly split?: Split;
  /** Text only: print the best of a row bold as well. */
  readonly colour?: boolean;
  /** Text only: columns of the terminal; arms that do not fit go into a further block below. */
  readonly width?: number;
}

/** More columns than this are no longer read across: arms become rows. */
const WIDE = 8;

/** One row a round, one column an arm; the other way round where there are many arms. No newline at the end. */
export function comparisonTable(comparison: Comparison, options: TableOptions = {}): string {
  const { format = 'text', colour = false, width = 100 } = options;
  const grid = tableContent(comparison, options.metric, options.split);
  return gridText(grid, { format, colour, width, label: comparison.experiment });
}

/** The figures of the table, free of layout. */
export function tableContent(
  comparison: Comparison,
  metric: Metric = 'accuracy',
  split: Split = 'test',
): Grid {
  const style = metricStyle[metric];
  const rounds = roundColumns(comparison);
  const rows = rounds.rows.map((row) => {
    const values = comparison.arms.map((arm) => {
      const found = row.of(arm);
      const value = found ? shownMean(found, split, metric) : null;
      return { value, spread: found ? shownDeviation(found, split, metric) : null };
    });
    const figures = values.map(({ value }) => (value === null ? missing : fixed(value, style.digits)));
    const finite = figures.map(Number).filter(Number.isFinite);
    const best = style.better === 'higher' ? Math.max(...finite) : Math.min(...finite);
    return {
      leading: rounds.leadingOf(row),
      cells: values.map(({ spread }, index): TableCell => {
        const figure = figures[index] ?? missing;
        const text = spread === null ? figure : `${figure} ± ${fixed(spread, style.digits)}`;
        return { text, best: finite.length > 1 && Number(figure) === best };
      }),
    };
  });
  return legible(comparison, {
    caption: captionOf(comparison, metric, split),
    leading: rounds.leading,
    heads: comparison.arms.map((arm) => arm.arm),
    rows,
  });
}

/**
 * A table with a row a round and a column an arm, turned where the arms are too many to be read across: a row an arm, a
 * column a round, by its sparsity.
 */
export function legible(comparison: Comparison, grid: Grid): Grid {
  if (grid.heads.length <= WIDE || grid.heads.length <= grid.rows.length) return grid;
  const place = (name: string): number => grid.leading.indexOf(name);
  const at = (row: Grid['rows'][number], name: string): string => row.leading[place(name)] ?? '';
  const sparsities = grid.rows.map((row) => `${at(row, 'sparsity %')} %`);
  const alike = new Set(sparsities).size < sparsities.length;
  const left = grid.rows.map((row) => at(row, 'weights left')).join(' · ');
  return {
    caption: [
      ...grid.caption,
      `Columns are ${oneDenominator(comparison) ? `rounds, by sparsity; weights left: ${left}` : 'rounds, by sparsity'}.`,
    ],
    leading: ['arm'],
    heads: sparsities.map((sparsity, index) => {
      const row = grid.rows[index];
      return [...(alike && row ? [at(row, 'round')] : []), sparsity].filter(Boolean).join(': ');
    }),
    rows: grid.heads.map((arm, index) => ({
      leading: [arm],
      cells: grid.rows.map(({ cells }) => cells[index] ?? plain(missing)),
    })),
    named: true,
    turned: true,
  };
}

/** The columns that say which round a row is: number, sparsity, weights left, as far as they are one for all arms. */
export function roundColumns(comparison: Comparison): {
  readonly leading: readonly string[];
  readonly rows: readonly SharedRound[];
  readonly leadingOf: (row: SharedRound) => string[];
} {
  const rows = allRounds(comparison);
  const numbered = rows.every(({ round }) => round !== null);
  const counted = oneDenominator(comparison);
  return {
    rows,
    leading: [...(numbered ? ['round'] : []), 'sparsity %', ...(counted ? ['weights left'] : [])],
    leadingOf: ({ round, sparsity, remaining }) => [
      ...(round === null ? [] : [String(round)]),
      fixed(100 * sparsity, sparsityDigits(sparsity)),
      ...(counted ? [count(remaining * comparison.denominator.weights)] : []),
    ],
  };
}

function captionOf(comparison: Comparison, metric: Metric, split: Split): string[] {
  const seeds = seedsOf(comparison);
  const style = metricStyle[metric];
  const what = `${split === 'test' ? 'Test' : 'Validation'} ${style.name}${metric === 'nll' ? ' in nats' : ' in %'}`;
  const over =
    seeds.length > 1
      ? `, mean ± standard deviation (n−1) over ${seeds.length} seeds`
      : seeds.length === 1
        ? `, seed ${seeds[0] ?? 0}`
        : '';
  const several = comparison.arms
    .filter((arm) => networks(arm) > 1)
    .map((arm) => `${arm.arm} runs ${networks(arm)} networks at inference.`);
  return [
    `${comparison.dataset}, ${comparison.model}. ${what}${over}; ${style.better} is better.`,
    denominatorSentence(comparison),
    ...several,
    ...(comparison.complete ? [] : ['Rounds are still missing.']),
  ];
}
