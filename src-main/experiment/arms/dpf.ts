import type { z } from 'zod';
import { Dpf } from '../../pruning/dynamic/dpf.ts';
import type { ArmDefinition } from './arm.ts';
import { changedLabels, changedSlug, checkRamp, fromTicket, labelWith, planDynamic } from './dynamic.ts';

const usual = { every: 16, ramp: 0.5, until: 1 };

/** Dynamic pruning with feedback (Lin et al. 2020): one training from the ticket. */
export const dpf: ArmDefinition<z.infer<typeof Dpf>> = {
  kind: 'dpf',
  title: 'Dynamic pruning with feedback: pruned weights go on learning and may return',
  schema: Dpf,
  label: (spec) => labelWith('dpf', changedLabels(spec, usual)),
  slug: (spec) => `dpf${changedSlug(spec, usual)}`,
  members: () => 1,
  needsPruning: true,
  check: (_context, spec) => checkRamp(spec),
  plan: (context, rule) =>
    planDynamic(context, { rule, particles: () => 1, swa: null, begin: fromTicket(context) }),
};
