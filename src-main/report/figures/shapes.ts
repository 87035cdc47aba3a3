import { fontFamily } from '../charts.ts';
import type { Option } from './drawing.ts';

// Parts of pictures that draw themselves, as ECharts' custom series wants them.

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function line(x1: number, y1: number, x2: number, y2: number, stroke: string, width = 1): Option {
  return { type: 'line', shape: { x1, y1, x2, y2 }, style: { stroke, lineWidth: width } };
}

export interface TextStyle {
  readonly colour: string;
  readonly size?: number;
  readonly weight?: number;
  readonly align?: 'left' | 'center' | 'right';
  readonly baseline?: 'top' | 'middle' | 'bottom';
  /** In radians, to the left. */
  readonly turned?: number;
  /** Of a line around the letters, where they stand on something. */
  readonly halo?: string;
}

export function text(words: string, x: number, y: number, style: TextStyle): Option {
  const { colour, size = 11, weight = 400, align = 'left', baseline = 'middle', turned = 0, halo } = style;
  return {
    type: 'text',
    x,
    y,
    rotation: turned,
    style: {
      text: words,
      fill: colour,
      fontSize: size,
      fontWeight: weight,
      fontFamily,
      align,
      verticalAlign: baseline,
      ...(halo === undefined ? {} : { stroke: halo, lineWidth: 3 }),
    },
  };
}

export function frame(box: Box, stroke: string): Option {
  return { type: 'rect', shape: box, style: { fill: 'none', stroke, lineWidth: 1 } };
}

/** Places of whole things along a length: those that leave `room` pixels to the one before. */
export function everyFew(count: number, step: number, room: number): number {
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
  return steps.find((each) => each * step >= room) ?? count;
}

/** A series that is drawn once and tells nothing. */
export function furniture(
  id: string,
  render: (width: number, height: number) => Option[],
  z: number,
): Option {
  return {
    id,
    type: 'custom',
    coordinateSystem: 'none',
    silent: true,
    tooltip: { show: false },
    data: [0],
    renderItem: (_: unknown, api: { getWidth(): number; getHeight(): number }) => ({
      type: 'group',
      children: render(api.getWidth(), api.getHeight()),
    }),
    z,
  };
}
