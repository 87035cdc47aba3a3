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

const silent = {
  type: 'custom',
  silent: true,
  clip: true,
  tooltip: { show: false },
  emphasis: { disabled: true },
};

/** A bar from low to high around each value; without an end where it leaves the picture. */
export function whiskers(
  intervals: readonly Interval[],
  look: Look,
  shift: (api: DrawApi) => number = () => 0,
): Option[] {
  const data = intervals.flatMap(({ x, low, high }) =>
    x === null || (low === null && high === null) ? [] : [[x, low ?? look.min, high ?? look.max]],
  );
  if (data.length === 0) return [];
  return [
    {
      ...silent,
      id: look.id,
      name: look.name,
      data,
      itemStyle: { color: look.colour },
      renderItem: (_: unknown, api: DrawApi) => {
        const [low, high] = [api.value(1), api.value(2)];
        const moved = shift(api);
        const [x = NaN, y1 = NaN] = api.coord([api.value(0), Math.max(low, look.min)]);
        const [, y2 = NaN] = api.coord([api.value(0), Math.min(high, look.max)]);
        if (![x, y1, y2].every(Number.isFinite)) return null;
        const at = x + moved;
        const style = { stroke: look.colour, lineWidth: 1.25 };
        const line = (x1: number, from: number, x2: number, to: number): object => ({
          type: 'line',
          shape: { x1, y1: from, x2, y2: to },
          style,
        });
        return {
          type: 'group',
          children: [
            line(at, y1, at, y2),
            ...(low >= look.min ? [line(at - CAP, y1, at + CAP, y1)] : []),
            ...(high <= look.max ? [line(at - CAP, y2, at + CAP, y2)] : []),
          ],
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
