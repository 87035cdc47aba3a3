import { textWidth } from './frame.ts';
import type { Box } from './shapes.ts';

/** A point that is to have its name beside it, in pixels. */
export interface Named {
  readonly label: string;
  readonly at: readonly [number, number];
}

export interface Placed {
  readonly label: string;
  readonly x: number;
  readonly y: number;
  readonly align: 'left' | 'center' | 'right';
}

/** Height of a name, and pixels from a point's middle to it. */
const TALL = 16;
const AWAY = 10;

/** Names beside their points where they meet least: no edge, other point, name or line. */
export function placeLabels(
  points: readonly Named[],
  {
    box,
    dots,
    lines,
  }: {
    readonly box: Box;
    readonly dots: readonly (readonly [number, number])[];
    readonly lines: readonly (readonly (readonly [number, number])[])[];
  },
): Placed[] {
  const taken: Box[] = [];
  return points.map(({ label, at }) => {
    const width = textWidth(label, 12) * 1.08;
    const sides = sidesOf(at, width).map((side) => ({ side, cost: costOf(side.area) }));
    const best = sides.reduce((a, b) => (b.cost < a.cost ? b : a)).side;
    taken.push(best.area);
    return { label, x: best.x, y: best.y, align: best.align };
  });

  function costOf(area: Box): number {
    const out =
      Math.max(0, box.x + 3 - area.x) +
      Math.max(0, area.x + area.width - box.x - box.width + 3) +
      Math.max(0, box.y + 2 - area.y) +
      Math.max(0, area.y + area.height - box.y - box.height + 2);
    const names = taken.reduce((sum, other) => sum + overlap(area, other), 0);
    const met = dots.filter((dot) => holds(area, dot, 5)).length;
    const crossed = lines.reduce((sum, line) => sum + crossings(area, line), 0);
    return 100 * out + 3 * names + 400 * met + 12 * crossed;
  }
}

function sidesOf(
  [x, y]: readonly [number, number],
  width: number,
): (Omit<Placed, 'label'> & { area: Box })[] {
  const area = (left: number, middle: number): Box => ({
    x: left,
    y: middle - TALL / 2,
    width,
    height: TALL,
  });
  const up = y - AWAY - TALL / 2 + 1;
  const down = y + AWAY + TALL / 2 - 1;
  return [
    { x: x + AWAY, y, align: 'left', area: area(x + AWAY, y) },
    { x: x - AWAY, y, align: 'right', area: area(x - AWAY - width, y) },
    { x, y: up, align: 'center', area: area(x - width / 2, up) },
    { x, y: down, align: 'center', area: area(x - width / 2, down) },
    { x: x + 6, y: up, align: 'left', area: area(x + 6, up) },
    { x: x + 6, y: down, align: 'left', area: area(x + 6, down) },
    { x: x - 6, y: up, align: 'right', area: area(x - 6 - width, up) },
    { x: x - 6, y: down, align: 'right', area: area(x - 6 - width, down) },
  ];
}

function overlap(a: Box, b: Box): number {
  const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return across > 0 && down > 0 ? across * down : 0;
}

function holds({ x, y, width, height }: Box, [h, v]: readonly [number, number], around: number): boolean {
  return h > x - around && h < x + width + around && v > y - around && v < y + height + around;
}

/** How much of a line is under a name: points along it, a few pixels apart. */
function crossings(area: Box, points: readonly (readonly [number, number])[]): number {
  let met = 0;
  points.forEach((to, index) => {
    const from = points[index - 1];
    if (!from) return;
    const steps = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / 4));
    for (let step = 0; step <= steps; step++) {
      const share = step / steps;
      if (holds(area, [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])], 0)) met++;
    }
  });
  return met;
}
