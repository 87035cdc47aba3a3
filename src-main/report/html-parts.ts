import type { Comparison } from '../contract/compare.ts';
import { count, sparsityPercent } from './format.ts';
import { paletteOf } from './palette.ts';
import {
  allRounds,
  hasParticles,
  hasValidation,
  networks,
  seedsOf,
  type Metric,
  type Split,
} from './select.ts';
import { tableContent, type TableCell } from './table.ts';

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Experiment, denominator, rounds, seeds. */
export function facts(comparison: Comparison): string {
  const rounds = allRounds(comparison);
  const last = rounds.at(-1);
  const seeds = seedsOf(comparison);
  const { words, weights } = comparison.denominator;
  return [
    comparison.name === comparison.experiment
      ? comparison.experiment
      : `${comparison.name} (${comparison.experiment})`,
    `sparsity is of ${count(weights)} weights: ${words}`,
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
      ['remaining', 'Weights remaining'],
      ['inference', 'Inference FLOPs'],
      ['training', 'Training FLOPs'],
    ]),
    group('scale', 'Scale', [
      ['log', 'Log'],
      ['linear', 'Linear'],
    ]),
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

/** The table of one metric and split; all but test accuracy wait hidden until they are chosen. */
export function figureTable(comparison: Comparison, metric: Metric, split: Split): string {
  const content = tableContent(comparison, metric, split);
  const { arms: colours } = paletteOf(comparison, 'light');
  const cell = ({ text, best }: TableCell): string => {
    const [figure = '', spread] = text.split(' ± ');
    const after = spread === undefined ? '' : ` <span class="spread">± ${spread}</span>`;
    return `<td${best ? ' class="best"' : ''}>${figure}${after}</td>`;
  };
  const heads = content.arms.map(
    (arm, index) =>
      `<th scope="col" class="arm" style="--arm:var(--arm-${index},${colours[index] ?? 'currentColor'})">${escapeHtml(arm)}</th>`,
  );
  const rows = content.rows.map(
    (row) =>
      `<tr><th scope="row">${row.round}</th><td>${row.sparsity}</td><td>${row.remaining}</td>${row.cells.map(cell).join('')}</tr>`,
  );
  const hidden = metric === 'accuracy' && split === 'test' ? '' : ' hidden';
  return `<div class="scroll" data-table="${metric}/${split}"${hidden}><table class="figures">
<caption>${escapeHtml(content.caption.join(' '))} The best of a row is bold.</caption>
<thead><tr><th scope="col">round</th><th scope="col">sparsity %</th><th scope="col">weights left</th>${heads.join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table></div>`;
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
