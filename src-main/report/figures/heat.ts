import type { FigureOf, Value } from '../../contract/figures.ts';
import { plain, type Grid } from '../grid.ts';
import { surfaceOf, type Palette } from '../palette.ts';
import { BAR, barRoom, colourBar, shareOn } from './colour-bar.ts';
import type { FigureChoice, FigureKind, Option, Room } from './drawing.ts';
import { base, fitted, textWidth, tooltipOf } from './frame.ts';
import { inkOn, rampColour } from './ramp.ts';
import { axisScale, figureAxis, lost, type AxisScale } from './scale.ts';
import { everyFew, furniture, line, text, type Box } from './shapes.ts';
import { columnOf, storedAs, tickText, valueText } from './units.ts';
import { captionOf, headOf, missingNote } from './xy.ts';

type Heat = FigureOf<'heat'>;

const LONGEST_ROW = 200;
const LONGEST_COLUMN = 130;
/** Pixels that a cell takes at most, and that one should have. */
const LARGEST = 64;
const WANTED = 38;
/** Width of a cell by its height, at most, and the reverse. */
const WIDEST = 2.6;

const known = ({ values }: Heat): number[] =>
  values.flat().filter((value): value is number => value !== null);

function colourScale(figure: Heat, choice: Pick<FigureChoice, 'scales'>): AxisScale {
  const { range } = figure;
  const ends = range ? [range.from, range.to] : known(figure);
  return axisScale(figure.value, ends, { scale: choice.scales?.value, ends: 'exact' });
}

/** The same things down and across: cells are squares then. */
function isSquare({ rows, columns }: Heat): boolean {
  return (
    rows.names.length === columns.names.length && rows.names.every((name, at) => name === columns.names[at])
  );
}

interface Layout {
  readonly box: Box;
  readonly cell: { readonly width: number; readonly height: number };
  readonly aslant: boolean;
  readonly bar: Box;
  /** Pixels for the name of a row. */
  readonly names: number;
}

/** Names of columns stand straight where cells are as wide as all of them. */
function standsAslant({ columns: { names } }: Heat, cellWidth: number): boolean {
  const widest = Math.max(0, ...names.map((name) => textWidth(name, 11)));
  return widest + 6 > cellWidth && names.some(({ length }) => length > 3);
}

function layoutOf(figure: Heat, scale: AxisScale, room: Room, width: number, height: number): Layout {
  const straight = laidOut(figure, { scale, room, width, height, aslant: false });
  if (!standsAslant(figure, straight.cell.width)) return straight;
  return laidOut(figure, { scale, room, width, height, aslant: true });
}

function laidOut(
  figure: Heat,
  {
    scale,
    room,
    width,
    height,
    aslant,
  }: {
    readonly scale: AxisScale;
    readonly room: Room;
    readonly width: number;
    readonly height: number;
    readonly aslant: boolean;
  },
): Layout {
  const { rows, columns } = figure;
  const longest = Math.min(LONGEST_ROW, 0.28 * width);
  const left = Math.max(28, ...rows.names.map((name) => Math.min(longest, 1.06 * textWidth(name, 11)))) + 14;
  const right = barRoom(scale.ticks.map(scale.text));
  const top = room.top + 34;
  const across = Math.max(1, columns.names.length);
  const down = Math.max(1, rows.names.length);
  const widest = Math.max(0, ...columns.names.map((name) => Math.min(LONGEST_COLUMN, textWidth(name, 11))));
  const inside = Math.max(40, width - left - right);
  const bottom = room.bottom + (aslant ? 30 + widest * 0.72 : 44);
  const tall = Math.max(40, height - top - bottom);
  const square = isSquare(figure);
  let [w, h] = [inside / across, Math.min(LARGEST, tall / down)];
  w = Math.min(w, square ? LARGEST : LARGEST * 1.5);
  if (square) w = h = Math.min(w, h);
  else [w, h] = [Math.min(w, WIDEST * h), Math.min(h, WIDEST * w)];
  const box = {
    x: left + Math.max(0, (inside - w * across) / 2),
    y: top,
    width: w * across,
    height: h * down,
  };
  return {
    box,
    cell: { width: w, height: h },
    aslant,
    names: left - 14,
    bar: { x: box.x + box.width + 18, y: box.y, width: BAR, height: Math.max(60, box.height) },
  };
}

/** Numbers in cells, as long as they have room: their text and its size. */
function writing(figure: Heat, { cell }: Layout): { text: (value: number) => string; size: number } | null {
  const values = known(figure);
  const { unit } = figure.value;
  // A plus sign before every one tells nothing.
  const gains = unit === 'points' && values.some((value) => value < 0);
  const exact = columnOf(values, unit === 'points' && !gains ? 'share' : unit).text;
  const factor = unit === 'share' || unit === 'points' ? 100 : 1;
  const largest = Math.max(0, ...values.map((value) => Math.abs(factor * value)));
  const span = factor * (Math.max(...values) - Math.min(...values));
  const longestOf = (each: (value: number) => string, size: number): number =>
    Math.max(0, ...values.map((value) => textWidth(each(value), size)));
  const texts: ((value: number) => string)[] = [exact];
  if (unit === 'number' && span > 0 && largest < 1e5) {
    // To a hundredth of what they span: colours tell no more apart.
    const step = 10 ** Math.floor(Math.log10(span / 100));
    const short = (value: number): string => tickText(value, step);
    if (longestOf(short, 9) < longestOf(exact, 9)) texts.unshift(short);
  }
  // With a decimal less, where that still tells them apart.
  if (unit === 'share' || unit === 'points' || unit === 'number') {
    for (const step of [0.1, 1]) {
      if (span >= 20 * step && largest < 1e5) texts.push((value) => tickText(factor * value, step));
    }
  }
  for (const each of texts) {
    for (const size of [11, 10, 9]) {
      if (longestOf(each, size) + 2 <= cell.width && size + 4 <= cell.height) return { text: each, size };
    }
  }
  return null;
}

function option(figure: Heat, choice: FigureChoice, room: Room): Option {
  const palette = surfaceOf(choice.theme);
  const scale = colourScale(figure, choice);
  const { rows, columns, value } = figure;
  const shareOf = (one: number): number => shareOn(scale, scale.at(one) ?? scale.min);
  return {
    ...base(palette),
    legend: { show: false },
    // Never seen: a chart's keys go along the series of one that has axes.
    grid: { show: false },
    xAxis: { type: 'value', show: false },
    yAxis: { type: 'value', show: false },
    ...tooltipOf(choice, palette, 'item', ([at]) => {
      const row = Number(at?.seriesId?.replace('row:', ''));
      const column = at?.dataIndex ?? -1;
      const [name, across] = [rows.names[row], columns.names[column]];
      if (name === undefined || across === undefined) return null;
      const one = figure.values[row]?.[column] ?? null;
      return {
        title: `${rows.label} ${name}, ${columns.label} ${across}`,
        lines: [
          { label: value.label, value: one === null ? 'missing' : valueText(one, value.unit), strong: true },
        ],
      };
    }),
    series: [
      ...rows.names.map((name, row) => ({
        id: `row:${row}`,
        name,
        type: 'custom',
        coordinateSystem: 'none',
        progressive: 0,
        data: columns.names.map((_, column) => [column, figure.values[row]?.[column] ?? null]),
        renderItem: (
          { dataIndex: column }: { readonly dataIndex: number },
          api: { getWidth(): number; getHeight(): number },
        ) => {
          const layout = layoutOf(figure, scale, room, api.getWidth(), api.getHeight());
          return cellOf(figure.values[row]?.[column] ?? null, layout, {
            row,
            column,
            shareOf,
            palette,
            choice,
          });
        },
        z: 2,
      })),
      furniture(
        'frame',
        (width, height) =>
          around(figure, scale, layoutOf(figure, scale, room, width, height), choice, palette),
        3,
      ),
    ],
  };
}

function cellOf(
  value: Value,
  { box, cell }: Layout,
  {
    row,
    column,
    shareOf,
    palette,
    choice,
  }: {
    readonly row: number;
    readonly column: number;
    readonly shareOf: (value: number) => number;
    readonly palette: Palette;
    readonly choice: FigureChoice;
  },
): Option {
  const gap = Math.min(cell.width, cell.height) >= 9 ? 1 : 0;
  const shape = {
    x: box.x + column * cell.width,
    y: box.y + row * cell.height,
    width: cell.width - gap,
    height: cell.height - gap,
  };
  const emphasis = { style: { stroke: palette.text, lineWidth: 2 } };
  if (value === null) {
    const { x, y, width, height } = shape;
    return {
      type: 'group',
      children: [
        {
          type: 'rect',
          shape,
          style: { fill: palette.background, stroke: palette.line, lineWidth: 1 },
          emphasis,
        },
        line(x, y + height, x + width, y, palette.line),
      ],
    };
  }
  return { type: 'rect', shape, style: { fill: rampColour(shareOf(value), choice.theme) }, emphasis };
}

/** Names, numbers and the scale of colours. */
function around(
  figure: Heat,
  scale: AxisScale,
  layout: Layout,
  { theme }: FigureChoice,
  palette: Palette,
): Option[] {
  const { rows, columns, values } = figure;
  const { box, cell, aslant, bar } = layout;
  const quiet = { colour: palette.quiet, size: 12 };
  const names = { colour: palette.text, size: 11 };
  const written = writing(figure, layout);
  const everyRow = everyFew(rows.names.length, cell.height, 13);
  const everyColumn = everyFew(
    columns.names.length,
    cell.width,
    aslant ? 15 : 6 + Math.max(0, ...columns.names.map((name) => textWidth(name, 11))),
  );
  const below = box.y + box.height;
  return [
    ...rows.names.flatMap((name, row) =>
      row % everyRow === 0
        ? [
            text(fitted(name, 11, layout.names), box.x - 7, box.y + (row + 0.5) * cell.height, {
              ...names,
              align: 'right',
            }),
          ]
        : [],
    ),
    ...columns.names.flatMap((name, column) => {
      if (column % everyColumn !== 0) return [];
      const x = box.x + (column + 0.5) * cell.width;
      return [
        aslant
          ? text(fitted(name, 11, LONGEST_COLUMN), x + 4, below + 6, {
              ...names,
              align: 'right',
              baseline: 'top',
              turned: Math.PI / 4,
            })
          : text(name, x, below + 7, { ...names, align: 'center', baseline: 'top' }),
      ];
    }),
    text(rows.label, box.x - 7, box.y - 16, {
      ...quiet,
      align: textWidth(rows.label, 12) > box.x - 14 ? 'left' : 'right',
    }),
    text(columns.label, box.x + box.width / 2, below + nameRoom(figure, aslant), {
      ...quiet,
      align: 'center',
      baseline: 'top',
    }),
    ...(written === null
      ? []
      : values.flatMap((cells, row) =>
          cells.flatMap((value, column) =>
            value === null || column >= columns.names.length
              ? []
              : [
                  text(
                    written.text(value),
                    box.x + (column + 0.5) * cell.width - 0.5,
                    box.y + (row + 0.5) * cell.height - 0.5,
                    {
                      colour: inkOn(shareOn(scale, scale.at(value) ?? scale.min), theme),
                      size: written.size,
                      align: 'center',
                    },
                  ),
                ],
          ),
        )),
    ...colourBar(bar, scale, theme, palette),
    text(scale.name, bar.x + bar.width, bar.y - 16, { ...quiet, align: barNameSide(scale, bar) }),
  ];
}

/** The name of the colours stands above their bar, and goes left where it is long. */
function barNameSide({ name, ticks, text: words }: AxisScale, { width }: Box): 'left' | 'right' {
  return textWidth(name, 12) > barRoom(ticks.map(words)) - 18 - width ? 'right' : 'left';
}

/** Pixels between the cells and the name below them. */
function nameRoom({ columns }: Heat, aslant: boolean): number {
  const widest = Math.max(0, ...columns.names.map((name) => Math.min(LONGEST_COLUMN, textWidth(name, 11))));
  return aslant ? 14 + widest * 0.72 : 26;
}

function height(figure: Heat, width: number): number {
  const { rows, columns } = figure;
  const scale = colourScale(figure, {});
  const room = { top: 0, bottom: 0, width: null };
  // With all the height it could want, then as much as it took.
  const { box, cell } = laidOut(figure, { scale, room, width, height: 100_000, aslant: false });
  const down = Math.max(1, rows.names.length);
  const wanted = isSquare(figure)
    ? Math.min(cell.width, Math.max(WANTED, 380 / down))
    : Math.min(WANTED, Math.max(16, 420 / down));
  // Cells that are less high are less wide.
  const across = Math.min(cell.width, isSquare(figure) ? wanted : WIDEST * wanted);
  const bottom = standsAslant(figure, across) ? nameRoom(figure, true) + 18 : 44;
  return (
    Math.round(Math.max(200, 34 + Math.min(box.height, wanted * down) + bottom)) +
    (columns.names.length === 0 ? 0 : 2)
  );
}

function grid(figure: Heat): Grid {
  const { rows, columns, values, value } = figure;
  const column = columnOf(known(figure), value.unit);
  return {
    caption: [
      ...captionOf(figure, false),
      `${headOf(value.label, column.unit)}: ${rows.label} down, ${columns.label} across.`,
    ],
    leading: [''],
    heads: columns.names,
    rows: rows.names.map((name, row) => ({
      leading: [name],
      cells: columns.names.map((_, at) => plain(column.text(values[row]?.[at] ?? null))),
    })),
    named: true,
  };
}

export const heatKind: FigureKind<Heat> = {
  option,
  axes: (figure) => [figureAxis('value', figure.value, known(figure))],
  height,
  notes: (figure, { scales }) => {
    const gone = lost(figure.value, known(figure), scales?.value);
    const empty = figure.values.flat().length - known(figure).length;
    return [
      gone === 0
        ? ''
        : `${gone} ${gone === 1 ? 'value' : 'values'} at or below zero: drawn in the colour of the smallest.`,
      missingNote(empty, 'cell'),
    ].filter((note) => note !== '');
  },
  csv: ({ rows, columns, values, value }) => [
    [`${rows.label} (row)`, `${columns.label} (column)`, `${value.label}${storedAs[value.unit]}`],
    ...rows.names.flatMap((name, row) =>
      columns.names.map((across, column) => [name, across, values[row]?.[column] ?? '']),
    ),
  ],
  grid,
  summary: (figure) => {
    const { rows, columns, values, value } = figure;
    const cells = values.flatMap((line, row) =>
      line.flatMap((one, column) => (one === null ? [] : [{ one, row, column }])),
    );
    const [first, ...others] = cells;
    if (!first) return `${value.label}: no values.`;
    const least = others.reduce((best, each) => (each.one < best.one ? each : best), first);
    const most = others.reduce((best, each) => (each.one > best.one ? each : best), first);
    const said = ({ one, row, column }: typeof first): string =>
      `${valueText(one, value.unit)} at ${rows.label} ${rows.names[row] ?? ''}, ${columns.label} ${columns.names[column] ?? ''}`;
    return `${value.label}, ${rows.names.length} × ${columns.names.length}. Smallest ${said(least)}; largest ${said(most)}.`;
  },
};
