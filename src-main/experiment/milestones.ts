import type { NamedSpec } from '../contract/recipe.ts';

/** Milestones of a schedule that trainings of so many epochs never come to: the rate would stay where they lower it. */
export function milestonesBeyond(
  { milestones }: NamedSpec,
  epochs: number,
): { readonly index: number; readonly epoch: number }[] {
  if (!Array.isArray(milestones)) return [];
  return milestones.flatMap((epoch: unknown, index) =>
    typeof epoch === 'number' && epoch >= epochs ? [{ index, epoch }] : [],
  );
}
