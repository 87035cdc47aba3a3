import jstat from 'jstat';
import type { Spread } from '../contract/compare.ts';
import type { Metrics } from '../contract/metrics.ts';
import { deviation, mean } from '../contract/statistics.ts';

/**
 * Half the width of the confidence interval of a mean over n values: t · deviation / √n, where t is the quantile of
 * Student's t with n−1 degrees of freedom. `null` for fewer than two values, which say nothing of their spread.
 */
export function halfWidth(values: readonly number[], confidence: number): number | null {
  const n = values.length;
  if (n < 2) return null;
  return (tQuantile(confidence, n - 1) * deviation(values)) / Math.sqrt(n);
}

/** How far from 0 the middle share `confidence` of Student's t with so many degrees of freedom reaches. */
export function tQuantile(confidence: number, degrees: number): number {
  return jstat.studentt.inv((1 + confidence) / 2, degrees);
}

/** Mean, deviation and interval of every metric, one entry of `values` a seed. */
export function spreadOf(values: readonly Metrics[], confidence: number): Spread {
  const several = values.length > 1;
  const half = overMetrics(values, (numbers) => halfWidth(numbers, confidence) ?? NaN);
  const centre = meanMetrics(values);
  return {
    mean: centre,
    deviation: several ? overMetrics(values, deviation) : null,
    interval: several
      ? {
          low: eachMetric((metric) => centre[metric] - half[metric]),
          high: eachMetric((metric) => centre[metric] + half[metric]),
        }
      : null,
  };
}

export function meanMetrics(values: readonly Metrics[]): Metrics {
  return overMetrics(values, mean);
}

/** One number of all values of a metric, for every metric. */
export function overMetrics(values: readonly Metrics[], by: (numbers: readonly number[]) => number): Metrics {
  return eachMetric((metric) => by(values.map((each) => each[metric])));
}

export function minus(a: Metrics, b: Metrics): Metrics {
  return eachMetric((metric) => a[metric] - b[metric]);
}

export function allFinite(metrics: Metrics): boolean {
  return [metrics.accuracy, metrics.nll, metrics.ece].every(Number.isFinite);
}

function eachMetric(value: (metric: keyof Metrics) => number): Metrics {
  return { accuracy: value('accuracy'), nll: value('nll'), ece: value('ece') };
}
