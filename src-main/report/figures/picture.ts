import type { Figure } from '../../contract/figures.ts';
import { fontFamily } from '../charts.ts';
import { surfaceOf } from '../palette.ts';
import type { FigureChoice, Option } from './drawing.ts';
import { textWidth } from './frame.ts';
import { figureHeight, figureNotes, figureOption } from './registry.ts';
import { sentence } from './xy.ts';

/** A figure for a file: it stands by itself. */
export interface FigurePicture {
  readonly option: Option;
  /** In CSS pixels. */
  readonly width: number;
  readonly height: number;
}

const TITLE = 20;
const LINE = 17;
const SIDE = 20;

/** The figure with its title and what its numbers mean; `null` for what is no picture. */
export function figurePicture(
  figure: Figure,
  { width = 880, ...choice }: Omit<FigureChoice, 'tip'> & { readonly width?: number },
): FigurePicture | null {
  const palette = surfaceOf(choice.theme);
  const titles = wrapped(figure.title, 15, width - 2 * SIDE);
  const said = [...(figure.about ? [sentence(figure.about)] : []), ...figureNotes(figure, choice)].join(' ');
  const lines = said === '' ? [] : wrapped(said, 12, width - 2 * SIDE);
  const top = 14 + TITLE * titles.length + LINE * lines.length + (lines.length > 0 ? 5 : 0) + 8;
  const option = figureOption(figure, choice, { top, bottom: 8, width });
  if (option === null) return null;
  return {
    option: {
      ...option,
      backgroundColor: palette.background,
      title: {
        left: SIDE,
        top: 14,
        padding: 0,
        itemGap: 5,
        text: titles.join('\n'),
        subtext: lines.join('\n'),
        textStyle: { color: palette.text, fontSize: 15, fontWeight: 600, fontFamily, lineHeight: TITLE },
        subtextStyle: { color: palette.quiet, fontSize: 12, fontFamily, lineHeight: LINE },
      },
    },
    width,
    height: top + 8 + figureHeight(figure, width, true),
  };
}

/** Broken at spaces to lines of a width in pixels. */
function wrapped(text: string, size: number, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || textWidth(`${last} ${word}`, size) * 1.04 > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
