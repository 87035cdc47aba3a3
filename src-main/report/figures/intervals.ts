import type { Option } from './drawing.ts';

// Intervals around values: bars with short ends, or a band where points are many.

/** What ECharts gives a series that draws itself. */
export interface DrawApi {
  value(dimension: number): number;
  coord(data: readonly number[]): number[];
  getWidth(): number;
  getHeight(): number;
}

/** Places on the axes; `null` where there is none. */
export interface Interval {
  readonly x: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Default: 1. */
  readonly opacity?: number;
}

export interface Look {
  readonly id: string;
  /** Of the series it belongs to: it goes with it. */
  readonly name: string;
  readonly colour: string;
  /** Ends of the vertical axis. */
  readonly min: number;
  readonly max: number;
}

/** Half the width of the short ends, in pixels. */
const CAP = 4;

/** Pixels from a place on the axis to the bar, and half the width of its ends. */
export interface BarPlace {
  readonly shift: number;
  readonly cap: number;
}

const silent = { type: 'custom', silent: true, tooltip: { show: false }, emphasis: { disabled: true } };

/** Beside each other where series have values at the same places: as far as symbols are wide. */
export function beside(place: number, count: number): (api: DrawApi) => BarPlace {
  const shift = (place - (count - 1) / 2) * Math.min(2.5, 7 / count);
  return () => ({ shift, cap: count > 3 ? 3 : CAP });
}

/** A bar from low to high around each value; without an end where there is none, or it leaves the picture. */
export function whiskers(
  intervals: readonly Interval[],
  look: Look,
  place: (api: DrawApi) => BarPlace = () => ({ shift: 0, cap: CAP }),
): Option[] {
  const drawn = intervals.flatMap(({ x, low, high, opacity = 1 }) =>
    x === null || (low === null && high === null) ? [] : [{ x, low, high, opacity }],
  );
  if (drawn.length === 0) return [];
  const { min, max, colour } = look;
  return [
    {
      ...silent,
      id: look.id,
      name: look.name,
      data: drawn.map(({ x }) => [x, min]),
      itemStyle: { color: colour },
      renderItem: ({ dataIndex }: { readonly dataIndex: number }, api: DrawApi) => {
        const one = drawn[dataIndex];
        if (!one) return null;
        const { shift, cap } = place(api);
        const [x = NaN, y1 = NaN] = api.coord([one.x, Math.max(one.low ?? min, min)]);
        const [, y2 = NaN] = api.coord([one.x, Math.min(one.high ?? max, max)]);
        const at = x + shift;
        if (![at, y1, y2].every(Number.isFinite)) return null;
        const style = { stroke: colour, lineWidth: 1.25, opacity: one.opacity };
        const line = (x1: number, from: number, x2: number, to: number): object => ({
          type: 'line',
          shape: { x1, y1: from, x2, y2: to },
          style,
        });
        const end = (value: number | null, y: number): object[] =>
          value === null || value < min || value > max ? [] : [line(at - cap, y, at + cap, y)];
        return {
          type: 'group',
          children: [line(at, y1, at, y2), ...end(one.low, y1), ...end(one.high, y2)],
        };
      },
      z: 3,
    },
  ];
}

/** A filled band along a line; it ends where an interval is missing. */
export function band(intervals: readonly Interval[], look: Look): Option[] {
  const pieces: [number, number, number][][] = [[]];
  for (const { x, low, high } of intervals) {
    if (x === null || low === null || high === null) pieces.push([]);
    else pieces.at(-1)?.push([x, Math.max(low, look.min), Math.min(high, look.max)]);
  }
  const drawn = pieces.filter((piece) => piece.length > 1);
  return drawn.map((piece, index) => ({
    ...silent,
    id: `${look.id}:${index}`,
    name: look.name,
    itemStyle: { color: look.colour },
    // One thing is drawn, whatever the number of points.
    data: [[piece[0]?.[0] ?? 0, piece[0]?.[1] ?? 0]],
    renderItem: (_: unknown, api: DrawApi) => ({
      type: 'polygon',
      shape: {
        points: [
          ...piece.map(([x, low]) => api.coord([x, low])),
          ...[...piece].reverse().map(([x, , high]) => api.coord([x, high])),
        ],
      },
      style: { fill: look.colour, opacity: 0.15 },
    }),
    z: 1,
  }));
}
