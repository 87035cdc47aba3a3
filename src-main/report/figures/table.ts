import type { FigureOf } from '../../contract/figures.ts';
import { missing } from '../format.ts';
import { plain, type Grid } from '../grid.ts';
import type { FigureKind } from './drawing.ts';
import { columnOf, storedAs } from './units.ts';
import { captionOf, headOf } from './xy.ts';

type Table = FigureOf<'table'>;

function grid(figure: Table): Grid {
  const columns = figure.columns.map(({ label, unit }, index) => {
    const cells = figure.rows.map((row) => row[index] ?? null);
    if (unit === null)
      return {
        head: label,
        text: (cell: Table['rows'][number][number]) => (cell === null ? missing : String(cell)),
      };
    const column = columnOf(
      cells.map((cell) => (typeof cell === 'number' ? cell : null)),
      unit,
    );
    return {
      head: headOf(label, column.unit),
      text: (cell: Table['rows'][number][number]) => (typeof cell === 'string' ? cell : column.text(cell)),
    };
  });
  // Texts stand first: they name the row.
  const leading = figure.columns.findIndex(({ unit }) => unit !== null);
  const names = leading < 0 ? figure.columns.length : leading;
  return {
    caption: captionOf(figure, false),
    leading: columns.slice(0, names).map(({ head }) => head),
    heads: columns.slice(names).map(({ head }) => head),
    rows: figure.rows.map((row) => {
      const texts = columns.map(({ text }, index) => text(row[index] ?? null));
      return { leading: texts.slice(0, names), cells: texts.slice(names).map(plain) };
    }),
    named: names > 0,
  };
}

export const tableKind: FigureKind<Table> = {
  option: () => null,
  axes: () => [],
  height: () => 0,
  notes: () => [],
  csv: ({ columns, rows }) => [
    columns.map(({ label, unit }) => `${label}${unit === null ? '' : storedAs[unit]}`),
    ...rows.map((row) => columns.map((_, index) => row[index] ?? '')),
  ],
  grid,
  summary: ({ title, rows, columns }) =>
    `${title}: ${rows.length} rows of ${columns.map(({ label }) => label).join(', ')}.`,
};
