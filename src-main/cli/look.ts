import { writeAtomically } from '../checkpoint/files.ts';
import { ConfigError, ExitCode } from '../contract/errors.ts';
import type { ExperimentId, RunId } from '../contract/ids.ts';
import { describeConfig } from '../experiment/describe.ts';
import { presets } from '../experiment/presets.ts';
import { compareStored, storedExperiment } from '../experiment/studio.ts';
import { comparisonCsv } from '../report/csv.ts';
import { bytes, columns, percent } from '../report/format.ts';
import { metrics, splits, type Metric, type Split } from '../report/select.ts';
import { comparisonSvg } from '../report/svg.ts';
import { comparisonTable, type TableFormat } from '../report/table.ts';
import { verdict } from '../report/verdict.ts';
import type { Library } from '../store/library.ts';
import type { ExperimentRow, RunRow } from '../store/rows.ts';
import type { Output } from './output.ts';
import { withLibrary, type CommonOptions } from './session.ts';

/** `swamp list` */
export function list(options: CommonOptions, output: Output): ExitCode {
  return withLibrary(options, ({ store }) => {
    const experiments = store.experiments();
    output.result({ experiments: experiments.map(experimentJson) }, () => {
      if (experiments.length === 0) return 'No experiments yet. `swamp run demo` starts one.';
      const rows = experiments.map(({ id, state, created, counts, runs }) => [
        id,
        state,
        new Date(created).toISOString().slice(0, 16).replace('T', ' '),
        `${runs} runs`,
        `${counts.done}/${Object.values(counts).reduce((sum, count) => sum + count, 0)} jobs`,
      ]);
      return columns(rows, ['left', 'left', 'left', 'right', 'right']).join('\n');
    });
    return ExitCode.ok;
  });
}

/** `swamp show EXPERIMENT|RUN` */
export function show(text: string, options: CommonOptions, output: Output): ExitCode {
  return withLibrary(options, (library) => {
    const { store } = library;
    if (text.includes('/')) {
      const id = store.findRun(text);
      const row = store.run(id);
      output.result({ run: runJson(row) }, () => runText(row, library));
      return ExitCode.ok;
    }
    const id = store.findExperiment(text);
    const row = store.experiment(id);
    const runs = store.runs({ experiment: id });
    const { config } = storedExperiment(library, id);
    const used = store.usage().experiments.find((each) => each.id === id);
    output.result(
      { experiment: experimentJson(row), config, runs: runs.map(runJson), usage: used ?? null },
      () =>
        [
          columns(
            [
              ['experiment', id],
              ['state', row.state],
              ...describeConfig(config).map(({ label, text: words }): [string, string] => [label, words]),
              ['disk', `${bytes(used?.bytes ?? 0)}, ${bytes(used?.own ?? 0)} of it only this one's`],
            ],
            ['left', 'left'],
          ).join('\n'),
          columns(
            runs.map(({ id: run, state, summary, rounds }) => [
              run,
              state,
              `${summary.roundsDone}/${rounds} rounds`,
              summary.finalAccuracy === null ? '' : `${percent(summary.finalAccuracy, 2)} test`,
              summary.finalSparsity === null ? '' : `${percent(summary.finalSparsity)} pruned`,
            ]),
            ['left', 'left', 'right', 'right', 'right'],
          ).join('\n'),
        ].join('\n\n'),
    );
    return ExitCode.ok;
  });
}

export interface CompareOptions extends CommonOptions {
  readonly html?: string;
  readonly csv?: string;
  readonly svg?: string;
  readonly format: string;
  readonly metric: string;
  readonly split: string;
  readonly dark?: boolean;
}

/** `swamp compare EXPERIMENT` */
export async function compare(text: string, options: CompareOptions, output: Output): Promise<ExitCode> {
  const metric = oneOf<Metric>('--metric', options.metric, metrics);
  const split = oneOf<Split>('--split', options.split, splits);
  const format = oneOf<TableFormat>('--format', options.format, ['text', 'markdown', 'latex']);
  const { comparison, config } = withLibrary(options, (library) => {
    const id = library.store.findExperiment(text);
    const prepared = storedExperiment(library, id);
    return { comparison: compareStored(library, id, prepared), config: prepared.config };
  });
  const write = (path: string, content: string): void => {
    writeAtomically(path, [new TextEncoder().encode(content)]);
    output.note(`Wrote ${path}`);
  };
  if (options.html)
    write(options.html, (await import('../report/html.ts')).comparisonHtml(comparison, { config }));
  if (options.csv) write(options.csv, comparisonCsv(comparison));
  if (options.svg) {
    write(
      options.svg,
      await comparisonSvg(comparison, { metric, split, theme: options.dark ? 'dark' : 'light' }),
    );
  }
  output.result(comparison, () => {
    if (comparison.arms.every(({ rounds }) => rounds.length === 0)) {
      return `No round of ${comparison.experiment} is finished yet. \`swamp resume ${comparison.experiment}\` goes on with it.`;
    }
    const colour = process.stdout.isTTY && format === 'text';
    const table = comparisonTable(comparison, {
      format,
      metric,
      split,
      colour,
      width: process.stdout.columns || 100,
    });
    return format === 'text' ? `${table}\n\n${verdict(comparison)}` : table;
  });
  return ExitCode.ok;
}

/** `swamp presets` */
export function listPresets(output: Output): ExitCode {
  const all = [...presets.values()];
  output.result({ presets: all }, () =>
    all.map(({ name, title, notes }) => `${name}\n  ${title}\n  ${notes}`).join('\n'),
  );
  return ExitCode.ok;
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found !== undefined) return found;
  throw new ConfigError(
    `${option} ${value}: there is no such choice`,
    `Choose one of ${allowed.join(', ')}.`,
  );
}

function experimentJson({ id, name, created, state, counts, runs, note }: ExperimentRow): {
  id: ExperimentId;
  [key: string]: unknown;
} {
  return { id, name, created: new Date(created).toISOString(), state, jobs: counts, runs, note };
}

function runJson({ id, experiment, arm, kind, seed, rounds, state, counts, summary, tags, note }: RunRow): {
  id: RunId;
  [key: string]: unknown;
} {
  return { id, experiment, arm, kind, seed, rounds, state, jobs: counts, summary, tags, note };
}

function runText(row: RunRow, library: Library): string {
  const comparison = compareStored(library, row.experiment);
  const seeds = comparison.arms.flatMap(({ rounds }) =>
    rounds.flatMap(({ round, sparsity, seeds: each }) =>
      each.filter(({ run }) => run === row.id).map((seed) => ({ round, sparsity, seed })),
    ),
  );
  const head = columns(
    [
      ['run', row.id],
      ['state', row.state],
      ['rounds', `${seeds.length} of ${row.rounds} done`],
    ],
    ['left', 'left'],
  );
  const rows = seeds.map(({ round, sparsity, seed }) => [
    String(round),
    percent(sparsity),
    percent(seed.test.accuracy, 2),
    seed.validation ? percent(seed.validation.accuracy, 2) : '–',
    seed.test.nll.toFixed(4),
    seed.test.ece.toFixed(4),
  ]);
  const header = ['round', 'sparsity', 'test', 'validation', 'test NLL', 'test ECE'];
  return [
    ...head,
    '',
    ...columns(
      [header, ...rows],
      header.map(() => 'right'),
    ),
  ].join('\n');
}
