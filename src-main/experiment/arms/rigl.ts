import type { z } from 'zod';
import { Rigl } from '../../pruning/dynamic/rigl.ts';
import type { ArmDefinition } from './arm.ts';
import { changedLabels, changedSlug, labelWith, planDynamic } from './dynamic.ts';
import { fromRandomMask, sparseStart, startLabels, startSlug } from './sparse-start.ts';

const Spec = Rigl.extend(sparseStart);

const usual = { every: 100, until: 0.75, fraction: 0.3 };

/** RigL (Evci et al. 2020): sparse from the start, one training. */
export const rigl: ArmDefinition<z.infer<typeof Spec>> = {
  kind: 'rigl',
  title: 'RigL: sparse from the start, drops the smallest weights and grows others by their gradients',
  schema: Spec,
  label: (spec) => labelWith('rigl', [...startLabels(spec), ...changedLabels(spec, usual)]),
  slug: (spec) => `rigl${startSlug(spec)}${changedSlug(spec, usual)}`,
  members: () => 1,
  needsPruning: true,
  plan(context, { densities, at, ...rule }) {
    const begin = fromRandomMask(context, 'rigl', { densities, at });
    planDynamic(context, { rule, particles: () => 1, swa: null, begin });
  },
};
