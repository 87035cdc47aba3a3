import { readFileSync } from 'node:fs';
import type { Figure, Findings } from '../contract/figures.ts';
import { claimsGrid } from './figures/claims.ts';
import { figureGrid } from './figures/registry.ts';
import { escapeHtml, gridHtml } from './html-parts.ts';
import type { Theme } from './palette.ts';

/** Beside the style of the comparison's page: pictures no wider than they are, tables folded away below them. */
const STYLE = `
body { max-width: 1000px; }
header { display: block; }
section { margin: 28px 0; }
section > h2 { font-size: 15.5px; margin-bottom: 6px; }
img { display: block; max-width: 100%; height: auto; }
details { margin-top: 6px; }
summary { cursor: pointer; }
.words { font-size: 14px; max-width: 80ch; }`;

/**
 * What was found as one HTML file that needs nothing else: pictures for light and dark, tables, claims. It has no scripts, and by
 * its content security policy reaches no network.
 */
export async function findingsPage(
  { title, subjects }: { readonly title: string; readonly subjects: string },
  { figures, claims, notes }: Findings,
  svg: (figure: Figure, theme: Theme) => Promise<string | null>,
): Promise<string> {
  const sections: string[] = [];
  for (const figure of figures) {
    const [light, dark] = [await svg(figure, 'light'), await svg(figure, 'dark')];
    sections.push(
      `<section aria-label="${escapeHtml(figure.title)}">${section(figure, light, dark)}</section>`,
    );
  }
  const style = readFileSync(new URL('../../resources/report/report.css', import.meta.url), 'utf8');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'" />
<meta name="color-scheme" content="light dark" />
<title>${escapeHtml(title)}</title>
<style>${style}${STYLE}</style>
</head>
<body>
<header><h1>${escapeHtml(title)}</h1><p class="facts">${escapeHtml(subjects)}</p></header>
<main>
${notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`).join('\n')}
${claims.length === 0 ? '' : `<section aria-label="Claims"><h2>Claims</h2>${gridHtml(claimsGrid(claims))}</section>`}
${sections.join('\n')}
</main>
</body>
</html>
`;
}

function section(figure: Figure, light: string | null, dark: string | null): string {
  const heading = `<h2>${escapeHtml(figure.title)}</h2>`;
  if (figure.kind === 'words')
    return `${heading}<p class="words">${escapeHtml(`${figure.text} ${figure.hint}`.trim())}</p>`;
  const grid = figureGrid(figure);
  const table = grid === null ? '' : gridHtml({ ...grid, caption: grid.caption.slice(1) });
  if (light === null || dark === null) return `${heading}${table}`;
  // The picture has its own heading.
  return `<picture><source media="(prefers-color-scheme: dark)" srcset="${dataUri(dark)}" /><img src="${dataUri(light)}" alt="${escapeHtml(figure.title)}" /></picture><details><summary>Figures</summary>${table}</details>`;
}

function dataUri(svg: string): string {
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}
