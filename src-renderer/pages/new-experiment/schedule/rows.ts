import type { PlanCost } from '../../../../src-main/contract/api/plans.ts';
import { sparsityPercent } from '../../../../src-main/report/format.ts';
import type { Curve } from './geometry.ts';

/** A round of the schedule. */
export interface RoundRow {
  readonly round: number;
  /** What the schedule asks for, as the draft has it. */
  readonly asked: number;
  /** What its masks will have: a scope or a mask that is given can make it another. */
  readonly sparsity: number;
  readonly left: number | null;
}

/**
 * The rounds of a schedule.
 * @param curve as the draft says it, from a network of which nothing is pruned
 * @param kind the schedule's
 * @param cost of this very draft; `null` until it is planned
 */
export function roundRows(
  curve: Curve,
  kind: string | null,
  cost: Pick<PlanCost, 'denominator' | 'estimate'> | null,
): RoundRow[] {
  const weights = cost?.denominator?.weights ?? null;
  const planned = cost?.estimate?.rounds ?? [];
  const start = planned[0]?.sparsity ?? 0;
  return curve.map((drawn, round) => {
    const asked = drawn + start * leftOfStart(kind, drawn, curve.at(-1) ?? drawn);
    const sparsity = planned[round]?.sparsity ?? asked;
    const left = planned[round]?.alive ?? (weights === null ? null : Math.round((1 - sparsity) * weights));
    return { round, asked, sparsity, left };
  });
}

/**
 * How much of a mask's sparsity that is given stays part of what a schedule asks for: a fraction is one of what round 0 has
 * alive, a cubic leads from there to its end, and a list asks nothing of round 0 alone.
 */
function leftOfStart(kind: string | null, drawn: number, end: number): number {
  if (kind === 'geometric' || drawn === 0) return 1 - drawn;
  return kind === 'cubic' ? 1 - drawn / end : 0;
}

/** Whether what is asked for reads otherwise than what there will be. */
export const isOff = ({ asked, sparsity }: RoundRow): boolean =>
  sparsityPercent(asked) !== sparsityPercent(sparsity);
