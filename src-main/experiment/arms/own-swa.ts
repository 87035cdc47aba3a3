import { z } from 'zod';
import { Swa } from '../../contract/recipe.ts';

/** What an arm does differently from the experiment's SWA phase. */
export const OwnSwa = z
  .strictObject({
    start: Swa.shape.start.unwrap().optional(),
    learningRate: Swa.shape.learningRate.unwrap().optional(),
    every: Swa.shape.every.unwrap().optional(),
  })
  .optional();
export type OwnSwa = z.infer<typeof OwnSwa>;

/** The experiment's SWA phase with the arm's own fields over it. */
export function phaseOf(swa: OwnSwa, base: Swa): Swa {
  return {
    start: swa?.start ?? base.start,
    learningRate: swa?.learningRate ?? base.learningRate,
    every: swa?.every ?? base.every,
  };
}

/** For the arm's label, a part each. */
export function swaLabels(swa: OwnSwa = {}): string[] {
  return [
    swa.start === undefined ? [] : `SWA from ${swa.start}`,
    swa.learningRate === undefined ? [] : `SWA rate ${swa.learningRate}`,
    swa.every === undefined ? [] : `SWA every ${swa.every}`,
  ].flat();
}

/** The same for a run's id. */
export function swaSlug(swa: OwnSwa = {}): string {
  return [
    swa.start === undefined ? '' : `-start${swa.start}`,
    swa.learningRate === undefined ? '' : `-rate${swa.learningRate}`,
    swa.every === undefined ? '' : `-every${swa.every}`,
  ].join('');
}
