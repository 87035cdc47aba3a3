import type { ComparedSeed } from '../contract/compare.ts';
import type { RunSummary } from '../store/rows.ts';
import type { Plan, PlannedRun } from './plan.ts';

/**
 * Best and final values of a run, for the run table; `null` before its first round is done. Best is chosen on
 * validation, not on test.
 */
export function summariseRun(
  { rounds }: Pick<Plan, 'rounds'>,
  run: Pick<PlannedRun, 'rounds'>,
  inRound: (round: number) => Pick<ComparedSeed, 'test' | 'validation'> | null,
): RunSummary | null {
  const done = Array.from({ length: run.rounds }, (_, round) => round).flatMap((round) => {
    const evaluated = inRound(round);
    return evaluated ? [{ ...evaluated, round, sparsity: rounds[round]?.sparsity ?? 0 }] : [];
  });
  const final = done.at(-1);
  if (!final) return null;
  const validated = done.flatMap((each) =>
    each.validation ? [{ ...each, on: each.validation.accuracy }] : [],
  );
  const best = validated.toSorted((a, b) => b.on - a.on)[0];
  return {
    roundsDone: done.length,
    finalSparsity: final.sparsity,
    finalAccuracy: final.test.accuracy,
    finalValidationAccuracy: final.validation?.accuracy ?? null,
    bestValidationAccuracy: best?.on ?? null,
    bestAccuracy: best?.test.accuracy ?? null,
    bestSparsity: best?.sparsity ?? null,
    bestRound: best?.round ?? null,
  };
}
