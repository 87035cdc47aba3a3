import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Comparison } from '../contract/compare.ts';
import { bandWords } from './bands.ts';
import {
  choices,
  differingSettings,
  escapeHtml,
  facts,
  figureTables,
  legend,
  particleSections,
  settings,
  smallestSection,
} from './html-parts.ts';
import { pageData } from './page-data.ts';
import { hasValidation, metrics, splits } from './select.ts';
import { refusedSentence } from './statistics.ts';
import { verdictSentences } from './verdict.ts';

export interface ReportExtras {
  /** The experiment's settings as stored; shown by path, as `--set` takes them. */
  readonly config?: unknown;
}

/**
 * The comparison as one HTML file that needs nothing else: charts, table, verdict and settings. It opens from a
 * disk and, by its content security policy, reaches no network.
 */
export function comparisonHtml(comparison: Comparison, extras: ReportExtras = {}): string {
  const echarts = readFileSync(createRequire(import.meta.url).resolve('echarts/dist/echarts.min.js'), 'utf8');
  const script = resource('report.js');
  const shownSplits = hasValidation(comparison) ? splits : splits.slice(0, 1);
  // A closing tag inside a script would end it early.
  const scripts = [echarts, script].map((text) => `\n${text.replaceAll('</script', '<\\/script')}\n`);
  const parts: Readonly<Record<string, string>> = {
    csp: policy(scripts),
    title: escapeHtml(`${comparison.dataset}, ${comparison.model}: comparison`),
    style: resource('report.css'),
    headline: escapeHtml(`${comparison.dataset} · ${comparison.model}`),
    facts: facts(comparison),
    verdict: escapeHtml(verdictSentences(comparison).join(' ')),
    choices: choices(comparison),
    legend: legend(comparison),
    bands: escapeHtml(bandWords(comparison, 'deviation')),
    particles: particleSections(comparison),
    tables: metrics
      .flatMap((metric) => shownSplits.map((split) => figureTables(comparison, metric, split)))
      .join('\n'),
    smallest: smallestSection(comparison, refusedSentence(comparison)),
    differing: differingSettings(comparison),
    settings: settings(extras.config),
    data: embeddedJson(pageData(comparison)),
    echarts: scripts[0] ?? '',
    script: scripts[1] ?? '',
  };
  return fill(resource('report.html'), parts);
}

/** Puts each part in its place. What is inserted is not searched again. */
function fill(template: string, parts: Readonly<Record<string, string>>): string {
  return template.replace(
    /<script>\s*\/\*\{\{(\w+)\}\}\*\/\s*<\/script>|\/\*\{\{(\w+)\}\}\*\/|\{\{(\w+)\}\}/g,
    (_, script?: string, style?: string, text?: string) => {
      const name = script ?? style ?? text ?? '';
      const part = parts[name];
      if (part === undefined) throw new Error(`The report's template names an unknown part: ${name}`);
      // Scripts are hashed for the policy: between their tags stands exactly what was hashed.
      return script === undefined ? part : `<script>${part}</script>`;
    },
  );
}

/** Only the page's own two scripts run, and nothing is fetched from anywhere. */
function policy(scripts: readonly string[]): string {
  const hashes = scripts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  return [
    "default-src 'none'",
    `script-src ${hashes.join(' ')}`,
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** JSON that cannot end the script element it stands in, nor a line of it. */
export function embeddedJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

function resource(name: string): string {
  return readFileSync(new URL(`../../resources/report/${name}`, import.meta.url), 'utf8');
}
