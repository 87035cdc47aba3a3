import type { Figure } from '../../contract/figures.ts';
import type { Scale } from '../axes.ts';
import type { Grid } from '../grid.ts';
import type { Theme } from '../palette.ts';

// What is asked of whoever draws a kind of figure.

/** An ECharts option. */
export type Option = Readonly<Record<string, unknown>>;

/** Colour and symbol of an arm or a series. */
export interface Look {
  /** CSS colour. */
  readonly colour: string;
  /** As ECharts names symbols. */
  readonly symbol: string;
}

/** A line of what the pointer is told. */
export interface TipLine {
  readonly label: string;
  readonly value: string;
  readonly colour?: string;
  readonly strong?: boolean;
}

/** Makes of title, lines and a note what ECharts shows at the pointer: an element, or escaped HTML. */
export type TipMaker = (title: string, lines: readonly TipLine[], note?: string) => unknown;

/** Axes whose scale can be chosen; `value` is what colours or contours show. */
export type AxisName = 'x' | 'y' | 'value';

export interface FigureAxis {
  readonly axis: AxisName;
  readonly label: string;
  /** How it is drawn at first. */
  readonly scale: Scale;
  /** Whether a logarithmic axis has a place for at least two of its values. */
  readonly canLog: boolean;
}

export interface FigureChoice {
  readonly theme: Theme;
  /** Looks of arms by label, as on the page around it. Arms that are not in it get what is left. */
  readonly looks?: ReadonlyMap<string, Look>;
  /** Default: as the figure says. */
  readonly scales?: Readonly<Partial<Record<AxisName, Scale>>>;
  /** Labels of series that are not drawn. */
  readonly hidden?: ReadonlySet<string>;
  /** Without it the pointer is told nothing: a picture on paper. */
  readonly tip?: TipMaker;
  /** Goes into ECharts' `tooltip`. */
  readonly tipFrame?: Option;
}

/** Where a figure has its place in a picture. */
export interface Room {
  /** Pixels kept free above: a title. */
  readonly top: number;
  readonly bottom: number;
  /** Of the picture, where it is known; legends are laid out in full for it. */
  readonly width: number | null;
}

/** A row of a CSV file; what is missing is `''`. */
export type CsvRow = readonly (string | number)[];

/** How a kind of figure is drawn and written. One file a kind, registered in registry.ts. */
export interface FigureKind<F extends Figure> {
  /** `null` for kinds that are no picture. */
  option(figure: F, choice: FigureChoice, room: Room): Option | null;
  axes(figure: F): FigureAxis[];
  /** Pixels that it needs at a width, without title; `full`: with its whole legend. */
  height(figure: F, width: number, full: boolean): number;
  /** What intervals are, and what a reader must know of what is not in the picture. */
  notes(figure: F, choice: Pick<FigureChoice, 'scales' | 'hidden'>): string[];
  /** Its numbers as stored, heads first. */
  csv(figure: F): CsvRow[];
  /** Its numbers as people read them; `null`: there are none. */
  grid(figure: F): Grid | null;
  /** In a sentence, for those who cannot see it. */
  summary(figure: F): string;
}
