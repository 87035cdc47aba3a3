import { z } from 'zod';
import { ConfigError } from '../../contract/errors.ts';
import { synflowOptions } from '../../training/scores/options.ts';
import type { ArmDefinition } from './arm.ts';
import { At, planScored, scoredLabel, scoredSlug } from './scored.ts';

const Spec = z.strictObject({ kind: z.literal('synflow'), at: At, ...synflowOptions });

/** Iterative pruning by synaptic flow, without data (Tanaka, Kunin, Yamins and Ganguli 2020), anew for each sparsity. */
export const synflow: ArmDefinition<z.infer<typeof Spec>> = {
  kind: 'synflow',
  title: 'SynFlow: pruned at the initialisation in 100 steps without data, trained once',
  schema: Spec,
  label: (spec) => scoredLabel(spec, synflowOptions),
  slug: (spec) => scoredSlug(spec, synflowOptions),
  members: () => 1,
  needsPruning: true,
  plan(context, spec) {
    if (spec.steps > 1 && context.scope?.kind === 'n-m')
      throw new ConfigError(
        `arms: synflow prunes in ${spec.steps} steps, at sparsities that the groups of scope "n-m" cannot have`,
        'Give synflow "steps": 1, or use scope "global" or "uniform".',
      );
    planScored(context, spec);
  },
};
