import type { z } from 'zod';
import { SetOptions } from '../../pruning/dynamic/set.ts';
import type { ArmDefinition } from './arm.ts';
import { changedLabels, changedSlug, labelWith, planDynamic } from './dynamic.ts';
import { fromRandomMask, sparseStart, startLabels, startSlug } from './sparse-start.ts';

const Spec = SetOptions.extend(sparseStart);

const usual = { every: 100, until: 0.75, fraction: 0.3 };

/** Sparse evolutionary training (Mocanu et al. 2018) under the schedule of Evci et al. 2020: sparse from the start, one training. */
export const set: ArmDefinition<z.infer<typeof Spec>> = {
  kind: 'set',
  title:
    'Sparse evolutionary training: sparse from the start, drops the smallest weights and grows others at random',
  schema: Spec,
  label: (spec) => labelWith('set', [...startLabels(spec), ...changedLabels(spec, usual)]),
  slug: (spec) => `set${startSlug(spec)}${changedSlug(spec, usual)}`,
  members: () => 1,
  needsPruning: true,
  plan(context, { densities, at, ...rule }) {
    const begin = fromRandomMask(context, 'set', { densities, at });
    planDynamic(context, { rule, particles: () => 1, swa: null, begin });
  },
};
