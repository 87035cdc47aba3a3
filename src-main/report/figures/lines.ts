import type { FigureOf } from '../../contract/figures.ts';
import { endLabel } from '../charts.ts';
import { surfaceOf, type Palette } from '../palette.ts';
import type { FigureChoice, FigureKind, Option, Room } from './drawing.ts';
import { base, gridOf, legendHeight, legendOf, textWidth, tooltipOf } from './frame.ts';
import { band, beside, whiskers } from './intervals.ts';
import { seriesLooks, type SeriesLook } from './looks.ts';
import { axisScale, leftRoom, xAxisOption, yAxisOption, type AxisScale } from './scale.ts';
import { intervalText, valueText } from './units.ts';
import {
  endsOf,
  hasInterval,
  intervalNotes,
  shownSeries,
  verticalOf,
  xsOf,
  xyAxes,
  xyCsv,
  xyGrid,
  xyNotes,
  xySummary,
  type Point,
  type Series,
} from './xy.ts';

type Lines = FigureOf<'lines'>;

/** Up to so many lines have their names at their ends; more, or longer names, stand in a legend. */
const NAMES_AT_ENDS = 7;
const LONGEST_NAME = 24;
/** Intervals of up to so many points a line are bars; of more, a band. */
const BARS = 14;
/** Lines of more points than this are drawn without symbols. */
const SYMBOLS = 40;

function areAtEnds(names: readonly string[]): boolean {
  return names.length <= NAMES_AT_ENDS && names.every(({ length }) => length <= LONGEST_NAME);
}

/** Pixels right of the chart for semi-bold names at the ends of lines. */
function endRoom(names: readonly string[]): number {
  return Math.max(56, 20 + 1.14 * Math.max(0, ...names.map((name) => textWidth(name, 12))));
}

function option(figure: Lines, choice: FigureChoice, room: Room): Option {
  const palette = surfaceOf(choice.theme);
  const looks = seriesLooks(figure.series, choice, palette.quiet);
  const shown = shownSeries(figure, choice);
  const x = axisScale(figure.x, xsOf(shown), { scale: choice.scales?.x, ends: 'exact' });
  const y = verticalOf(figure, shown, choice);
  const names = shown.map(({ label }) => label);
  const atEnds = areAtEnds(names);
  const legend = legendOf(
    atEnds ? [] : names,
    palette,
    room,
    shown.flatMap(({ label, dashed }) => (dashed ? [label] : [])),
  );
  const left = leftRoom(y);
  const lookOf = (series: Series): SeriesLook | undefined => looks[figure.series.indexOf(series)];
  const drawn = shown.flatMap((series) => {
    const look = lookOf(series);
    return look ? [{ series, look, id: figure.series.indexOf(series) }] : [];
  });
  return {
    ...base(palette),
    legend: legend.option,
    grid: gridOf(room, { left, right: atEnds ? endRoom(names) : 24, legend: legend.height }),
    xAxis: xAxisOption(x, palette),
    yAxis: yAxisOption(y, palette, left),
    ...tooltipOf(choice, palette, 'axis', (at) => {
      const points = at.flatMap(({ seriesId = '', dataIndex }) => {
        const found = drawn.find(({ id }) => seriesId === `line:${id}`);
        const point = found?.series.points[dataIndex];
        return found && point ? [{ ...found, point }] : [];
      });
      const [first] = points;
      if (!first) return null;
      const name = points.every(({ point }) => point.name === first.point.name)
        ? first.point.name
        : undefined;
      return {
        title: `${name === undefined ? '' : `${name}: `}${figure.x.label} ${valueText(first.point.x, figure.x.unit)}`,
        lines: points.map(({ series, look, point }) => ({
          label: series.label,
          value: intervalText(point, figure.y.unit),
          colour: look.colour,
        })),
        ...(figure.bars && points.some(({ point }) => hasInterval(point)) ? { note: figure.bars } : {}),
      };
    }),
    series: [
      ...drawn.map(({ series, look, id }) =>
        lineOf(series, look, { id: `line:${id}`, x, y, palette, named: atEnds }),
      ),
      ...drawn.flatMap(({ series, look, id }, place) => {
        const intervals = series.points.filter(hasInterval).map((point) => ({
          x: x.at(point.x),
          low: y.at(point.low),
          high: y.at(point.high),
        }));
        const own = { id: `interval:${id}`, name: series.label, colour: look.colour, min: y.min, max: y.max };
        return series.points.length > BARS
          ? band(intervals, own)
          : whiskers(intervals, own, beside(place, drawn.length));
      }),
    ],
  };
}

/** Places of points without those at the end that have no value: there the name stands. */
function placed(points: readonly Point[], x: AxisScale, y: AxisScale): [number | null, number | null][] {
  const all = points.map((point): [number | null, number | null] => [x.at(point.x), y.at(point.y)]);
  let end = all.length;
  while (end > 0 && all[end - 1]?.[1] === null) end--;
  return all.slice(0, end);
}

function lineOf(
  series: Series,
  look: SeriesLook,
  { id, x, y, palette, named }: { id: string; x: AxisScale; y: AxisScale; palette: Palette; named: boolean },
): Option {
  const many = series.points.length > SYMBOLS;
  const plainly = many || (series.dashed ?? false);
  return {
    id,
    name: series.label,
    type: 'line',
    data: placed(series.points, x, y),
    symbol: look.symbol,
    symbolSize: look.hollow ? 6 : 7,
    showSymbol: !plainly || series.points.length === 1,
    showAllSymbol: true,
    lineStyle: { width: many ? 1.5 : look.width, type: look.line, color: look.colour },
    itemStyle: look.hollow
      ? { color: palette.background, borderColor: look.colour, borderWidth: 1.75 }
      : { color: look.colour },
    ...(named ? endLabel(palette, look.colour, x.inverse, series.dashed ? 400 : 600) : {}),
    emphasis: { focus: 'none', scale: 1.3 },
    z: series.dashed ? 2 : 4,
  };
}

export const linesKind: FigureKind<Lines> = {
  option,
  axes: xyAxes,
  height: ({ series }, width, full) => {
    const names = series.map(({ label }) => label);
    return 330 + legendHeight(areAtEnds(names) ? [] : names, full ? width : null);
  },
  notes: (figure, choice) => {
    const shown = shownSeries(figure, choice);
    const drawn = shown.some(({ points }) => points.length > BARS) ? 'Bands' : 'Bars';
    return [
      ...intervalNotes(figure.bars, drawn, endsOf(shown), verticalOf(figure, shown, choice)),
      ...xyNotes(figure, choice),
    ];
  },
  csv: xyCsv,
  grid: (figure) => xyGrid(figure),
  summary: xySummary,
};
