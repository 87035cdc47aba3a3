import type { Option } from './echarts.ts';

/** A point that the keyboard is at: a series by its place in the option, and a place in its data. */
export interface PointPlace {
  readonly series: number;
  readonly point: number;
}

/** A series that has points to go along. */
interface Row {
  readonly series: number;
  readonly id: string | undefined;
  readonly name: string;
  /** Points that have a value: place, x, y. */
  readonly points: readonly { readonly at: number; readonly x: unknown; readonly y: number }[];
}

interface SeriesLike {
  readonly id?: string;
  readonly name?: string;
  readonly silent?: boolean;
  readonly data?: readonly unknown[];
}

/** Keys that go through a chart. */
export const pointKeys = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'] as const;
export type PointKey = (typeof pointKeys)[number];

/** Series over two axes; what else is drawn (helping lines, edges of bands) is no place to be. */
function rowsOf({ xAxis, series }: Option): Row[] {
  if (xAxis === undefined || !Array.isArray(series)) return [];
  return (series as readonly SeriesLike[]).flatMap(({ id, name = '', silent = false, data = [] }, at) => {
    const points = data.flatMap((item, place) => {
      const value = (item as { readonly value?: unknown } | null)?.value ?? item;
      const [x, y]: readonly unknown[] = Array.isArray(value)
        ? (value as readonly unknown[])
        : [place, value];
      return typeof y === 'number' && Number.isFinite(y) ? [{ at: place, x, y }] : [];
    });
    return silent || points.length === 0 ? [] : [{ series: at, id, name, points }];
  });
}

/** Where a key leads: along a series, or to the nearest point of the next one. `null`: there is nothing. */
export function pointAfter(option: Option, from: PointPlace | null, key: PointKey): PointPlace | null {
  const rows = rowsOf(option);
  const row = rows.find(({ series }) => series === from?.series);
  const [first] = rows;
  if (!row || from === null) {
    const [point] = first?.points ?? [];
    return first && point ? { series: first.series, point: point.at } : null;
  }
  const place = Math.max(
    0,
    row.points.findIndex(({ at }) => at >= from.point),
  );
  if (key === 'ArrowUp' || key === 'ArrowDown') {
    const next = rows[rows.indexOf(row) + (key === 'ArrowDown' ? 1 : -1)];
    return next ? { series: next.series, point: nearest(next, row.points[place]?.x) } : from;
  }
  const to = {
    ArrowLeft: Math.max(0, place - 1),
    ArrowRight: Math.min(row.points.length - 1, place + 1),
    Home: 0,
    End: row.points.length - 1,
  }[key];
  return { series: row.series, point: row.points[to]?.at ?? from.point };
}

function nearest({ points }: Row, x: unknown): number {
  const distance = (other: unknown): number => {
    if (typeof x === 'number' && typeof other === 'number') return Math.abs(x - other);
    return x === other ? 0 : Infinity;
  };
  return points.reduce((best, point) => (distance(point.x) < distance(best.x) ? point : best)).at;
}

/** A point in words, and the id of its series. */
export function pointOf(
  option: Option,
  { series, point }: PointPlace,
): { readonly id: string | undefined; readonly words: string } | null {
  const row = rowsOf(option).find((each) => each.series === series);
  const found = row?.points.find(({ at }) => at === point);
  if (!row || !found) return null;
  const value = Number(found.y.toPrecision(5));
  return { id: row.id, words: `${row.name}: ${value} at ${String(found.x)}` };
}
