import type { Axis, FigureOf, Value } from '../../contract/figures.ts';
import { missing } from '../format.ts';
import { plain, type Grid } from '../grid.ts';
import type { CsvRow, FigureAxis, FigureChoice } from './drawing.ts';
import { axisScale, figureAxis, lost, type AxisScale } from './scale.ts';
import { columnOf, intervalText, storedAs, valueText } from './units.ts';

// What lines and points have in common: series over two axes.

export type XyFigure = FigureOf<'lines'> | FigureOf<'scatter'>;
export type Series = XyFigure['series'][number];
export type Point = Series['points'][number];

export function shownSeries({ series }: XyFigure, { hidden }: Pick<FigureChoice, 'hidden'>): Series[] {
  return series.filter(({ label }) => !hidden?.has(label));
}

export const xsOf = (series: readonly Series[]): number[] =>
  series.flatMap(({ points }) => points.map(({ x }) => x));
export const ysOf = (series: readonly Series[]): Value[] =>
  series.flatMap(({ points }) => points.map(({ y }) => y));
export const endsOf = (series: readonly Series[]): Value[] =>
  series.flatMap(({ points }) => points.flatMap(({ low, high }) => [low ?? null, high ?? null]));

/** The vertical axis of the series that are shown. */
export function verticalOf(
  figure: XyFigure,
  series: readonly Series[],
  { scales }: Pick<FigureChoice, 'scales'>,
): AxisScale {
  return axisScale(figure.y, ysOf(series), { scale: scales?.y, ends: 'round', around: endsOf(series) });
}

export function xyAxes({ x, y, series }: XyFigure): FigureAxis[] {
  return [figureAxis('x', x, xsOf(series)), figureAxis('y', y, ysOf(series))];
}

/** Points that a chart does not show, in words. */
export function xyNotes(figure: XyFigure, choice: Pick<FigureChoice, 'scales' | 'hidden'>): string[] {
  const { scales } = choice;
  const series = shownSeries(figure, choice);
  const gone = [
    lostNote(figure.x, xsOf(series), scales?.x),
    lostNote(figure.y, ysOf(series), scales?.y),
    missingNote(ysOf(series).filter((value) => value === null).length, 'point'),
  ];
  return gone.filter((note) => note !== '');
}

/** What intervals are, where there are any, and whether one is cut off. */
export function intervalNotes(
  what: string | undefined,
  drawn: 'Bars' | 'Bands',
  ends: readonly Value[],
  { at, min, max }: AxisScale,
): string[] {
  const places = ends.flatMap((value) => (value === null ? [] : [at(value) ?? -Infinity]));
  if (places.length === 0) return [];
  const cut = places.some((place) => place < min || place > max);
  return [
    ...(what === undefined ? [] : [`${drawn}: ${sentence(what)}`]),
    ...(cut ? [`${drawn} without an end go on beyond the picture.`] : []),
  ];
}

/** Values that a logarithmic axis has no place for; empty: none. */
export function lostNote(axis: Axis, values: readonly Value[], scale: 'linear' | 'log' | undefined): string {
  const gone = lost(axis, values, scale);
  if (gone === 0) return '';
  const where = axis.unit === 'sparsity' ? 'without any weights left' : 'at or below zero';
  return `${gone} ${gone === 1 ? 'value' : 'values'} of ${axis.label} ${where}: no place on a logarithmic axis.`;
}

export function missingNote(gone: number, what: string): string {
  return gone === 0 ? '' : `${gone} ${gone === 1 ? `${what} has` : `${what}s have`} no value.`;
}

export function hasInterval({ low, high }: Point): boolean {
  return (low ?? null) !== null || (high ?? null) !== null;
}

/** Every point a row. */
export function xyCsv({ x, y, series }: XyFigure): CsvRow[] {
  const points = series.flatMap(({ points }) => points);
  const intervals = points.some(hasInterval);
  const names = points.some(({ name }) => name !== undefined);
  return [
    [
      'series',
      ...(names ? ['point'] : []),
      `${x.label}${storedAs[x.unit]}`,
      `${y.label}${storedAs[y.unit]}`,
      ...(intervals ? ['low', 'high'] : []),
    ],
    ...series.flatMap(({ label, points }) =>
      points.map((point) => [
        label,
        ...(names ? [point.name ?? ''] : []),
        point.x,
        point.y ?? '',
        ...(intervals ? [point.low ?? '', point.high ?? ''] : []),
      ]),
    ),
  ];
}

/** A title with what it is about and what its intervals are. */
export function captionOf(
  figure: { title: string; about?: string | undefined; bars?: string | undefined },
  intervals: boolean,
): string[] {
  return [
    sentence(figure.title),
    ...(figure.about ? [sentence(figure.about)] : []),
    ...(intervals && figure.bars ? [`In brackets: ${sentence(figure.bars)}`] : []),
  ];
}

/** With a full stop. */
export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** A column's name with its unit. */
export function headOf(label: string, unit: string): string {
  return unit === '' ? label : `${label}, ${unit}`;
}

/** A further column of points. */
interface Extra {
  readonly head: string;
  readonly of: (point: Point) => string;
}

/** A row a place on the horizontal axis, a column a series; where series share few places, a row a point. */
export function xyGrid(figure: XyFigure, extra?: Extra): Grid {
  const { series } = figure;
  const places = [...new Set(xsOf(series))].sort((a, b) => a - b);
  const longest = Math.max(0, ...series.map(({ points }) => points.length));
  const labels = new Set(series.map(({ label }) => label));
  const wide = figure.kind === 'lines' && places.length <= 1.5 * longest && labels.size === series.length;
  return wide ? wideGrid(figure, places) : longGrid(figure, extra);
}

function wideGrid(figure: XyFigure, places: readonly number[]): Grid {
  const { x, y, series } = figure;
  const named = nameOfPlaces(series);
  const xs = columnOf(places, x.unit);
  const ys = columnOf([...ysOf(series), ...endsOf(series)], y.unit);
  const intervals = series.some(({ points }) => points.some(hasInterval));
  const byPlace = series.map(({ points }) => new Map(points.map((point) => [point.x, point])));
  return {
    caption: [...captionOf(figure, intervals), `${headOf(y.label, ys.unit)}.`],
    leading: [...(named ? [''] : []), headOf(x.label, xs.unit)],
    heads: series.map(({ label }) => label),
    rows: places.map((place) => ({
      leading: [...(named ? [named.get(place) ?? ''] : []), xs.text(place)],
      cells: byPlace.map((points) => plain(cellText(points.get(place), ys.text))),
    })),
    named: named !== null,
  };
}

function longGrid(figure: XyFigure, extra: Extra | undefined): Grid {
  const { x, y, series } = figure;
  const xs = columnOf(xsOf(series), x.unit);
  const ys = columnOf([...ysOf(series), ...endsOf(series)], y.unit);
  const points = series.flatMap(({ points: own }) => own);
  const names = points.some(({ name }) => name !== undefined);
  return {
    caption: captionOf(figure, points.some(hasInterval)),
    leading: ['', ...(names ? ['point'] : [])],
    heads: [headOf(x.label, xs.unit), headOf(y.label, ys.unit), ...(extra ? [extra.head] : [])],
    rows: series.flatMap(({ label, points: own }) =>
      own.map((point) => ({
        leading: [label, ...(names ? [point.name ?? ''] : [])],
        cells: [
          plain(xs.text(point.x)),
          plain(cellText(point, ys.text)),
          ...(extra ? [plain(extra.of(point))] : []),
        ],
      })),
    ),
    named: true,
  };
}

/** A value, with its interval where it has one. */
export function cellText(
  point:
    { readonly y: Value; readonly low?: Value | undefined; readonly high?: Value | undefined } | undefined,
  text: (value: Value) => string,
): string {
  if (!point) return missing;
  const { y, low = null, high = null } = point;
  return low === null && high === null ? text(y) : `${text(y)} [${text(low)}, ${text(high)}]`;
}

/** The name of each place, where all points at it have the same one; `null` where there is none. */
function nameOfPlaces(series: readonly Series[]): Map<number, string> | null {
  const names = new Map<number, string>();
  for (const { x, name } of series.flatMap(({ points }) => points)) {
    if (name === undefined) continue;
    if ((names.get(x) ?? name) !== name) return null;
    names.set(x, name);
  }
  return names.size === 0 ? null : names;
}

/** `swamp(4): 8 points, 61.02 % to 67.40 %, last 61.02 %` for up to eight series. */
export function xySummary({ x, y, series }: XyFigure): string {
  const parts = series.slice(0, 8).map(({ label, points }) => {
    const values = points.flatMap((point) => (point.y === null ? [] : [point]));
    const last = values.at(-1);
    if (!last) return `${label}: no values`;
    return `${label}: ${values.length} ${values.length === 1 ? 'point' : 'points'}, last ${intervalText(last, y.unit)} at ${valueText(last.x, x.unit)}`;
  });
  const more = series.length > 8 ? `; and ${series.length - 8} more` : '';
  return `${y.label} against ${x.label}. ${parts.join('; ')}${more}.`;
}
