import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison } from '../contract/compare.ts';
import type { ExperimentId, RunId } from '../contract/ids.ts';
import { exportRun, locateNetwork } from '../experiment/export.ts';
import { compareStored, type Prepared, type Studio } from '../experiment/studio.ts';
import { comparisonCsv } from '../report/csv.ts';
import { columns, percent, wrap } from '../report/format.ts';
import { comparisonTable } from '../report/table.ts';
import { verdict } from '../report/verdict.ts';
import { readImages } from './data-loading.ts';
import type { Output } from './output.ts';

/** What a finished experiment leaves for people: the comparison as a page and a table, and a pruned checkpoint. */
export interface FinalReport {
  readonly text: string;
  readonly json: { readonly verdict: string; readonly files: Readonly<Record<string, string>> };
}

/** Writes `<library>/reports/<experiment>/` and composes the closing text. */
export async function finishReport(
  studio: Studio,
  id: ExperimentId,
  prepared: Prepared,
  output: Output,
): Promise<FinalReport> {
  const { library } = studio;
  const comparison = compareStored(library, id, prepared);
  const folder = join(library.dir, 'reports', id);
  mkdirSync(folder, { recursive: true });
  const files: Record<string, string> = {
    comparison: join(folder, 'comparison.html'),
    table: join(folder, 'comparison.csv'),
  };
  writeFileSync(
    files['comparison'] ?? '',
    (await import('../report/html.ts')).comparisonHtml(comparison, { config: prepared.config }),
  );
  writeFileSync(files['table'] ?? '', comparisonCsv(comparison));
  const lines: [string, string][] = [
    ['comparison', files['comparison'] ?? ''],
    ['table', files['table'] ?? ''],
  ];
  const chosen = smallestSingleNetwork(comparison);
  if (chosen && !locateNetwork(library, chosen).network.isThere) {
    // Of an experiment that came in a run file without it.
    lines.push(['checkpoint', `none: round ${chosen.round} of ${chosen.run} is not in the library`]);
  } else if (chosen) {
    const out = join(folder, `${chosen.run.split('/').slice(1).join('-')}-round-${chosen.round}.safetensors`);
    output.note(`Exporting round ${chosen.round} of ${chosen.run}, and evaluating the file`);
    const { run, round } = chosen;
    const request = { run, round, format: 'safetensors', out };
    const exported = await exportRun(studio, request, { load: readImages });
    files['checkpoint'] = exported.file;
    files['card'] = exported.card;
    const { accuracy } = exported.evaluation.test;
    lines.push(
      ['checkpoint', `${exported.file}`],
      ['', `${percent(exported.sparsity)} pruned, test accuracy ${percent(accuracy, 2)} when opened again`],
      ['model card', exported.card],
    );
  }
  lines.push(['library', library.dir]);
  const sentence = verdict(comparison);
  const width = process.stdout.columns || 100;
  const text = [
    comparisonTable(comparison, { colour: process.stdout.isTTY, width }),
    columns(lines, ['left', 'left']).join('\n'),
    wrap(sentence, width).join('\n'),
  ].join('\n\n');
  return { text, json: { verdict: sentence, files } };
}

/** Of the last round, the run that is best on validation among arms of one network. */
function smallestSingleNetwork({ arms }: Comparison): { run: RunId; round: number } | null {
  const candidates = arms
    .filter(({ kind }) => kind !== 'imp-ensemble')
    .flatMap(({ rounds }) => rounds.flatMap(({ round, seeds }) => seeds.map((seed) => ({ round, seed }))));
  const last = Math.max(...candidates.map(({ round }) => round));
  const [best] = candidates
    .filter(({ round }) => round === last)
    .sort((a, b) => judged(b.seed) - judged(a.seed));
  return best ? { run: best.seed.run as RunId, round: best.round } : null;
}

/** Without a validation set there is nothing to choose by: the first in the list. */
function judged({ validation }: Comparison['arms'][number]['rounds'][number]['seeds'][number]): number {
  return validation?.accuracy ?? 0;
}
