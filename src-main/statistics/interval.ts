import { mean } from '../contract/statistics.ts';
import { halfWidth, tQuantile } from './student.ts';

/** A mean over seeds. What is not finite is `null`, and so is the interval of fewer than two. */
export interface Interval {
  readonly mean: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Values it is taken over. */
  readonly n: number;
}

/** Mean of values, one a seed, and its interval by Student's t with n − 1 degrees of freedom. */
export function intervalOf(values: readonly number[], confidence = 0.95): Interval {
  const n = values.length;
  if (n === 0 || !values.every(Number.isFinite)) return { mean: null, low: null, high: null, n };
  const centre = mean(values);
  const half = halfWidth(values, confidence);
  return {
    mean: centre,
    low: half === null ? null : centre - half,
    high: half === null ? null : centre + half,
    n,
  };
}

/**
 * Interval of a ratio of means of paired values, mean x over mean y, by Fieller's theorem: the shares s at which Student's t
 * would not tell x − s·y from 0. `null` ends of one value, and where y itself cannot be told from 0: every share is possible then.
 */
export function ratioOf(x: readonly number[], y: readonly number[], confidence = 0.95): Interval {
  const n = Math.min(x.length, y.length);
  const [over, under] = [mean(x), mean(y)];
  if (n === 0 || !Number.isFinite(over / under)) return { mean: null, low: null, high: null, n };
  const none = { mean: over / under, low: null, high: null, n };
  if (n < 2) return none;
  const t = tQuantile(confidence, n - 1);
  const moment = (a: readonly number[], b: readonly number[]): number => {
    const [ma, mb] = [mean(a), mean(b)];
    return a.reduce((sum, value, at) => sum + (value - ma) * ((b[at] ?? NaN) - mb), 0) / (n - 1);
  };
  const scale = (t * t) / n;
  const a = under * under - scale * moment(y, y);
  const b = over * under - scale * moment(x, y);
  const c = over * over - scale * moment(x, x);
  if (a <= 0) return none;
  const root = Math.sqrt(Math.max(0, b * b - a * c));
  return { mean: over / under, low: (b - root) / a, high: (b + root) / a, n };
}
