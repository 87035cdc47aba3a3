import { csvLine } from '../../contract/csv.ts';
import type { Figure, FigureOf } from '../../contract/figures.ts';
import type { Grid } from '../grid.ts';
import { barsKind } from './bars.ts';
import type { FigureAxis, FigureChoice, FigureKind, Option, Room } from './drawing.ts';
import { heatKind } from './heat.ts';
import { linesKind } from './lines.ts';
import { scatterKind } from './scatter.ts';
import { surfaceKind } from './surface.ts';
import { tableKind } from './table.ts';
import { wordsKind } from './words.ts';

// How each kind of figure is drawn, written and said: in the window, on the command line and in files alike.

const kinds: { readonly [Kind in Figure['kind']]: FigureKind<FigureOf<Kind>> } = {
  lines: linesKind,
  scatter: scatterKind,
  bars: barsKind,
  heat: heatKind,
  surface: surfaceKind,
  table: tableKind,
  words: wordsKind,
};

function kindOf(figure: Figure): FigureKind<Figure> {
  return kinds[figure.kind];
}

const noRoom: Room = { top: 0, bottom: 0, width: null };

/** The figure as a chart that fills what it is given; `null` for what is no picture. */
export function figureOption(figure: Figure, choice: FigureChoice, room: Room = noRoom): Option | null {
  return kindOf(figure).option(figure, choice, room);
}

/** Axes whose scale can be chosen. */
export function figureScales(figure: Figure): FigureAxis[] {
  return kindOf(figure).axes(figure);
}

/** Pixels that its chart needs at a width; `full`: with its whole legend, as on paper. */
export function figureHeight(figure: Figure, width: number, full = false): number {
  return kindOf(figure).height(figure, width, full);
}

/** Sentences to stand by the chart: what its intervals are, and what of the figure is not in it. */
export function figureNotes(figure: Figure, choice: Pick<FigureChoice, 'scales' | 'hidden'> = {}): string[] {
  return kindOf(figure).notes(figure, choice);
}

/** Its numbers as stored. RFC 4180, with CRLF; empty where there are none. */
export function figureCsv(figure: Figure): string {
  return kindOf(figure).csv(figure).map(csvLine).join('');
}

/** Its numbers as people read them; `null` for words. */
export function figureGrid(figure: Figure): Grid | null {
  return kindOf(figure).grid(figure);
}

/** What it shows in a sentence, for those who cannot see it. */
export function figureSummary(figure: Figure): string {
  return kindOf(figure).summary(figure);
}
