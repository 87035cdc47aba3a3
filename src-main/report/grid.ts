import { columns, missing, visibleWidth, wrap } from './format.ts';

export type TableFormat = 'text' | 'markdown' | 'latex';

/** One figure of a table, before it is laid out. */
export interface TableCell {
  /** `97.31`, or `97.31 ± 0.12` with several seeds; `–` where the round is missing. */
  readonly text: string;
  /** The best of its row at the shown precision; ties are all marked. */
  readonly best: boolean;
}

/** A table, free of layout. Every row begins with as many texts as `leading`, then one cell each of `heads`. */
export interface Grid {
  readonly caption: readonly string[];
  readonly leading: readonly string[];
  readonly heads: readonly string[];
  readonly rows: readonly { readonly leading: readonly string[]; readonly cells: readonly TableCell[] }[];
  /** Whether the first column holds names, not numbers. */
  readonly named?: boolean;
  /** Whether what is compared stands below each other: the best is that of a column. */
  readonly turned?: boolean;
}

export interface GridOptions {
  readonly format: TableFormat;
  /** Text only: print the best of a row bold as well. */
  readonly colour: boolean;
  /** Text only: columns of the terminal; what does not fit goes into a further block below. */
  readonly width: number;
  /** LaTeX only: what `\ref` names it by, after `tab:`. */
  readonly label: string;
}

/** A cell that is no candidate for the best. */
export function plain(text: string): TableCell {
  return { text, best: false };
}

/** No newline at the end. */
export function gridText(grid: Grid, options: GridOptions): string {
  switch (options.format) {
    case 'text':
      return terminalTable(grid, options.colour, options.width);
    case 'markdown':
      return markdownTable(grid);
    case 'latex':
      return latexTable(grid, options.label);
  }
}

function alignments({ leading, heads, named }: Grid): ('left' | 'right')[] {
  return [...leading, ...heads].map((_, at) => (named && at === 0 ? 'left' : 'right'));
}

function terminalTable(grid: Grid, colour: boolean, width: number): string {
  const figures = grid.rows.flatMap(({ cells }) => cells);
  const marked = figures.some(({ best }) => best);
  const mark = (cell: TableCell): string => {
    if (!marked) return cell.text;
    // The star keeps its place in every row, so that figures stay under each other.
    const text = `${cell.text}${cell.best ? '*' : ' '}`;
    return cell.best && colour ? `\u001b[1m${text}\u001b[22m` : text;
  };
  const align = alignments(grid);
  const block = (shown: readonly number[]): string[] =>
    columns(
      [
        [...grid.leading, ...shown.map((at) => `${grid.heads[at] ?? ''}${marked ? ' ' : ''}`)],
        ...grid.rows.map((row) => [
          ...row.leading,
          ...shown.map((at) => mark(row.cells[at] ?? plain(missing))),
        ]),
      ],
      align.slice(0, grid.leading.length + shown.length),
    );
  const blocks = fitting(grid, width).map(block);
  const spreads = figures.some(({ text }) => text.includes('±'));
  const caption = [
    ...grid.caption,
    ...(marked ? [`* best of the ${grid.turned ? 'column' : 'row'}${spreads ? ' (mean)' : ''}.`] : []),
  ];
  return [
    ...wrap(caption.join(' '), width),
    '',
    ...blocks.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines])),
  ].join('\n');
}

/** Share the columns out to blocks no wider than `width`; every block holds one at least. */
function fitting({ leading, heads, rows }: Grid, width: number): number[][] {
  const widest = (head: string, texts: readonly string[]): number =>
    Math.max(...[head, ...texts].map(visibleWidth));
  const start = leading
    .map((head, at) =>
      widest(
        head,
        rows.map((row) => row.leading[at] ?? ''),
      ),
    )
    .reduce((sum, column) => sum + 2 + column, -2);
  const blocks: number[][] = [];
  let used = Number.POSITIVE_INFINITY;
  heads.forEach((head, index) => {
    const needed =
      3 +
      widest(
        head,
        rows.map(({ cells }) => cells[index]?.text ?? ''),
      );
    if (used + needed > width) {
      blocks.push([]);
      used = start;
    }
    blocks.at(-1)?.push(index);
    used += needed;
  });
  return blocks.length === 0 ? [[]] : blocks;
}

/** Text that says itself in Markdown, in a table too. */
export function markdownText(text: string): string {
  return text.replace(/[|\\*_<]/g, '\\$&');
}

function markdownTable(grid: Grid): string {
  const escape = markdownText;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    ...(grid.caption.length === 0 ? [] : [escape(grid.caption.join(' ')), '']),
    line([...grid.leading, ...grid.heads].map(escape)),
    line(alignments(grid).map((side) => (side === 'left' ? '---' : '--:'))),
    ...grid.rows.map((row) =>
      line([
        ...row.leading.map(escape),
        ...row.cells.map(({ text, best }) => (best ? `**${escape(text)}**` : escape(text))),
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
function latexTable(grid: Grid, label: string): string {
  const line = (cells: readonly string[]): string => `    ${cells.join(' & ')} \\\\`;
  const number = (text: string): string => latexEscape(text).replace(/(?<=\d),(?=\d{3})/g, '{,}');
  const best = (cell: TableCell): string => {
    const [figure = '', spread] = cell.text.split(' ± ');
    const shown = cell.best ? `\\textbf{${figure}}` : number(figure);
    return spread === undefined ? shown : `${shown} $\\pm$ ${spread}`;
  };
  const align = alignments(grid).map((side) => side.charAt(0));
  return [
    '% \\usepackage{booktabs}',
    '\\begin{table}',
    '  \\centering',
    `  \\caption{${latexEscape(grid.caption.join(' '))}}`,
    `  \\label{tab:${label.replace(/[^A-Za-z0-9-]/g, '-')}}`,
    `  \\begin{tabular}{${align.join('')}}`,
    '    \\toprule',
    line([...grid.leading, ...grid.heads].map(latexEscape)),
    '    \\midrule',
    ...grid.rows.map((row) => line([...row.leading.map(number), ...row.cells.map(best)])),
    '    \\bottomrule',
    '  \\end{tabular}',
    '\\end{table}',
  ].join('\n');
}
