import type { FigureOf } from '../../contract/figures.ts';
import { surfaceOf, type Palette } from '../palette.ts';
import type { FigureChoice, FigureKind, Option, Room } from './drawing.ts';
import { base, gridOf, legendHeight, legendOf, tooltipOf } from './frame.ts';
import { front } from './front.ts';
import { whiskers } from './intervals.ts';
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

type Scatter = FigureOf<'scatter'>;

/** Of points that another beats. */
const BEATEN = 0.4;

/** Points that no other beats, of all that are shown; `null` where better is not said. */
function frontOf({ better }: Scatter, series: readonly Series[]): Point[] | null {
  if (better === undefined) return null;
  const all = series.flatMap(({ points }) =>
    points.flatMap((point) => (point.y === null ? [] : [{ x: point.x, y: point.y, point }])),
  );
  return front(all, better).map(({ point }) => point);
}

function option(figure: Scatter, choice: FigureChoice, room: Room): Option {
  const palette = surfaceOf(choice.theme);
  const looks = seriesLooks(figure.series, choice, palette.quiet);
  const shown = shownSeries(figure, choice);
  const x = axisScale(figure.x, xsOf(shown), { scale: choice.scales?.x, ends: 'padded' });
  const y = verticalOf(figure, shown, choice);
  const best = frontOf(figure, shown);
  const drawn = shown.flatMap((series) => {
    const id = figure.series.indexOf(series);
    const look = looks[id];
    return look ? [{ series, look, id }] : [];
  });
  const legend = legendOf(
    [...shown.map(({ label }) => label), ...(best === null ? [] : [FRONT])],
    palette,
    room,
    [FRONT],
  );
  const left = leftRoom(y);
  return {
    ...base(palette),
    legend: legend.option,
    grid: gridOf(room, { left, right: 24, legend: legend.height }),
    xAxis: xAxisOption(x, palette),
    yAxis: yAxisOption(y, palette, left),
    ...tooltipOf(choice, palette, 'item', ([at]) => {
      const found = drawn.find(({ id }) => at?.seriesId === `points:${id}`);
      const point = found?.series.points[at?.dataIndex ?? -1];
      if (!found || !point) return null;
      const { series, look } = found;
      return {
        title: point.name === undefined ? series.label : `${series.label}, ${point.name}`,
        lines: [
          {
            label: figure.y.label,
            value: intervalText(point, figure.y.unit),
            colour: look.colour,
            strong: true,
          },
          { label: figure.x.label, value: valueText(point.x, figure.x.unit) },
        ],
        note: [
          ...(best?.includes(point) ? ['No other is better for as much.'] : []),
          ...(figure.bars && hasInterval(point) ? [figure.bars] : []),
        ].join(' '),
      };
    }),
    series: [
      ...drawn.map(({ series, look, id }) =>
        pointsOf(series, look, { id: `points:${id}`, x, y, palette, best }),
      ),
      ...drawn.flatMap(({ series, look, id }) =>
        whiskers(
          series.points.filter(hasInterval).map((point) => ({
            x: x.at(point.x),
            low: y.at(point.low),
            high: y.at(point.high),
            opacity: best === null || best.includes(point) ? 1 : BEATEN,
          })),
          { id: `interval:${id}`, name: series.label, colour: look.colour, min: y.min, max: y.max },
        ),
      ),
      ...(best === null ? [] : [frontLine(best, x, y, palette)]),
    ],
  };
}

const FRONT = 'best for its cost';

/** The points of an arm in the order they come, joined by a thin line. */
function pointsOf(
  series: Series,
  look: SeriesLook,
  {
    id,
    x,
    y,
    palette,
    best,
  }: { id: string; x: AxisScale; y: AxisScale; palette: Palette; best: Point[] | null },
): Option {
  return {
    id,
    name: series.label,
    type: 'line',
    data: series.points.map((point) => ({
      value: [x.at(point.x), y.at(point.y)],
      itemStyle: { opacity: best === null || best.includes(point) ? 1 : BEATEN },
    })),
    symbol: look.symbol,
    symbolSize: 8,
    showSymbol: true,
    showAllSymbol: true,
    lineStyle: { width: 1, type: look.line, color: look.colour, opacity: best === null ? 0.6 : 0.35 },
    itemStyle: look.hollow
      ? { color: palette.background, borderColor: look.colour, borderWidth: 1.75 }
      : { color: look.colour },
    emphasis: { focus: 'none', scale: 1.4, itemStyle: { opacity: 1 } },
    z: 4,
  };
}

/** What is the best to be had for a cost: level until the next point that is better. */
function frontLine(best: readonly Point[], x: AxisScale, y: AxisScale, palette: Palette): Option {
  return {
    id: 'front',
    name: FRONT,
    type: 'line',
    silent: true,
    step: 'end',
    symbol: 'none',
    data: best.map((point) => [x.at(point.x), y.at(point.y)]),
    lineStyle: { color: palette.text, width: 1.25, type: [2, 3], opacity: 0.8 },
    itemStyle: { color: palette.text },
    tooltip: { show: false },
    z: 3,
  };
}

export const scatterKind: FigureKind<Scatter> = {
  option,
  axes: xyAxes,
  height: ({ series, better }, width, full) => {
    const names = [...series.map(({ label }) => label), ...(better === undefined ? [] : [FRONT])];
    return 350 + legendHeight(names, full ? width : null);
  },
  notes: (figure, choice) => {
    const shown = shownSeries(figure, choice);
    return [
      ...intervalNotes(figure.bars, 'Bars', endsOf(shown), verticalOf(figure, shown, choice)),
      ...xyNotes(figure, choice),
    ];
  },
  csv: xyCsv,
  grid: (figure) => {
    const best = frontOf(figure, figure.series);
    return xyGrid(
      figure,
      best === null ? undefined : { head: FRONT, of: (point) => (best.includes(point) ? 'yes' : '') },
    );
  },
  summary: (figure) => {
    const best = frontOf(figure, figure.series);
    const names = (best ?? []).slice(0, 6).map((point) => {
      const series = figure.series.find(({ points }) => points.includes(point));
      return `${series?.label ?? ''} ${point.name ?? valueText(point.x, figure.x.unit)}`;
    });
    return `${xySummary(figure)}${names.length === 0 ? '' : ` Best for their cost: ${names.join(', ')}.`}`;
  },
};
