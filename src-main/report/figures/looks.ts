import type { Figure, Findings } from '../../contract/figures.ts';
import { armSymbols, coloursBeside, paletteOf, type Theme } from '../palette.ts';
import type { FigureChoice, Look } from './drawing.ts';

/** How a series is drawn. */
export interface SeriesLook extends Look {
  /** As ECharts has it: a name, or lengths of dash and gap. */
  readonly line: string | readonly number[];
  readonly width: number;
  /** Symbols with a hole: a further series of the same arm. */
  readonly hollow: boolean;
}

interface Labelled {
  readonly label: string;
  readonly arm?: string | undefined;
  readonly dashed?: boolean | undefined;
}

/** Lines of the series of one arm, in the order they come. */
const armLines = ['solid', [7, 3], [2, 3], [9, 3, 2, 3]] as const;

/** Labels of arms in figures, each once, in the order they come. */
export function armsIn(figures: readonly Figure[]): string[] {
  const labels = figures.flatMap((figure) =>
    'series' in figure ? figure.series.flatMap(({ arm }) => arm ?? []) : [],
  );
  return [...new Set(labels)];
}

/** Looks for all arms of findings: one colour an arm in all of its figures. */
export function looksOf({ figures }: Pick<Findings, 'figures'>, theme: Theme): ReadonlyMap<string, Look> {
  return armLooks(armsIn(figures), theme);
}

function armLooks(labels: readonly string[], theme: Theme): ReadonlyMap<string, Look> {
  // A label begins with the arm's kind: `swamp(4)`.
  const arms = labels.map((arm) => ({ arm, kind: arm.split('(')[0] ?? '' }));
  const colours = paletteOf({ arms }, theme).arms;
  return new Map(
    labels.map((label, index) => [
      label,
      { colour: colours[index] ?? 'currentColor', symbol: armSymbols[index % armSymbols.length] ?? 'circle' },
    ]),
  );
}

/** A look for each series: its arm's, and where there is none one that no arm beside it has. */
export function seriesLooks(
  series: readonly Labelled[],
  { theme, looks }: Pick<FigureChoice, 'theme' | 'looks'>,
  quiet: string,
): SeriesLook[] {
  const arms = [...new Set(series.flatMap(({ arm }) => arm ?? []))];
  const known = looks ?? armLooks(arms, theme);
  const strange = [
    ...arms.filter((arm) => !known.has(arm)),
    ...series.filter(({ arm, dashed }) => arm === undefined && !dashed).map(({ label }) => label),
  ];
  const taken = arms.flatMap((arm) => known.get(arm)?.colour ?? []);
  const spare = coloursBeside(taken, strange.length, theme);
  const met = new Map<string, number>();
  return series.map(({ label, arm, dashed = false }, index): SeriesLook => {
    const name = arm ?? label;
    const before = met.get(name) ?? 0;
    met.set(name, before + 1);
    const look = arm === undefined ? undefined : known.get(arm);
    const place = strange.indexOf(name);
    const own = { colour: spare[place] ?? quiet, symbol: armSymbols[index % armSymbols.length] ?? 'circle' };
    const { colour, symbol } = look ?? own;
    const at = armSymbols.findIndex((each) => each === symbol);
    return {
      colour,
      symbol: before === 0 ? symbol : (armSymbols[(at + before) % armSymbols.length] ?? symbol),
      line: dashed ? [5, 4] : (armLines[before % armLines.length] ?? 'solid'),
      width: dashed ? 1.25 : 2,
      hollow: before % 2 === 1,
    };
  });
}
