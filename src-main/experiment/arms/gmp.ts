import type { z } from 'zod';
import { Gmp } from '../../pruning/dynamic/gmp.ts';
import type { ArmDefinition } from './arm.ts';
import { changedLabels, changedSlug, fromTicket, labelWith, planDynamic } from './dynamic.ts';

const usual = { every: 100, until: 0.75 };

/** Gradual magnitude pruning (Zhu and Gupta 2018): one training from the ticket, in which sparsity rises as a cubic. */
export const gmp: ArmDefinition<z.infer<typeof Gmp>> = {
  kind: 'gmp',
  title: 'Gradual magnitude pruning: one training, sparsity rises as a cubic',
  schema: Gmp,
  label: (spec) => labelWith('gmp', changedLabels(spec, usual)),
  slug: (spec) => `gmp${changedSlug(spec, usual)}`,
  members: () => 1,
  needsPruning: true,
  plan: (context, rule) =>
    planDynamic(context, { rule, particles: () => 1, swa: null, begin: fromTicket(context) }),
};
