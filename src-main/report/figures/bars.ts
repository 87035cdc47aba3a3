import type { FigureOf, Value } from '../../contract/figures.ts';
import { plain, type Grid } from '../grid.ts';
import { surfaceOf } from '../palette.ts';
import type { FigureChoice, FigureKind, Option, Room } from './drawing.ts';
import { base, fitted, gridOf, legendHeight, legendOf, textWidth, tooltipOf } from './frame.ts';
import { whiskers, type BarPlace, type DrawApi } from './intervals.ts';
import { seriesLooks } from './looks.ts';
import { axisScale, figureAxis, leftRoom, yAxisOption, type AxisScale } from './scale.ts';
import { columnOf, intervalText, storedAs } from './units.ts';
import { captionOf, cellText, headOf, intervalNotes, lostNote, missingNote } from './xy.ts';

type Bars = FigureOf<'bars'>;
type Series = Bars['series'][number];

const GAPS = { barGap: '12%', barCategoryGap: '28%' };
/** Names of categories that take together more pixels than this stand aslant. */
const LEVEL_NAMES = 560;
const SLANT = 38;
const LONGEST_NAME = 150;

function shownSeries({ series }: Bars, { hidden }: Pick<FigureChoice, 'hidden'>): Series[] {
  return series.filter(({ label }) => !hidden?.has(label));
}

const valuesOf = (series: readonly Series[]): Value[] => series.flatMap(({ values }) => values);
const endsOf = (series: readonly Series[]): Value[] =>
  series.flatMap(({ low = [], high = [] }) => [...low, ...high]);

function isAslant({ categories }: Bars): boolean {
  return categories.reduce((sum, name) => sum + textWidth(name, 11) + 14, 0) > LEVEL_NAMES;
}

/** Pixels below the axis for names that stand aslant. */
function slantRoom({ categories }: Bars): number {
  const longest = Math.max(0, ...categories.map((name) => textWidth(fitted(name, 11, LONGEST_NAME), 11)));
  return Math.ceil(longest * Math.sin((SLANT * Math.PI) / 180)) + 4;
}

function verticalOf(
  { y }: Bars,
  shown: readonly Series[],
  { scales }: Pick<FigureChoice, 'scales'>,
): AxisScale {
  return axisScale(y, valuesOf(shown), {
    scale: scales?.y,
    ends: 'round',
    around: endsOf(shown),
    zero: true,
  });
}

function option(figure: Bars, choice: FigureChoice, room: Room): Option {
  const palette = surfaceOf(choice.theme);
  const looks = seriesLooks(figure.series, choice, palette.quiet);
  const shown = shownSeries(figure, choice);
  const y = verticalOf(figure, shown, choice);
  const drawn = shown.flatMap((series) => {
    const id = figure.series.indexOf(series);
    const look = looks[id];
    return look ? [{ series, look, id }] : [];
  });
  const legend = legendOf(shown.length > 1 ? shown.map(({ label }) => label) : [], palette, room);
  const left = leftRoom(y);
  const aslant = isAslant(figure);
  const below = aslant ? slantRoom(figure) : 0;
  return {
    ...base(palette),
    legend: legend.option,
    grid: {
      ...gridOf(room, { left, right: 16, legend: legend.height }),
      bottom: room.bottom + 28 + below,
    },
    xAxis: {
      type: 'category',
      data: figure.categories,
      axisLine: { show: true, onZero: true, lineStyle: { color: palette.quiet } },
      axisTick: { show: false },
      axisLabel: {
        color: palette.text,
        fontSize: 11,
        interval: 0,
        ...(aslant ? { rotate: SLANT, hideOverlap: figure.categories.length > 40 } : {}),
        formatter: (name: string) => fitted(name, 11, LONGEST_NAME),
      },
    },
    yAxis: yAxisOption(y, palette, left),
    ...tooltipOf(choice, palette, 'axis', (at) => {
      const index = at[0]?.dataIndex ?? -1;
      const category = figure.categories[index];
      if (category === undefined) return null;
      return {
        title: category,
        lines: drawn.map(({ series, look }) => ({
          label: series.label,
          value: intervalText(pointOf(series, index), figure.y.unit),
          colour: look.colour,
        })),
        ...(figure.bars && endsOf(shown).length > 0 ? { note: figure.bars } : {}),
      };
    }),
    series: [
      ...drawn.map(({ series, look, id }) => ({
        id: `bar:${id}`,
        name: series.label,
        type: 'bar',
        ...GAPS,
        barMaxWidth: 36,
        data: series.values.map((value) => y.at(value)),
        itemStyle: { color: look.colour },
        emphasis: { focus: 'none' },
        z: 2,
      })),
      ...drawn.flatMap(({ series, id }, place) =>
        whiskers(
          series.values.map((_, index) => ({
            x: index,
            low: y.at(series.low?.[index]),
            high: y.at(series.high?.[index]),
          })),
          {
            id: `interval:${id}`,
            name: series.label,
            colour: palette.text,
            min: y.min,
            max: y.max,
          },
          (api) => barPlace(api as BarApi, drawn.length, place),
        ),
      ),
    ],
  };
}

interface BarApi extends DrawApi {
  barLayout(choice: object): readonly { readonly offsetCenter: number; readonly width: number }[];
}

function barPlace(api: BarApi, count: number, place: number): BarPlace {
  const { offsetCenter = 0, width = 0 } = api.barLayout({ ...GAPS, barMaxWidth: 36, count })[place] ?? {};
  return { shift: offsetCenter, cap: Math.min(4, 0.32 * width) };
}

function pointOf({ values, low, high }: Series, index: number): { y: Value; low: Value; high: Value } {
  return { y: values[index] ?? null, low: low?.[index] ?? null, high: high?.[index] ?? null };
}

function grid(figure: Bars): Grid {
  const { categories, series, y } = figure;
  const column = columnOf([...valuesOf(series), ...endsOf(series)], y.unit);
  return {
    caption: [...captionOf(figure, endsOf(series).length > 0), `${headOf(y.label, column.unit)}.`],
    leading: [''],
    heads: series.map(({ label }) => label),
    rows: categories.map((name, index) => ({
      leading: [name],
      cells: series.map((each) => plain(cellText(pointOf(each, index), column.text))),
    })),
    named: true,
  };
}

export const barsKind: FigureKind<Bars> = {
  option,
  axes: (figure) => [figureAxis('y', figure.y, valuesOf(figure.series))],
  height: (figure, width, full) => {
    const names = figure.series.length > 1 ? figure.series.map(({ label }) => label) : [];
    return 290 + legendHeight(names, full ? width : null) + (isAslant(figure) ? slantRoom(figure) : 0);
  },
  notes: (figure, choice) => {
    const shown = shownSeries(figure, choice);
    const values = valuesOf(shown);
    return [
      ...intervalNotes(figure.bars, 'Bars', endsOf(shown), verticalOf(figure, shown, choice)),
      lostNote(figure.y, values, choice.scales?.y),
      missingNote(values.filter((value) => value === null).length, 'bar'),
    ].filter((note) => note !== '');
  },
  csv: (figure) => {
    const { categories, series, y } = figure;
    const intervals = endsOf(series).length > 0;
    return [
      ['category', 'series', `${y.label}${storedAs[y.unit]}`, ...(intervals ? ['low', 'high'] : [])],
      ...categories.flatMap((category, index) =>
        series.map((each) => {
          const { y: value, low, high } = pointOf(each, index);
          return [category, each.label, value ?? '', ...(intervals ? [low ?? '', high ?? ''] : [])];
        }),
      ),
    ];
  },
  grid,
  summary: ({ y, categories, series }) => {
    const parts = series.slice(0, 8).map(({ label, values }) => {
      const known = values.flatMap((value, index) => (value === null ? [] : [{ value, index }]));
      const [first, ...others] = known;
      if (!first) return `${label}: no values`;
      const most = others.reduce((best, each) => (each.value > best.value ? each : best), first);
      const least = others.reduce((best, each) => (each.value < best.value ? each : best), first);
      const said = ({ value, index }: typeof first): string =>
        `${intervalText({ y: value }, y.unit)} (${categories[index] ?? ''})`;
      return `${label}: ${said(least)} to ${said(most)}`;
    });
    return `${y.label} of ${categories.length} categories. ${parts.join('; ')}.`;
  },
};
