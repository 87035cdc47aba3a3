import type { Comparison } from '../contract/compare.ts';
import { networks } from '../statistics/arms.ts';
import { count, sparsityPercent } from './format.ts';
import { paletteOf } from './palette.ts';
import {
  allRounds,
  hasParticles,
  hasValidation,
  oneDenominator,
  seedsOf,
  type Metric,
  type Split,
} from './select.ts';
import type { Grid, TableCell } from './grid.ts';
import { bandName, bandsOf } from './bands.ts';
import { averagedDifferences, differencesByRound, settingsTable, smallestTable } from './statistics.ts';
import { tableContent } from './table.ts';

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Experiment, denominator, rounds, seeds. */
export function facts(comparison: Comparison): string {
  const rounds = allRounds(comparison);
  const last = rounds.at(-1);
  const seeds = seedsOf(comparison);
  const { words, weights } = comparison.denominator;
  const name =
    comparison.experiments || comparison.name === comparison.experiment
      ? comparison.experiment.replaceAll(' ', ', ')
      : `${comparison.name} (${comparison.experiment})`;
  return [
    name,
    oneDenominator(comparison)
      ? `sparsity is of ${count(weights)} weights: ${words}`
      : "sparsity is of each network's own weights, and arms stand side by side by sparsity",
    ...(last ? [`${rounds.length} rounds to ${sparsityPercent(last.sparsity)} sparsity`] : []),
    ...(seeds.length > 0 ? [`${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`] : []),
    ...(comparison.complete ? [] : ['rounds are still missing']),
  ]
    .map((fact) => `<span>${escapeHtml(fact)}</span>`)
    .join(' ');
}

/** The choices above the charts, as groups of radio buttons. */
export function choices(comparison: Comparison): string {
  const group = (name: string, title: string, options: readonly (readonly [string, string])[]): string => {
    const labels = options.map(
      ([value, words], index) =>
        `<label><input type="radio" name="${name}" value="${value}"${index === 0 ? ' checked' : ''}>${words}</label>`,
    );
    return `<fieldset><legend>${title}</legend>${labels.join('')}</fieldset>`;
  };
  return [
    group('metric', 'Figure', [
      ['accuracy', 'Accuracy'],
      ['nll', 'NLL'],
      ['ece', 'ECE'],
    ]),
    ...(hasValidation(comparison)
      ? [
          group('split', 'Split', [
            ['test', 'Test'],
            ['validation', 'Validation'],
          ]),
        ]
      : []),
    group('x', 'Against', [
      ['remaining', 'Sparsity'],
      ['inference', 'Inference cost'],
      ['training', 'Training cost'],
    ]),
    group('scale', 'Scale', [
      ['log', 'Log'],
      ['linear', 'Linear'],
    ]),
    ...(bandsOf(comparison).length > 1
      ? [
          group(
            'band',
            'Bands',
            bandsOf(comparison).map((band) => [band, bandName(comparison, band)]),
          ),
        ]
      : []),
  ].join('\n');
}

/** A button an arm, which takes it out of the chart and back. */
export function legend(comparison: Comparison): string {
  return comparison.arms
    .map((arm, index) => {
      if (arm.kind === 'dense') return '';
      const several = networks(arm);
      const style = `class="swatch${several > 1 ? ' several' : ''}" style="--arm:var(--arm-${index})"`;
      const cost = several > 1 ? ` (${several} networks)` : '';
      const name = escapeHtml(arm.arm);
      return `<button type="button" aria-pressed="true" data-arm="${name}"><span ${style}></span>${name}${cost}</button>`;
    })
    .join('\n');
}

/** A place for the particles of each arm that has several. */
export function particleSections(comparison: Comparison): string {
  const arms = comparison.arms.filter(hasParticles);
  if (arms.length === 0) return '';
  const figures = arms.map((arm, index) => {
    const title =
      networks(arm) > 1
        ? `${arm.arm}: its members and their ensemble`
        : `${arm.arm}: the average against its particles and their ensemble`;
    const text = escapeHtml(title);
    return `<div><h2>${text}</h2><div class="chart" tabindex="0" role="img" aria-label="${text}" data-particles="${index}"></div></div>`;
  });
  return `<section class="needs-script small-charts" aria-label="Particles" hidden>${figures.join('\n')}</section>`;
}

/** The tables of one metric and split; all but test accuracy wait hidden until they are chosen. */
export function figureTables(comparison: Comparison, metric: Metric, split: Split): string {
  const content = tableContent(comparison, metric, split);
  const colours = paletteOf(comparison, 'light').arms;
  const armHead =
    (scope: 'col' | 'row') =>
    (name: string, at: number): string =>
      `<th scope="${scope}" class="arm" style="--arm:var(--arm-${at},${colours[at] ?? 'currentColor'})">${escapeHtml(name)}</th>`;
  const heads = content.turned ? { row: armHead('row') } : { column: armHead('col') };
  const averaged = averagedDifferences(comparison, metric, split);
  const byRound = differencesByRound(comparison, metric, split);
  const hidden = metric === 'accuracy' && split === 'test' ? '' : ' hidden';
  return [
    `<div data-table="${metric}/${split}"${hidden}>`,
    gridHtml(
      {
        ...content,
        caption: [...content.caption, `The best of a ${content.turned ? 'column' : 'row'} is bold.`],
      },
      heads,
    ),
    ...(averaged ? [`<h2>Differences, averaged</h2>`, gridHtml(averaged)] : []),
    ...(byRound
      ? [`<details><summary>Differences, round by round</summary>`, gridHtml(byRound), '</details>']
      : []),
    '</div>',
  ].join('\n');
}

/** The smallest networks about as good as the dense one, or why there are none to choose. */
export function smallestSection(comparison: Comparison, refused: readonly string[]): string {
  const grid = smallestTable(comparison);
  const body = grid ? gridHtml(grid) : `<p class="note">${escapeHtml(refused.join(' '))}</p>`;
  return body === '<p class="note"></p>'
    ? ''
    : `<section aria-label="Smallest networks"><h2>Smallest network about as good as dense</h2>${body}</section>`;
}

/** How heads are made: those of columns, and those that rows begin with. */
interface Heads {
  readonly column?: (name: string, at: number) => string;
  readonly row?: (name: string, at: number) => string;
}

/** A table; its heads as they are asked for. */
export function gridHtml(grid: Grid, heads: Heads = {}): string {
  const {
    column = (name) => `<th scope="col">${escapeHtml(name)}</th>`,
    row = (name) => `<th scope="row">${escapeHtml(name)}</th>`,
  } = heads;
  const cell = ({ text, best }: TableCell): string => {
    const [figure = '', spread] = text.split(' ± ');
    const after = spread === undefined ? '' : ` <span class="spread">± ${escapeHtml(spread)}</span>`;
    return `<td${best ? ' class="best"' : ''}>${escapeHtml(figure)}${after}</td>`;
  };
  const rows = grid.rows.map(({ leading: [name = '', ...others], cells }, at) => {
    const leading = others.map((text) => `<td>${escapeHtml(text)}</td>`).join('');
    return `<tr>${row(name, at)}${leading}${cells.map(cell).join('')}</tr>`;
  });
  const leading = grid.leading.map((name) => `<th scope="col">${escapeHtml(name)}</th>`);
  return `<div class="scroll"><table class="figures${grid.named ? ' named' : ''}">
<caption>${escapeHtml(grid.caption.join(' '))}</caption>
<thead><tr>${leading.join('')}${grid.heads.map(column).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table></div>`;
}

/** The settings that differ between several experiments. */
export function differingSettings(comparison: Comparison): string {
  const grid = settingsTable(comparison);
  return grid ? `<section aria-label="Settings that differ">${gridHtml(grid)}</section>` : '';
}

/** Settings by path, each as `--set path=value` takes it. */
export function settings(config: unknown): string {
  if (config === undefined || config === null) return '';
  const rows = flat(config, '').map(
    ([path, value]) => `<tr><th scope="row">${escapeHtml(path)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<details><summary>Settings of the experiment</summary><table class="settings"><tbody>${rows.join('\n')}</tbody></table></details>`;
}

function flat(value: unknown, path: string): [string, string][] {
  if (typeof value !== 'object' || value === null) {
    return [[path, typeof value === 'string' ? value : (JSON.stringify(value) ?? '')]];
  }
  const nested = Object.values(value).some((item) => typeof item === 'object' && item !== null);
  if (Array.isArray(value) && !nested) return [[path, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, item]) => flat(item, path === '' ? key : `${path}.${key}`));
}
