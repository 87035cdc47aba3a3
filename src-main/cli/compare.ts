import { ConfigError, ExitCode } from '../contract/errors.ts';
import { compareStored, storedExperiment } from '../experiment/studio.ts';
import { comparisonCsv } from '../report/csv.ts';
import { wrap } from '../report/format.ts';
import { metrics, splits, type Metric, type Split } from '../report/select.ts';
import { comparisonTable, type TableFormat } from '../report/table.ts';
import { verdict } from '../report/verdict.ts';
import { requireWritable, writeText } from './files.ts';
import type { Output } from './output.ts';
import { withLibrary, type CommonOptions } from './session.ts';

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
  for (const [option, file] of Object.entries({
    '--html': options.html,
    '--csv': options.csv,
    '--svg': options.svg,
  })) {
    if (file !== undefined) requireWritable(option, file);
  }
  const { comparison, config } = await withLibrary(options, (library) => {
    const id = library.store.findExperiment(text);
    const prepared = storedExperiment(library, id);
    return { comparison: compareStored(library, id, prepared), config: prepared.config };
  });
  const write = (path: string, content: string): void => {
    writeText(path, content);
    output.note(`Wrote ${path}`);
  };
  if (options.html)
    write(options.html, (await import('../report/html.ts')).comparisonHtml(comparison, { config }));
  if (options.csv) write(options.csv, comparisonCsv(comparison));
  if (options.svg) {
    const { comparisonSvg } = await import('../report/svg.ts');
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
    const width = process.stdout.columns || 100;
    const table = comparisonTable(comparison, { format, metric, split, colour, width });
    return format === 'text' ? [table, '', ...wrap(verdict(comparison), width)].join('\n') : table;
  });
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
