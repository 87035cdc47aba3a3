import type { Metrics } from '../contract/metrics.ts';
import { average } from './average.ts';

/** Says how good weights are on validation images. */
export type Judge = (weights: Float32Array) => Promise<Metrics>;

/** Higher accuracy, of equals lower NLL. */
export function isBetter(a: Metrics, b: Metrics): boolean {
  return a.accuracy > b.accuracy || (a.accuracy === b.accuracy && a.nll < b.nll);
}

/**
 * Greedy soup (Wortsman et al. 2022): candidates by falling validation accuracy; each joins the equal-weight average where
 * that does not lower the average's validation accuracy.
 * @returns the average, and for each candidate whether it is in it
 */
export async function greedySoup(
  candidates: readonly Float32Array[],
  judge: Judge,
): Promise<{ weights: Float32Array; taken: boolean[] }> {
  const judged: { weights: Float32Array; at: number; metrics: Metrics }[] = [];
  for (const [at, weights] of candidates.entries())
    judged.push({ weights, at, metrics: await judge(weights) });
  judged.sort((a, b) =>
    isBetter(a.metrics, b.metrics) ? -1 : isBetter(b.metrics, a.metrics) ? 1 : a.at - b.at,
  );
  const [first, ...others] = judged;
  if (!first) throw new RangeError('there is nothing to average');
  const taken = candidates.map((_, at) => at === first.at);
  let inside = [first.weights];
  let { weights, metrics } = first;
  for (const other of others) {
    const tried = average([...inside, other.weights]);
    const now = await judge(tried);
    if (now.accuracy < metrics.accuracy) continue;
    inside = [...inside, other.weights];
    taken[other.at] = true;
    weights = tried;
    metrics = now;
  }
  return { weights, taken };
}
