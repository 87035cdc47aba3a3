import type { Comparison, MeasuredComparison } from '../contract/compare.ts';
import { ConfigError } from '../contract/errors.ts';
import { EVERY_PAIR, defaultBaseline, pairsOf } from './pairs.ts';
import { particleGains } from './particles.ts';
import { smallestNetworks } from './smallest.ts';

export { EVERY_PAIR };

/** What may be chosen about the statistics of a comparison. */
export interface StatisticsOptions {
  /** Sparsity from which on differences are averaged, a fraction. Default 0.78. */
  readonly from?: number | undefined;
  /** Of the intervals. Default 0.95. */
  readonly confidence?: number | undefined;
  /** Label of an arm, or `all`; default: `imp`. */
  readonly baseline?: string | undefined;
  /** Points of validation accuracy below dense that a small network may lie. Default 1. */
  readonly within?: number | undefined;
}

export const DEFAULT_FROM = 0.78;
const DEFAULT_CONFIDENCE = 0.95;
export const DEFAULT_WITHIN = 1;

/**
 * Adds what follows from the figures of several seeds and arms.
 * @throws ConfigError where an option is out of range or names no arm
 */
export function withStatistics(measured: MeasuredComparison, options: StatisticsOptions = {}): Comparison {
  const { from = DEFAULT_FROM, confidence = DEFAULT_CONFIDENCE, within = DEFAULT_WITHIN } = options;
  check('--from', from, from >= 0 && from < 1, 'Give a sparsity as a fraction from 0 to 1: --from 0.78.');
  check(
    '--confidence',
    confidence,
    confidence > 0 && confidence < 1,
    'Give a fraction between 0 and 1: --confidence 0.95.',
  );
  check(
    '--within',
    within,
    within >= 0 && within <= 100,
    'Give percentage points of accuracy from 0 to 100: --within 1.',
  );
  const names = measured.arms.map(({ arm }) => arm);
  const { baseline = defaultBaseline(measured) } = options;
  if (options.baseline !== undefined && baseline !== EVERY_PAIR && !names.includes(options.baseline)) {
    throw new ConfigError(
      `--baseline ${options.baseline}: there is no such arm`,
      `Choose one of ${names.join(', ')}, or all for every pair.`,
    );
  }
  const { pairs, unpaired } = pairsOf(measured, baseline, { from, confidence });
  return {
    ...measured,
    statistics: {
      from,
      confidence,
      baseline: baseline === EVERY_PAIR ? defaultBaseline(measured) : baseline,
      everyPair: baseline === EVERY_PAIR,
      unpaired,
    },
    pairs,
    particles: measured.arms.flatMap((arm) => particleGains(arm, { from, confidence }) ?? []),
    smallest: smallestNetworks(measured, within),
  };
}

function check(option: string, value: number, fits: boolean, hint: string): void {
  if (!fits) throw new ConfigError(`${option} ${value}: out of range`, hint);
}
