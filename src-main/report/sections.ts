import type { Comparison } from '../contract/compare.ts';
import { verdict } from './verdict.ts';
import { gridText, type Grid } from './grid.ts';
import {
  averagedDifferences,
  differencesByRound,
  notAveragedSentence,
  refusedSentence,
  settingsTable,
  smallestTable,
} from './statistics.ts';
import { tableContent, type TableOptions } from './table.ts';
import { wrap } from './format.ts';

/** Everything a comparison says, as text: its tables, and the verdict. */
export function comparisonText(comparison: Comparison, options: TableOptions): string {
  const { format = 'text', width = 100 } = options;
  const sentences = [verdict(comparison), ...notAveragedSentence(comparison), ...refusedSentence(comparison)];
  const closing =
    format === 'text'
      ? sentences.flatMap((sentence) => wrap(sentence, width)).join('\n')
      : format === 'markdown'
        ? sentences.join(' ')
        : sentences.map((sentence) => `% ${sentence}`).join('\n');
  return [comparisonTables(comparison, options), closing].join('\n\n');
}

/** Settings that differ, figures by round, paired differences, smallest networks. */
export function comparisonTables(comparison: Comparison, options: TableOptions): string {
  const { format = 'text', metric = 'accuracy', split = 'test', colour = false, width = 100 } = options;
  const grids: [string, Grid | null][] = [
    ['-settings', settingsTable(comparison)],
    ['', tableContent(comparison, metric, split)],
    ['-differences', averagedDifferences(comparison, metric, split)],
    ['-by-round', differencesByRound(comparison, metric, split)],
    ['-smallest', smallestTable(comparison)],
  ];
  const tables = grids.flatMap(([suffix, grid]) => {
    const label = `${comparison.experiment}${suffix}`;
    return grid ? [gridText(grid, { format, colour, width, label })] : [];
  });
  return tables.join('\n\n');
}
