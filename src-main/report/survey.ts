import type { Survey } from '../contract/survey.ts';
import { columns, count } from './format.ts';
import { escapeHtml } from './html-parts.ts';

/** Broken files named in the text; `--json` names them all. */
const NAMED = 10;

/** A data set's survey for people. */
export function surveyText(survey: Survey): string {
  const { classes, images } = survey;
  const row = (name: string, figures: Survey['images']): string[] => [
    name,
    count(figures.training),
    count(figures.validation),
    count(figures.test),
  ];
  const table = columns(
    [
      ['class', 'training', 'validation', 'test'],
      ...classes.map((each) => row(each.name, each)),
      ...(classes.length > 1 ? [row('all', images)] : []),
    ],
    ['left', 'right', 'right', 'right'],
  );
  const broken = survey.files?.broken ?? [];
  const lines = broken.slice(0, NAMED).map(({ file, reason }) => `  ${file}: ${reason}`);
  const more = broken.length > NAMED ? [`  and ${count(broken.length - NAMED)} more`] : [];
  return [
    survey.title,
    '',
    ...columns(
      surveyFacts(survey).map(([name, text]) => [name, text]),
      ['left', 'left'],
    ),
    ...(broken.length > 0 ? ['', 'Broken files:', ...lines, ...more] : []),
    '',
    ...table,
  ].join('\n');
}

/** What there is to say besides the images of each class. */
function surveyFacts(survey: Survey): [name: string, text: string][] {
  const { shape, split, normalisation, duplicates, files, digest } = survey;
  const figures = (values: readonly number[]): string => values.map((value) => value.toFixed(4)).join(', ');
  const { mean, deviation } = normalisation;
  return [
    ['images', `${shape.join('×')} (height × width × channels)`],
    ['classes', count(survey.classes.length)],
    ['test set', survey.division],
    [
      'validation set',
      split.validation > 0
        ? `${Number((100 * split.validation).toFixed(1))} % of the training set, each class in proportion, seed ${split.seed}`
        : 'none is held out',
    ],
    ['mean', `${figures(mean)} (of 0 … 1, over training and validation images)`],
    ['deviation', figures(deviation)],
    ['duplicates', duplicateText(duplicates)],
    ...(files
      ? ([
          [
            'ignored',
            files.ignored.length === 0
              ? 'nothing'
              : files.ignored.map(({ what, count: many }) => `${count(many)} ${what}`).join('; '),
          ],
          ['broken', files.broken.length === 0 ? 'none' : `${count(files.broken.length)} files`],
        ] as [string, string][])
      : []),
    ['digest', digest],
  ];
}

function duplicateText({ test, otherClass, training }: Survey['duplicates']): string {
  const other = otherClass > 0 ? ` (${count(otherClass)} of them under another class)` : '';
  return `${count(test)} test images are also training images${other}; ${count(training)} training images repeat another`;
}

/** An image that stands in a page. */
export interface PageImage {
  readonly name: string;
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The survey with images of each class, as a page that needs nothing else. */
export function surveyHtml(survey: Survey, rows: readonly PageImage[]): string {
  const facts = surveyFacts(survey).map(
    ([name, text]) => `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(text)}</td></tr>`,
  );
  const classes = survey.classes.map(({ name, training, validation, test }, label) => {
    const figures = [training, validation, test].map((value) => `<td class="figure">${count(value)}</td>`);
    return `<tr><th>${escapeHtml(name)}</th>${figures.join('')}<td>${image(rows[label])}</td></tr>`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escapeHtml(survey.title)}</title>
<style>
:root { color-scheme: light dark; font: 14px/1.4 system-ui, sans-serif; }
body { margin: 2rem; }
h1 { font-size: 1.3rem; }
table { border-collapse: collapse; margin-bottom: 1.5rem; }
th, td { padding: 2px 1rem 2px 0; text-align: left; }
thead th { font-weight: normal; }
tbody th { font-weight: 600; }
.figure { text-align: right; font-variant-numeric: tabular-nums; }
img { display: block; image-rendering: pixelated; }
</style>
<h1>${escapeHtml(survey.title)}</h1>
<table><tbody>${facts.join('\n')}</tbody></table>
<table>
<thead><tr><th>class</th><th>training</th><th>validation</th><th>test</th><th>training images</th></tr></thead>
<tbody>
${classes.join('\n')}
</tbody>
</table>
</html>
`;
}

function image(row: PageImage | undefined): string {
  if (!row) return '';
  const { name, png, width, height } = row;
  const data = Buffer.from(png).toString('base64');
  return `<img src="data:image/png;base64,${data}" width="${width}" height="${height}" alt="${escapeHtml(name)}">`;
}
