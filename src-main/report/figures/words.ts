import type { FigureOf } from '../../contract/figures.ts';
import type { FigureKind } from './drawing.ts';

/** No picture and no numbers: why not, and what to do. */
export const wordsKind: FigureKind<FigureOf<'words'>> = {
  option: () => null,
  axes: () => [],
  height: () => 0,
  notes: () => [],
  csv: () => [],
  grid: () => null,
  summary: ({ text, hint }) => `${text} ${hint}`.trimEnd(),
};
