import type { JobKey } from '../../../contract/ids.ts';
import { mean } from '../../../contract/statistics.ts';
import type { Results } from '../analysis.ts';
import type { Predictor } from '../networks.ts';

/** Means over what was judged; `null`: not done yet, or no number. */
interface Judged {
  readonly error: number | null;
  readonly nll: number | null;
  readonly ece: number | null;
}

/** How a predictor does on clean and on corrupted images. Its own figures are means over all corruptions and severities. */
export interface Corrupted extends Predictor, Judged {
  readonly clean: Judged;
  /** Errors by corruption, by severity in the order asked for; `null` where it is not done. */
  readonly errors: ReadonlyMap<string, readonly (number | null)[] | null>;
  readonly missing: boolean;
  /** Whether a network gave no numbers somewhere. */
  readonly lost: boolean;
}

type Metric = 'error' | 'nll' | 'ece';

export function measured(
  predictor: Predictor,
  jobs: { readonly clean: JobKey; readonly corrupted: ReadonlyMap<string, JobKey> },
  results: Results,
): Corrupted {
  const valuesOf = (key: JobKey, metric: Metric): (number | null)[] | null => {
    const series = results(key)?.series;
    const lost = new Set(series?.['lost']);
    return series?.[metric]?.map((value, at) => (lost.has(at) ? null : value)) ?? null;
  };
  const over = (keys: readonly JobKey[]): Judged => {
    const average = (metric: Metric): number | null => {
      const values = keys.flatMap((key) => valuesOf(key, metric) ?? [null]);
      return values.every((value) => value !== null) ? mean(values) : null;
    };
    return { error: average('error'), nll: average('nll'), ece: average('ece') };
  };
  const all = [jobs.clean, ...jobs.corrupted.values()];
  return {
    ...predictor,
    ...over([...jobs.corrupted.values()]),
    clean: over([jobs.clean]),
    errors: new Map([...jobs.corrupted].map(([kind, key]) => [kind, valuesOf(key, 'error')])),
    missing: all.some((key) => results(key) === null),
    lost: all.some((key) => (results(key)?.series['lost']?.length ?? 0) > 0),
  };
}
