import type { Comparison } from '../contract/compare.ts';
import type { RunId } from '../contract/ids.ts';
import type { RunSummary } from '../store/rows.ts';

/** Best and final values of every run, for the run table. Best is chosen on validation, not on test. */
export function summarise({ arms }: Comparison): Map<RunId, RunSummary> {
  const summaries = new Map<RunId, RunSummary>();
  for (const { rounds } of arms) {
    for (const { round, sparsity, seeds } of rounds) {
      for (const { run, test, validation } of seeds) {
        const before = summaries.get(run as RunId);
        const best = before?.bestValidationAccuracy ?? null;
        const better = validation !== null && (best === null || validation.accuracy > best);
        summaries.set(run as RunId, {
          roundsDone: (before?.roundsDone ?? 0) + 1,
          finalSparsity: sparsity,
          finalAccuracy: test.accuracy,
          finalValidationAccuracy: validation?.accuracy ?? null,
          bestValidationAccuracy: better ? validation.accuracy : best,
          bestAccuracy: better ? test.accuracy : (before?.bestAccuracy ?? null),
          bestSparsity: better ? sparsity : (before?.bestSparsity ?? null),
          bestRound: better ? round : (before?.bestRound ?? null),
        });
      }
    }
  }
  return summaries;
}
