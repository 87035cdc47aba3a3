import type { Findings } from '../contract/figures.ts';

/** A file that an analysis leaves for people. */
export interface FindingsFile {
  readonly name: string;
  readonly text: string;
}

/** What was found, for a terminal. */
export function findingsText({ figures, claims, notes }: Findings): string {
  return [
    ...figures.map(
      (figure) =>
        `${figure.title}\n${figure.kind === 'words' ? `${figure.text}\n${figure.hint}` : JSON.stringify(figure)}`,
    ),
    ...claims.map(({ text, verdict }) => `${text}: ${verdict}`),
    ...notes,
  ].join('\n\n');
}

/** The figures as pictures and tables, and a page of Markdown that shows them. */
export function findingsFiles(
  _about: { readonly title: string; readonly subjects: string },
  _findings: Findings,
): Promise<FindingsFile[]> {
  return Promise.resolve([]);
}
