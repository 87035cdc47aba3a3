import type { Comparison, ComparedRound } from '../contract/compare.ts';
import { halfWidth } from '../statistics/student.ts';
import { seedsOf, shown, shownDeviation, type Metric, type Split } from './select.ts';
import { confidenceText } from './statistics.ts';

/** What is drawn around a line of means over seeds. */
export type Band = 'deviation' | 'interval' | 'none';
export const bands: readonly Band[] = ['deviation', 'interval', 'none'];

/** Bands there are to draw: none over a single seed. */
export function bandsOf(comparison: Comparison): readonly Band[] {
  const several = comparison.arms.some(({ rounds }) => rounds.some(({ seeds }) => seeds.length > 1));
  return several ? bands : ['none'];
}

/** Half the width of a round's band, as shown; `null` where there is none. */
export function bandWidth(
  round: ComparedRound,
  { split, metric, band, confidence }: { split: Split; metric: Metric; band: Band; confidence: number },
): number | null {
  if (band === 'none') return null;
  if (band === 'deviation') return shownDeviation(round, split, metric);
  const values = round.seeds.flatMap((seed) => shown(seed, split, metric) ?? []);
  return halfWidth(values, confidence);
}

/** What a band is, for the legend; empty where none is drawn. */
export function bandWords(comparison: Comparison, band: Band): string {
  const seeds = seedsOf(comparison).length;
  if (band === 'none' || !bandsOf(comparison).includes(band)) return '';
  return band === 'deviation'
    ? `Bands: mean ± standard deviation (n−1) over ${seeds} seeds.`
    : `Bands: mean and its ${confidenceText(comparison)} interval (Student's t) over ${seeds} seeds.`;
}

/** Its name as people choose it. */
export function bandName(comparison: Comparison, band: Band): string {
  switch (band) {
    case 'deviation':
      return 'Deviation';
    case 'interval':
      return `${confidenceText(comparison)} interval`;
    case 'none':
      return 'No bands';
  }
}
