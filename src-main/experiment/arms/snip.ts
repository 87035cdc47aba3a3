import { z } from 'zod';
import { imageOptions } from '../../training/scores/options.ts';
import type { ArmDefinition } from './arm.ts';
import { At, planScored, scoredLabel, scoredSlug } from './scored.ts';

const Spec = z.strictObject({ kind: z.literal('snip'), at: At, ...imageOptions });

/** Single-shot pruning by connection sensitivity |w·g| (Lee, Ajanthan and Torr 2019), once for each sparsity. */
export const snip: ArmDefinition<z.infer<typeof Spec>> = {
  kind: 'snip',
  title: 'SNIP: pruned at the initialisation by |w·g|, trained once',
  schema: Spec,
  label: (spec) => scoredLabel(spec, imageOptions),
  slug: (spec) => scoredSlug(spec, imageOptions),
  members: () => 1,
  needsPruning: true,
  plan: planScored,
};
