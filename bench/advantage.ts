import { readFileSync } from 'node:fs';
import { MeasuredComparison } from '../src-main/contract/compare.ts';
import { metrics, splits, type Metric, type Split } from '../src-main/report/select.ts';
import { averagedDifferences } from '../src-main/report/statistics.ts';
import { gridText } from '../src-main/report/grid.ts';
import { DEFAULT_FROM, EVERY_PAIR, withStatistics } from '../src-main/statistics/complete.ts';

// Differences between arms, averaged over the rounds from a sparsity on, of a comparison as `swamp compare --json`
// prints it, also of one that was written before there were any statistics in it:
// advantage.ts FILE [SPARSITY] [accuracy|nll|ece] [test|validation].

const [file, from = String(DEFAULT_FROM), metric = 'accuracy', split = 'test'] = process.argv.slice(2);
if (file === undefined || !metrics.includes(metric as Metric) || !splits.includes(split as Split)) {
  throw new Error('usage: advantage.ts FILE [SPARSITY] [accuracy|nll|ece] [test|validation]');
}
const measured = MeasuredComparison.parse(JSON.parse(readFileSync(file, 'utf8')));
const comparison = withStatistics(measured, { from: Number(from), baseline: EVERY_PAIR });
const grid = averagedDifferences(comparison, metric as Metric, split as Split);
console.log(
  grid
    ? gridText(grid, { format: 'markdown', colour: false, width: 100, label: '' })
    : `No round is finished from sparsity ${from} on.`,
);
