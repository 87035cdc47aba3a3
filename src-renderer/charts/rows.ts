import { csvLine } from '../../src-main/contract/csv.ts';
import type { Option } from './echarts.ts';

/** A point of a chart: the table behind the picture, and its CSV. */
export interface ChartRow {
  readonly series: string;
  readonly x: string | number;
  readonly y: string | number;
}

interface SeriesLike {
  readonly id?: string;
  readonly name?: string;
  readonly silent?: boolean;
  readonly data?: readonly unknown[];
}

function axisNameOf(axis: unknown, fallback: string): string {
  const one: unknown = Array.isArray(axis) ? axis[0] : axis;
  const name = (one as { readonly name?: unknown } | undefined)?.name;
  return typeof name === 'string' && name !== '' ? name : fallback;
}

function cell(value: unknown): string | number {
  return typeof value === 'number' || typeof value === 'string' ? value : '';
}

function categories(axis: unknown): readonly unknown[] | null {
  const one: unknown = Array.isArray(axis) ? axis[0] : axis;
  const data = (one as { readonly data?: unknown } | undefined)?.data;
  return Array.isArray(data) ? data : null;
}

/** Series that tell something; edges of bands and helping lines are silent. */
export function seriesOf(option: Option): readonly SeriesLike[] {
  const { series } = option;
  const all = Array.isArray(series) ? (series as readonly SeriesLike[]) : [];
  return all.filter(({ silent }) => !silent);
}

/** Every point that is drawn, series after series; points without a value are left out. */
export function chartRows(option: Option): {
  readonly heads: readonly [string, string, string];
  readonly rows: readonly ChartRow[];
} {
  const names = categories(option.xAxis);
  const rows = seriesOf(option).flatMap(({ name, id, data = [] }) =>
    data.flatMap((item, index): ChartRow[] => {
      const value = (item as { readonly value?: unknown } | null)?.value ?? item;
      const [x, y] = Array.isArray(value) ? (value as readonly unknown[]) : [names?.[index] ?? index, value];
      return cell(y) === '' ? [] : [{ series: name ?? id ?? '', x: cell(x), y: cell(y) }];
    }),
  );
  return { heads: ['series', axisNameOf(option.xAxis, 'x'), axisNameOf(option.yAxis, 'y')], rows };
}

/** The points of a chart, RFC 4180. */
export function chartCsv(option: Option): string {
  const { heads, rows } = chartRows(option);
  return [csvLine(heads), ...rows.map(({ series, x, y }) => csvLine([series, x, y]))].join('');
}

/** What a chart shows in a sentence, for those who cannot see it. */
export function chartSummary(option: Option): string {
  const { heads, rows } = chartRows(option);
  if (rows.length === 0) return 'Nothing is drawn yet.';
  const bySeries = new Map<string, ChartRow[]>();
  for (const row of rows) bySeries.set(row.series, [...(bySeries.get(row.series) ?? []), row]);
  const parts = [...bySeries].slice(0, 12).map(([series, points]) => {
    const last = points[points.length - 1];
    return `${series}: ${points.length} ${points.length === 1 ? 'point' : 'points'}, last ${last?.y ?? ''} at ${last?.x ?? ''}`;
  });
  const more = bySeries.size > parts.length ? `; and ${bySeries.size - parts.length} more` : '';
  return `${heads[2]} against ${heads[1]}. ${parts.join('; ')}${more}.`;
}
