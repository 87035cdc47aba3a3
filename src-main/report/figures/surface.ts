import type { FigureOf } from '../../contract/figures.ts';
import { niceStep, tidy } from '../axes.ts';
import { plain, type Grid } from '../grid.ts';
import { surfaceOf, type Palette, type Theme } from '../palette.ts';
import { BAR, barRoom, levelBar } from './colour-bar.ts';
import { contoursOf, levelScale, levelsOf, type Level, type Ring } from './contours.ts';
import type { FigureChoice, FigureKind, Option, Room } from './drawing.ts';
import { base, fitted, textWidth, tooltipOf } from './frame.ts';
import { placeLabels } from './labels.ts';
import { rampColour } from './ramp.ts';
import { axisScale, figureAxis } from './scale.ts';
import { frame, furniture, line, text, type Box } from './shapes.ts';
import { columnOf, readable, storedAs, tickText, valueText } from './units.ts';
import { captionOf, headOf, missingNote } from './xy.ts';

type Surface = FigureOf<'surface'>;

const known = ({ values }: Surface): number[] =>
  values.flat().filter((value): value is number => value !== null);

/** What is drawn, before its place is known. */
interface Picture {
  readonly levels: readonly Level[];
  readonly colours: readonly string[];
  /** Of the levels between two colours. */
  readonly words: readonly string[];
  readonly valueName: string;
}

function pictureOf(figure: Surface, choice: FigureChoice): Picture {
  const values = known(figure);
  const scale = choice.scales?.value ?? levelScale(values, figure.value.scale);
  const numbers = levelsOf(values, scale);
  const levels = contoursOf(figure, numbers);
  const axis = axisScale(figure.value, values, { scale, ends: 'exact' });
  const last = Math.max(1, levels.length - 1);
  const shown = numbers.map((level) => axis.at(level) ?? 0);
  const steps = shown.slice(1).map((level, index) => Math.abs(level - (shown[index] ?? 0)));
  const step = Math.min(Infinity, ...steps);
  const even = steps.length > 0 && Math.max(...steps) < 1.01 * step;
  return {
    levels,
    colours: levels.map((_, index) => rampColour(levels.length === 1 ? 0.5 : index / last, choice.theme)),
    words: shown.map((level) => (even ? tickText(level, step) : readable(level, 3))),
    valueName: axis.name,
  };
}

interface Layout {
  readonly box: Box;
  readonly bar: Box;
  readonly x: Plane;
  readonly y: Plane;
  readonly at: (point: readonly [number, number]) => [number, number];
}

/** An axis of the plane: its ends and its ticks. */
interface Plane {
  readonly low: number;
  readonly high: number;
  readonly step: number;
  readonly ticks: readonly number[];
}

function planeOf(values: readonly number[], extra: readonly number[]): Plane {
  const all = [...values, ...extra];
  const low = Math.min(...all);
  const high = Math.max(...all);
  const step = niceStep((high - low || 1) / 5);
  const first = Math.ceil(low / step - 1e-9);
  const ticks = Array.from({ length: Math.max(0, Math.floor(high / step + 1e-9) - first + 1) }, (_, at) =>
    tidy((first + at) * step),
  );
  return { low, high, step, ticks };
}

function layoutOf(figure: Surface, picture: Picture, room: Room, width: number, height: number): Layout {
  const x = planeOf(figure.x.values, []);
  const y = planeOf(figure.y.values, []);
  const left = 26 + Math.max(16, ...y.ticks.map((tick) => textWidth(tickText(tick, y.step), 11)));
  const right = barRoom(picture.words);
  const top = room.top + 34;
  const across = Math.max(40, width - left - right);
  const down = Math.max(40, height - top - room.bottom - 46);
  const [spanX, spanY] = [x.high - x.low || 1, y.high - y.low || 1];
  // One unit is as long down as it is across.
  const scale = Math.min(across / spanX, down / spanY);
  const box = { x: left + (across - scale * spanX) / 2, y: top, width: scale * spanX, height: scale * spanY };
  return {
    box,
    bar: { x: box.x + box.width + 18, y: box.y, width: BAR, height: box.height },
    x,
    y,
    at: ([h, v]) => [box.x + (h - x.low) * scale, box.y + box.height - (v - y.low) * scale],
  };
}

function option(figure: Surface, choice: FigureChoice, room: Room): Option {
  const palette = surfaceOf(choice.theme);
  const picture = pictureOf(figure, choice);
  const { x, y, value, marks } = figure;
  const samples = y.values.flatMap((v, row) =>
    x.values.map((h, column) => ({ h, v, row, column, one: figure.values[row]?.[column] ?? null })),
  );
  const lay = (width: number, height: number): Layout => layoutOf(figure, picture, room, width, height);
  const place = (h: number, v: number): { label: string; value: string }[] => [
    { label: x.label, value: readable(h) },
    { label: y.label, value: readable(v) },
  ];
  return {
    ...base(palette),
    legend: { show: false },
    // Never seen: a chart's keys go along the series of one that has axes.
    grid: { show: false },
    xAxis: { type: 'value', show: false },
    yAxis: { type: 'value', show: false },
    ...tooltipOf(choice, palette, 'item', ([at]) => {
      const index = at?.dataIndex ?? -1;
      const mark = at?.seriesId === 'marks' ? marks[index] : undefined;
      if (mark)
        return {
          title: mark.label,
          lines: [
            { label: value.label, value: valueText(mark.value, value.unit), strong: true },
            ...place(mark.x, mark.y),
          ],
        };
      const sample = at?.seriesId === 'samples' ? samples[index] : undefined;
      if (!sample) return null;
      const said = sample.one === null ? 'missing' : valueText(sample.one, value.unit);
      return { title: `${value.label} ${said}`, lines: place(sample.h, sample.v) };
    }),
    series: [
      {
        id: 'marks',
        name: 'marks',
        type: 'custom',
        coordinateSystem: 'none',
        data: marks.map((mark) => [mark.x, mark.y]),
        renderItem: (
          { dataIndex }: { dataIndex: number },
          api: { getWidth(): number; getHeight(): number },
        ) => {
          const mark = marks[dataIndex];
          if (!mark) return null;
          const [cx, cy] = lay(api.getWidth(), api.getHeight()).at([mark.x, mark.y]);
          return {
            type: 'circle',
            shape: { cx, cy, r: 5 },
            style: { fill: palette.background, stroke: palette.text, lineWidth: 2 },
            emphasis: { style: { fill: palette.text } },
          };
        },
        z: 6,
      },
      {
        id: 'samples',
        name: value.label,
        type: 'custom',
        coordinateSystem: 'none',
        progressive: 0,
        data: samples.map(({ h, v }) => [h, v]),
        renderItem: (
          { dataIndex }: { dataIndex: number },
          api: { getWidth(): number; getHeight(): number },
        ) => {
          const sample = samples[dataIndex];
          return sample ? around(sample, figure, lay(api.getWidth(), api.getHeight()), palette) : null;
        },
        z: 4,
      },
      furniture('areas', (width, height) => areas(picture, lay(width, height), palette, choice.theme), 1),
      furniture('frame', (width, height) => axes(figure, picture, lay(width, height), palette), 3),
      furniture('paths', (width, height) => paths(figure, lay(width, height), palette), 5),
    ],
  };
}

/** Nothing to be seen: where the pointer is told a sample's value. */
function around(
  { h, v, row, column }: { h: number; v: number; row: number; column: number },
  { x, y }: Surface,
  { at }: Layout,
  palette: Palette,
): Option {
  const half = (values: readonly number[], index: number, own: number, step: -1 | 1): number =>
    ((values[index + step] ?? own) + own) / 2;
  const [x1, y1] = at([half(x.values, column, h, -1), half(y.values, row, v, -1)]);
  const [x2, y2] = at([half(x.values, column, h, 1), half(y.values, row, v, 1)]);
  const shape = {
    x: Math.min(x1, x2),
    y: Math.min(y1, y2),
    width: Math.abs(x2 - x1),
    height: Math.abs(y2 - y1),
  };
  return {
    type: 'rect',
    shape,
    style: { fill: 'transparent' },
    emphasis: { style: { fill: 'transparent', stroke: palette.text, lineWidth: 1 } },
  };
}

function pathOf(rings: readonly Ring[], at: Layout['at'], closed: boolean): string {
  return rings
    .map((ring) => {
      const points = ring.map((point) =>
        at(point)
          .map((one) => one.toFixed(1))
          .join(','),
      );
      return `M${points.join('L')}${closed ? 'Z' : ''}`;
    })
    .join('');
}

function areas({ levels, colours }: Picture, { at, box }: Layout, palette: Palette, theme: Theme): Option[] {
  return [
    { type: 'rect', shape: box, style: { fill: palette.background } },
    ...levels.flatMap(({ area }, index) =>
      area.length === 0
        ? []
        : [
            {
              type: 'path',
              shape: { pathData: pathOf(area, at, true) },
              style: { fill: colours[index], stroke: 'none' },
            },
          ],
    ),
    ...levels.flatMap(({ lines }) =>
      lines.length === 0
        ? []
        : [
            {
              type: 'path',
              shape: { pathData: pathOf(lines, at, false) },
              style: {
                fill: 'none',
                stroke: theme === 'light' ? '#16181b' : '#ffffff',
                lineWidth: 0.75,
                opacity: 0.4,
              },
            },
          ],
    ),
  ];
}

function axes(figure: Surface, picture: Picture, layout: Layout, palette: Palette): Option[] {
  const { box, bar, x, y, at } = layout;
  const quiet = { colour: palette.quiet, size: 12 };
  const foot = box.y + box.height;
  return [
    frame(box, palette.quiet),
    ...x.ticks.flatMap((tick) => {
      const [h] = at([tick, y.low]);
      return [
        line(h, foot, h, foot + 4, palette.quiet),
        text(tickText(tick, x.step), h, foot + 7, {
          colour: palette.quiet,
          align: 'center',
          baseline: 'top',
        }),
      ];
    }),
    ...y.ticks.flatMap((tick) => {
      const [, v] = at([x.low, tick]);
      return [
        line(box.x - 4, v, box.x, v, palette.quiet),
        text(tickText(tick, y.step), box.x - 7, v, { colour: palette.quiet, align: 'right' }),
      ];
    }),
    text(figure.x.label, box.x + box.width / 2, foot + 26, { ...quiet, align: 'center', baseline: 'top' }),
    text(figure.y.label, box.x - 26, box.y - 16, quiet),
    ...(picture.colours.length === 0 ? [] : levelBar(bar, picture.colours, picture.words, palette)),
    text(picture.valueName, bar.x + bar.width + 4, bar.y - 16, { ...quiet, align: 'right' }),
  ];
}

function paths(figure: Surface, { at, box }: Layout, palette: Palette): Option[] {
  const lines = figure.paths.map(({ points }) => points.map(at));
  const dots = figure.marks.map((mark) => at([mark.x, mark.y]));
  const labels = placeLabels(
    figure.marks.map(({ label }, index) => ({ label: fitted(label, 12, 180), at: dots[index] ?? [0, 0] })),
    { box, dots, lines },
  );
  return [
    ...lines.flatMap((points) =>
      [
        { stroke: palette.background, lineWidth: 4, opacity: 0.7 },
        { stroke: palette.text, lineWidth: 1.5 },
      ].map((style) => ({ type: 'polyline', shape: { points }, style: { ...style, fill: 'none' } })),
    ),
    ...labels.map(({ label, x, y, align }) =>
      text(label, x, y, { colour: palette.text, size: 12, weight: 600, align, halo: palette.background }),
    ),
  ];
}

function grid(figure: Surface): Grid {
  const { x, y, value, marks } = figure;
  const column = columnOf([...marks.map((mark) => mark.value), ...known(figure)], value.unit);
  const ends = extremes(figure);
  const rows = [
    ...marks.map((mark) => ({ label: mark.label, x: mark.x, y: mark.y, value: mark.value })),
    ...(ends === null
      ? []
      : [
          { label: 'smallest of the grid', ...ends.least },
          { label: 'largest of the grid', ...ends.most },
        ]),
  ];
  return {
    caption: captionOf(figure, false),
    leading: ['point'],
    heads: [x.label, y.label, headOf(value.label, column.unit)],
    rows: rows.map((row) => ({
      leading: [row.label],
      cells: [plain(readable(row.x)), plain(readable(row.y)), plain(column.text(row.value))],
    })),
    named: true,
  };
}

interface Sample {
  readonly x: number;
  readonly y: number;
  readonly value: number;
}

function extremes({ x, y, values }: Surface): { least: Sample; most: Sample } | null {
  const samples = y.values.flatMap((v, row) =>
    x.values.flatMap((h, column): Sample[] => {
      const value = values[row]?.[column] ?? null;
      return value === null ? [] : [{ x: h, y: v, value }];
    }),
  );
  const [first, ...others] = samples;
  if (!first) return null;
  return {
    least: others.reduce((best, each) => (each.value < best.value ? each : best), first),
    most: others.reduce((best, each) => (each.value > best.value ? each : best), first),
  };
}

export const surfaceKind: FigureKind<Surface> = {
  option,
  axes: (figure) => [
    figureAxis(
      'value',
      { ...figure.value, scale: levelScale(known(figure), figure.value.scale) },
      known(figure),
    ),
  ],
  height: (figure, width) => {
    const x = planeOf(figure.x.values, []);
    const y = planeOf(figure.y.values, []);
    const ratio = (y.high - y.low || 1) / (x.high - x.low || 1);
    return Math.round(Math.min(560, Math.max(260, 80 + ratio * Math.max(120, width - 140))));
  },
  notes: (figure) => {
    const all = figure.x.values.length * figure.y.values.length;
    return [missingNote(all - known(figure).length, 'place')].filter((note) => note !== '');
  },
  csv: ({ x, y, value, values, marks, paths: lines }) => [
    ['what', 'label', x.label, y.label, `${value.label}${storedAs[value.unit]}`],
    ...y.values.flatMap((v, row) =>
      x.values.map((h, column) => ['grid', '', h, v, values[row]?.[column] ?? '']),
    ),
    ...marks.map((mark) => ['mark', mark.label, mark.x, mark.y, mark.value ?? '']),
    ...lines.flatMap(({ label, points }) => points.map(([h, v]) => ['path', label, h, v, ''])),
  ],
  grid,
  summary: (figure) => {
    const { value, marks } = figure;
    const ends = extremes(figure);
    const named = marks.slice(0, 8).map((mark) => `${mark.label} ${valueText(mark.value, value.unit)}`);
    const range =
      ends === null
        ? 'no values'
        : `from ${valueText(ends.least.value, value.unit)} to ${valueText(ends.most.value, value.unit)}`;
    return `${value.label} over a plane, ${range}.${named.length === 0 ? '' : ` ${named.join(', ')}.`}`;
  },
};
