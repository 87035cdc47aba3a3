import type { Comparison } from '../contract/compare.ts';
import { columns, count, fixed, missing, sparsityDigits, visibleWidth, wrap } from './format.ts';
import {
  allRounds,
  denominatorSentence,
  metricStyle,
  networks,
  roundOf,
  seedsOf,
  shownDeviation,
  shownMean,
  type Metric,
  type Split,
} from './select.ts';

export type TableFormat = 'text' | 'markdown' | 'latex';

export interface TableOptions {
  readonly format?: TableFormat;
  readonly metric?: Metric;
  readonly split?: Split;
  /** Text only: print the best of a row bold as well. */
  readonly colour?: boolean;
  /** Text only: columns of the terminal; arms that do not fit go into a further block below. */
  readonly width?: number;
}

/** One figure of the table, before it is laid out. */
export interface TableCell {
  /** `97.31`, or `97.31 ± 0.12` with several seeds; `–` where the round is missing. */
  readonly text: string;
  /** The best of its row at the shown precision; ties are all marked. */
  readonly best: boolean;
}

export interface TableContent {
  readonly caption: readonly string[];
  readonly arms: readonly string[];
  readonly rows: readonly {
    readonly round: number;
    /** In percent. */
    readonly sparsity: string;
    /** Prunable weights left, a count. */
    readonly remaining: string;
    readonly cells: readonly TableCell[];
  }[];
}

/** One row a round, one column an arm. No newline at the end. */
export function comparisonTable(comparison: Comparison, options: TableOptions = {}): string {
  const content = tableContent(comparison, options.metric, options.split);
  switch (options.format ?? 'text') {
    case 'text':
      return textTable(content, options.colour ?? false, options.width ?? 100);
    case 'markdown':
      return markdownTable(content);
    case 'latex':
      return latexTable(content, comparison);
  }
}

/** The figures of the table, free of layout. */
export function tableContent(
  comparison: Comparison,
  metric: Metric = 'accuracy',
  split: Split = 'test',
): TableContent {
  const style = metricStyle[metric];
  const rows = allRounds(comparison).map(({ round, sparsity, remaining }) => {
    const values = comparison.arms.map((arm) => {
      const found = roundOf(arm, round);
      const value = found ? shownMean(found, split, metric) : null;
      return { value, spread: found ? shownDeviation(found, split, metric) : null };
    });
    const figures = values.map(({ value }) => (value === null ? missing : fixed(value, style.digits)));
    const finite = figures.map(Number).filter(Number.isFinite);
    const best = style.better === 'higher' ? Math.max(...finite) : Math.min(...finite);
    return {
      round,
      sparsity: fixed(100 * sparsity, sparsityDigits(sparsity)),
      remaining: count(remaining * comparison.denominator.weights),
      cells: values.map(({ spread }, index) => {
        const figure = figures[index] ?? missing;
        const text = spread === null ? figure : `${figure} ± ${fixed(spread, style.digits)}`;
        return { text, best: finite.length > 1 && Number(figure) === best };
      }),
    };
  });
  return {
    caption: captionOf(comparison, metric, split),
    arms: comparison.arms.map((arm) => arm.arm),
    rows,
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

const leading = ['round', 'sparsity %', 'weights left'];

function textTable(content: TableContent, colour: boolean, width: number): string {
  const spreads = content.rows.some((row) => row.cells.some((cell) => cell.text.includes('±')));
  const mark = (cell: TableCell): string => {
    // The star keeps its place in every row, so that figures stay under each other.
    const text = `${cell.text}${cell.best ? '*' : ' '}`;
    return cell.best && colour ? `\u001b[1m${text}\u001b[22m` : text;
  };
  const block = (arms: readonly number[]): string[] =>
    columns(
      [
        [...leading, ...arms.map((arm) => `${content.arms[arm] ?? ''} `)],
        ...content.rows.map((row) => [
          String(row.round),
          row.sparsity,
          row.remaining,
          ...arms.map((arm) => mark(row.cells[arm] ?? { text: missing, best: false })),
        ]),
      ],
      [...leading, ...arms].map(() => 'right'),
    );
  const blocks = fitting(content, width).map(block);
  const marked = content.rows.some((row) => row.cells.some((cell) => cell.best));
  const caption = [...content.caption, ...(marked ? [`* best of the row${spreads ? ' (mean)' : ''}.`] : [])];
  return [
    ...wrap(caption.join(' '), width),
    '',
    ...blocks.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines])),
  ].join('\n');
}

/** Share the arms out to blocks no wider than `width`; every block holds one arm at least. */
function fitting(content: TableContent, width: number): number[][] {
  const start = leading.join('  ').length;
  const blocks: number[][] = [];
  let used = Number.POSITIVE_INFINITY;
  content.arms.forEach((arm, index) => {
    const cells = content.rows.map((row) => visibleWidth(row.cells[index]?.text ?? ''));
    const needed = 3 + Math.max(visibleWidth(arm), ...cells);
    if (used + needed > width) {
      blocks.push([]);
      used = start;
    }
    blocks.at(-1)?.push(index);
    used += needed;
  });
  return blocks.length === 0 ? [[]] : blocks;
}

function markdownTable(content: TableContent): string {
  const escape = (text: string): string => text.replace(/[|\\*_<]/g, '\\$&');
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    escape(content.caption.join(' ')),
    '',
    line([...leading, ...content.arms.map(escape)]),
    line([...leading, ...content.arms].map(() => '--:')),
    ...content.rows.map((row) =>
      line([
        String(row.round),
        row.sparsity,
        row.remaining,
        ...row.cells.map((cell) => (cell.best ? `**${cell.text}**` : cell.text)),
      ]),
    ),
  ].join('\n');
}

const latexSpecial: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '±': '$\\pm$',
  '−': '$-$',
  '–': '--',
  '→': '$\\to$',
  '≥': '$\\ge$',
  '<': '$<$',
  '>': '$>$',
};

function latexEscape(text: string): string {
  return text.replace(/[\\~^±−–→≥<>#$%&_{}]/g, (character) => latexSpecial[character] ?? `\\${character}`);
}

/** Needs `\usepackage{booktabs}`. */
function latexTable(content: TableContent, comparison: Comparison): string {
  const line = (cells: readonly string[]): string => `    ${cells.join(' & ')} \\\\`;
  const best = (cell: TableCell): string => {
    const [figure = '', spread] = cell.text.split(' ± ');
    const shown = cell.best ? `\\textbf{${figure}}` : latexEscape(figure);
    return spread === undefined ? shown : `${shown} $\\pm$ ${spread}`;
  };
  return [
    '% \\usepackage{booktabs}',
    '\\begin{table}',
    '  \\centering',
    `  \\caption{${latexEscape(content.caption.join(' '))}}`,
    `  \\label{tab:${comparison.experiment.replace(/[^A-Za-z0-9-]/g, '-')}}`,
    `  \\begin{tabular}{${'r'.repeat(leading.length + content.arms.length)}}`,
    '    \\toprule',
    line([...leading, ...content.arms].map(latexEscape)),
    '    \\midrule',
    ...content.rows.map((row) =>
      line([String(row.round), row.sparsity, row.remaining.replaceAll(',', '{,}'), ...row.cells.map(best)]),
    ),
    '    \\bottomrule',
    '  \\end{tabular}',
    '\\end{table}',
  ].join('\n');
}
