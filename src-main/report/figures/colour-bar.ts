import type { Palette, Theme } from '../palette.ts';
import type { Option } from './drawing.ts';
import { textWidth } from './frame.ts';
import { rampColour } from './ramp.ts';
import type { AxisScale } from './scale.ts';
import { frame, line, text, type Box } from './shapes.ts';

/** Width of the bar of colours; beside it stand its numbers. */
export const BAR = 12;
const STOPS = 24;

/** Pixels right of a picture for a bar of colours with its numbers. */
export function barRoom(words: readonly string[]): number {
  return 18 + BAR + 8 + Math.ceil(Math.max(0, ...words.map((word) => textWidth(word, 11)))) + 8;
}

/** Share of the way from the smallest to the largest colour. */
export function shareOn(
  { scale, min, max }: Pick<AxisScale, 'scale' | 'min' | 'max'>,
  place: number,
): number {
  const [from, to, at] = scale === 'log' ? [min, max, place].map(Math.log) : [min, max, place];
  if (from === undefined || to === undefined || at === undefined || to === from) return 0.5;
  return (at - from) / (to - from);
}

/** A continuous scale of colours, the smallest value at the foot. */
export function colourBar(box: Box, scale: AxisScale, theme: Theme, palette: Palette): Option[] {
  const stops = Array.from({ length: STOPS + 1 }, (_, index) => ({
    offset: index / STOPS,
    color: rampColour(index / STOPS, theme),
  }));
  const ticks = scale.ticks.filter((tick) => tick >= scale.min && tick <= scale.max);
  return [
    {
      type: 'rect',
      shape: box,
      style: { fill: { type: 'linear', x: 0, y: 1, x2: 0, y2: 0, colorStops: stops } },
    },
    frame(box, palette.line),
    ...ticks.flatMap((tick) => {
      const y = box.y + box.height * (1 - shareOn(scale, tick));
      const end = box.x + box.width;
      return [
        line(end, y, end + 4, y, palette.quiet),
        text(scale.text(tick), end + 7, y, { colour: palette.quiet }),
      ];
    }),
  ];
}

/** A scale of steps: one colour between two levels each. */
export function levelBar(
  box: Box,
  colours: readonly string[],
  words: readonly string[],
  palette: Palette,
): Option[] {
  const step = box.height / Math.max(1, colours.length);
  const every = Math.max(1, Math.ceil(13 / step));
  return [
    ...colours.map((fill, index) => ({
      type: 'rect',
      shape: { ...box, y: box.y + box.height - step * (index + 1), height: step },
      style: { fill },
    })),
    frame(box, palette.line),
    ...words.flatMap((word, index) => {
      if (index % every !== 0) return [];
      // Levels stand between two colours.
      const y = box.y + box.height - step * (index + 1);
      const end = box.x + box.width;
      return [
        line(box.x, y, end + 4, y, palette.quiet, 0.75),
        text(word, end + 7, y, { colour: palette.quiet }),
      ];
    }),
  ];
}
