import { z } from 'zod';
import { Swa } from '../../contract/recipe.ts';

/** What an arm does differently from the experiment's SWA phase. */
export const OwnSwa = z
  .strictObject({
    start: Swa.shape.start
      .unwrap()
      .optional()
      .meta({ title: 'start', description: 'Share of a training after which averaging begins.' }),
    learningRate: Swa.shape.learningRate
      .unwrap()
      .optional()
      .meta({ title: 'learning rate', description: 'Constant rate of the averaging phase.' }),
    every: Swa.shape.every
      .unwrap()
      .optional()
      .meta({ title: 'snapshots every', description: 'epoch, or a number of iterations.' }),
  })
  .optional()
  .meta({ title: 'SWA phase', description: "What this arm does differently from the experiment's." });
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

/** The same for a run's id. @param every its name for the snapshots, where the arm has an `every` of its own as well */
export function swaSlug(swa: OwnSwa = {}, every = 'every'): string {
  return [
    swa.start === undefined ? '' : `-start${swa.start}`,
    swa.learningRate === undefined ? '' : `-rate${swa.learningRate}`,
    swa.every === undefined ? '' : `-${every}${swa.every}`,
  ].join('');
}
