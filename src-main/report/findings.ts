import type { Figure, Findings } from '../contract/figures.ts';
import { claimsCsv, claimsGrid, claimsText } from './figures/claims.ts';
import { looksOf } from './figures/looks.ts';
import { figurePicture } from './figures/picture.ts';
import { figureCsv, figureGrid, figureNotes } from './figures/registry.ts';
import { findingsPage } from './findings-page.ts';
import { wrap } from './format.ts';
import { gridText, markdownText, type Grid } from './grid.ts';
import type { Theme } from './palette.ts';
import { optionSvg } from './svg.ts';

/** A file that an analysis leaves for people. */
export interface FindingsFile {
  readonly name: string;
  readonly text: string;
}

/** Whose findings they are, for a heading. */
export interface About {
  readonly title: string;
  readonly subjects: string;
}

export interface FindingsTextOptions {
  /** Columns of the terminal. */
  readonly width?: number;
}

/** Longer tables are thinned for a terminal: the whole of them is in a CSV file. */
const LONGEST = 60;

/** What was found, for a terminal: tables first, so that claims and notes stand where reading ends. */
export function findingsText(
  { figures, claims, notes }: Findings,
  { width = 100 }: FindingsTextOptions = {},
): string {
  const text = (grid: Grid): string =>
    gridText(thinned(grid), { format: 'text', colour: false, width, label: '' });
  return [
    ...figures.map((figure) => {
      const grid = figureGrid(figure);
      if (grid !== null) return text({ ...grid, caption: [...grid.caption, ...notesOf(figure)] });
      const said = figure.kind === 'words' ? [figure.text, figure.hint] : [];
      return [figure.title, ...said].flatMap((line) => wrap(line, width)).join('\n');
    }),
    ...(claims.length === 0 ? [] : [claimsText(claims, width)]),
    ...(notes.length === 0 ? [] : [notes.flatMap((note) => wrap(note, width)).join('\n')]),
  ].join('\n\n');
}

function thinned(grid: Grid): Grid {
  const every = Math.ceil(grid.rows.length / LONGEST);
  if (every <= 1) return grid;
  return {
    ...grid,
    caption: [...grid.caption, `One row in ${every} of ${grid.rows.length}; the CSV file has all.`],
    rows: grid.rows.filter((_, index) => index % every === 0),
  };
}

/** What a chart says below it and a table does not: what is not drawn is in the table. */
function notesOf(figure: Figure): string[] {
  return figureNotes(figure).filter(
    (note) => !/^(Bars|Bands)\b/.test(note) && !/logarithmic axis/.test(note),
  );
}

/** What was found as a page of Markdown; pictures stand beside it as files. */
export function findingsMarkdown({ title, subjects }: About, { figures, claims, notes }: Findings): string {
  const table = (grid: Grid): string =>
    gridText(grid, { format: 'markdown', colour: false, width: 0, label: '' });
  const parts = figures.flatMap((figure) => {
    const head = `## ${markdownText(figure.title)}`;
    if (figure.kind === 'words')
      return [head, `${markdownText(figure.text)} ${markdownText(figure.hint)}`.trim()];
    const grid = figureGrid(figure);
    return [
      head,
      ...(isPicture(figure) ? [`![${markdownText(figure.title)}](${fileName(figure, 'svg')})`] : []),
      ...(grid === null ? [] : [table(untitled(grid))]),
    ];
  });
  return `${[
    `# ${markdownText(title)}`,
    ...(subjects === '' ? [] : [`Of ${markdownText(subjects)}.`]),
    ...notes.map(markdownText),
    ...(claims.length === 0 ? [] : ['## Claims', table(claimsGrid(claims))]),
    ...parts,
  ].join('\n\n')}\n`;
}

/** Without its first sentence, which is the figure's title: a heading says it. */
function untitled(grid: Grid): Grid {
  return { ...grid, caption: grid.caption.slice(1) };
}

function isPicture({ kind }: Figure): boolean {
  return kind !== 'table' && kind !== 'words';
}

function fileName({ id }: Figure, extension: 'svg' | 'csv'): string {
  return `${id.replace(/[^a-z0-9-]/g, '-')}.${extension}`;
}

/**
 * Everything that was found as files: pictures, their numbers, the claims, a page of Markdown and one that opens in a browser and
 * needs nothing else.
 */
export async function findingsFiles(
  about: About,
  findings: Findings,
  { theme = 'light', width = 880 }: { readonly theme?: Theme; readonly width?: number } = {},
): Promise<FindingsFile[]> {
  const svg = async (figure: Figure, shade: Theme): Promise<string | null> => {
    const picture = figurePicture(figure, { theme: shade, width, looks: looksOf(findings, shade) });
    return picture && (await optionSvg(picture.option, picture));
  };
  const files: FindingsFile[] = [];
  for (const figure of findings.figures) {
    const text = await svg(figure, theme);
    if (text !== null) files.push({ name: fileName(figure, 'svg'), text });
    const csv = figureCsv(figure);
    if (csv !== '') files.push({ name: fileName(figure, 'csv'), text: csv });
  }
  if (findings.claims.length > 0) files.push({ name: 'claims.csv', text: claimsCsv(findings.claims) });
  files.push({ name: 'findings.md', text: findingsMarkdown(about, findings) });
  files.push({ name: 'findings.html', text: await findingsPage(about, findings, svg) });
  return files;
}
