import { fontFamily } from '../charts.ts';
import type { Palette } from '../palette.ts';
import type { FigureChoice, Option, Room, TipLine } from './drawing.ts';

// What all charts over two axes have around them.

/** Pixels between the top of a chart and its name, its legend, its first line. */
const NAME_ROOM = 34;
const LEGEND_ROW = 22;
/** Between the names of a legend on paper, down as well. */
const PAPER_GAP = 18;

export const base = (palette: Palette): Option => ({
  animation: false,
  backgroundColor: 'transparent',
  textStyle: { fontFamily, color: palette.text },
});

function unitsOf(character: string): number {
  if (/[il.,:;|'! ]/.test(character)) return 0.32;
  if (/[mwMW%@]/.test(character)) return 0.9;
  return /[A-Z0-9+−]/.test(character) ? 0.64 : 0.57;
}

/** Width of a text in pixels, near enough to lay things out where no font is at hand. */
export function textWidth(text: string, size: number): number {
  let units = 0;
  for (const character of text) units += unitsOf(character);
  return units * size;
}

/** Cut with `…` to a width in pixels. */
export function fitted(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text;
  const characters = [...text];
  while (characters.length > 1 && textWidth(`${characters.join('')}…`, size) > width) characters.pop();
  return `${characters.join('').trimEnd()}…`;
}

export interface Legend {
  readonly option: Option;
  /** Pixels it takes. */
  readonly height: number;
}

/**
 * Names above the chart: in full where the width is known, else in a row that can be paged through.
 * @param without names of lines without symbols
 */
export function legendOf(
  names: readonly string[],
  palette: Palette,
  room: Room,
  without: readonly string[] = [],
): Legend {
  if (names.length === 0) return { option: { show: false }, height: 0 };
  const common = {
    data: [...new Set(names)].map((name) =>
      without.includes(name) ? { name, itemStyle: { opacity: 0 } } : name,
    ),
    left: 4,
    top: room.top,
    itemWidth: 22,
    itemHeight: 8,
    itemGap: room.width === null ? 14 : PAPER_GAP,
    textStyle: { color: palette.text, fontSize: 12 },
    inactiveColor: palette.line,
  };
  if (room.width === null) {
    return {
      option: {
        ...common,
        type: 'scroll',
        // Beside it is the button that saves the chart.
        right: 36,
        pageIconColor: palette.quiet,
        pageIconInactiveColor: palette.line,
        pageIconSize: 11,
        pageTextStyle: { color: palette.quiet, fontSize: 11 },
      },
      height: LEGEND_ROW,
    };
  }
  return {
    option: { ...common, type: 'plain', left: 20, width: room.width - 40 },
    height: legendHeight(names, room.width),
  };
}

/** Pixels of a legend: a row, or as many as it takes at a width. */
export function legendHeight(names: readonly string[], width: number | null): number {
  if (names.length === 0) return 0;
  let rows = 1;
  let used = 0;
  for (const name of width === null ? [] : new Set(names)) {
    // The font is not known: rather a row too many than a name cut off.
    const needed = 22 + 5 + textWidth(name, 12) * 1.1 + PAPER_GAP;
    if (used > 0 && used + needed > (width ?? 0) - 40) {
      rows++;
      used = 0;
    }
    used += needed;
  }
  return width === null ? LEGEND_ROW : (14 + PAPER_GAP) * rows - 4;
}

export function gridOf(
  room: Room,
  { left, right, legend }: { readonly left: number; readonly right: number; readonly legend: number },
): Option {
  return {
    left,
    right,
    top: room.top + legend + NAME_ROOM,
    bottom: room.bottom + 48,
    outerBoundsMode: 'none',
  };
}

/** What the pointer is told; `said` gives title, lines and a note for what it is at. */
export function tooltipOf(
  { tip, tipFrame }: FigureChoice,
  palette: Palette,
  trigger: 'axis' | 'item',
  said: (at: readonly Hovered[]) => { title: string; lines: readonly TipLine[]; note?: string } | null,
): Option {
  if (!tip) return {};
  return {
    tooltip: {
      ...tipFrame,
      trigger,
      axisPointer: {
        type: trigger === 'axis' ? 'line' : 'none',
        lineStyle: { color: palette.quiet, width: 1, type: [2, 3] },
      },
      formatter: (at: Hovered | readonly Hovered[]) => {
        const told = said(Array.isArray(at) ? (at as readonly Hovered[]) : [at as Hovered]);
        return told === null ? '' : tip(told.title, told.lines, told.note);
      },
    },
  };
}

/** What ECharts says about where the pointer is. */
export interface Hovered {
  readonly seriesId?: string;
  readonly dataIndex: number;
}
