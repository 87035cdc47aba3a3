import type { Comparison, Difference } from '../contract/compare.ts';
import { csvLine } from '../contract/csv.ts';
import { metrics, splits } from './select.ts';
import { comparedThings } from './statistics.ts';

export const differencesHeader = [
  'difference',
  'round',
  'sparsity',
  'split',
  'metric',
  'mean',
  'deviation',
  'low',
  'high',
  'confidence',
  'seeds',
] as const;

/**
 * Every difference, one a row (pair × round × split × metric); rows averaged over rounds have no round, and the
 * sparsity of the first. Values as stored, accuracies as fractions. RFC 4180, with CRLF.
 */
export function differencesCsv(comparison: Comparison): string {
  const { confidence } = comparison.statistics;
  const rows: string[] = [];
  const add = (name: string, round: number | null, sparsity: number, difference: Difference): void => {
    for (const split of splits) {
      const spread = difference[split];
      if (!spread) continue;
      for (const metric of metrics) {
        const { mean, deviation, interval } = spread;
        const values = [mean[metric], deviation?.[metric], interval?.low[metric], interval?.high[metric]];
        rows.push(
          csvLine([
            name,
            round ?? '',
            sparsity,
            split,
            metric,
            ...values.map((value) => value ?? ''),
            confidence,
            difference.seeds.length,
          ]),
        );
      }
    }
  };
  for (const { name, differences } of comparedThings(comparison, true)) {
    for (const each of differences.rounds) add(name, each.round, each.sparsity, each);
    if (differences.average) add(name, null, differences.average.from, differences.average);
  }
  return [csvLine(differencesHeader), ...rows].join('');
}
