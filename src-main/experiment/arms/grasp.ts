import { z } from 'zod';
import { graspOptions } from '../../training/scores/options.ts';
import type { ArmDefinition } from './arm.ts';
import { At, planScored, scoredLabel, scoredSlug } from './scored.ts';

const Spec = z.strictObject({ kind: z.literal('grasp'), at: At, ...graspOptions });

/** Gradient signal preservation by the exact −w·Hg (Wang, Zhang and Grosse 2020), once for each sparsity. */
export const grasp: ArmDefinition<z.infer<typeof Spec>> = {
  kind: 'grasp',
  title: 'GraSP: pruned at the initialisation by −w·Hg, trained once',
  schema: Spec,
  label: (spec) => scoredLabel(spec, graspOptions),
  slug: (spec) => scoredSlug(spec, graspOptions),
  members: () => 1,
  needsPruning: true,
  plan: planScored,
};
