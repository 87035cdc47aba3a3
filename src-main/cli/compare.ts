import { ConfigError, ExitCode } from '../contract/errors.ts';
import type { ExperimentConfig } from '../contract/experiment.ts';
import { findExperiments } from '../experiment/find.ts';
import { compareSeveral } from '../experiment/several.ts';
import { storedExperiment } from '../experiment/studio.ts';
import { bands, type Band } from '../report/bands.ts';
import { comparisonCsv } from '../report/csv.ts';
import { differencesCsv } from '../report/differences-csv.ts';
import type { TableFormat } from '../report/grid.ts';
import { comparisonText } from '../report/sections.ts';
import { metrics, splits, type Metric, type Split } from '../report/select.ts';
import type { StatisticsOptions } from '../statistics/complete.ts';
import { requireWritable } from '../experiment/out-file.ts';
import { writeText } from './files.ts';
import type { Output } from './output.ts';
import { withLibrary, type CommonOptions } from './session.ts';

export interface CompareOptions extends CommonOptions, StatisticsOptions {
  readonly html?: string;
  readonly csv?: string;
  readonly svg?: string;
  readonly format: string;
  readonly metric: string;
  readonly split: string;
  readonly bands: string;
  readonly dark?: boolean;
}

/** `swamp compare EXPERIMENT …` */
export async function compare(
  texts: readonly string[],
  options: CompareOptions,
  output: Output,
): Promise<ExitCode> {
  const metric = oneOf<Metric>('--metric', options.metric, metrics);
  const split = oneOf<Split>('--split', options.split, splits);
  const band = oneOf<Band>('--bands', options.bands, bands);
  const format = oneOf<TableFormat | 'csv'>('--format', options.format, ['text', 'markdown', 'latex', 'csv']);
  for (const [option, file] of Object.entries({
    '--html': options.html,
    '--csv': options.csv,
    '--svg': options.svg,
  })) {
    if (file !== undefined) requireWritable(option, file);
  }
  const { comparison, config } = await withLibrary(options, (library) => {
    const ids = texts.flatMap((text) => findExperiments(library.store, text).experiments);
    const [only, ...others] = new Set(ids);
    // Of several experiments the comparison itself tells the settings that differ.
    const config: ExperimentConfig | undefined =
      only && others.length === 0 ? storedExperiment(library, only).config : undefined;
    return { comparison: compareSeveral(library, ids, options), config };
  });
  const { refused } = comparison.smallest;
  if (options.within !== undefined && refused !== null) {
    throw new ConfigError(`--within ${options.within}: ${refused}`, 'Leave it out to compare without it.');
  }
  const write = (path: string, content: string): void => {
    writeText(path, content);
    output.note(`Wrote ${path}`);
  };
  if (options.html)
    write(options.html, (await import('../report/html.ts')).comparisonHtml(comparison, { config }));
  if (options.csv) write(options.csv, comparisonCsv(comparison));
  if (options.svg) {
    const { comparisonSvg } = await import('../report/svg.ts');
    const theme = options.dark ? 'dark' : 'light';
    write(options.svg, await comparisonSvg(comparison, { metric, split, band, theme }));
  }
  output.result(comparison, () => {
    if (comparison.arms.every(({ rounds }) => rounds.length === 0)) {
      const [first = ''] = comparison.experiment.split(' ');
      return `No round of ${comparison.experiment} is finished yet. \`swamp resume ${first}\` goes on with it.`;
    }
    if (format === 'csv') return differencesCsv(comparison).trimEnd();
    const colour = process.stdout.isTTY && format === 'text';
    const width = process.stdout.columns || 100;
    return comparisonText(comparison, { format, metric, split, colour, width });
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
