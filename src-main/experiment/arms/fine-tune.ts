import { z } from 'zod';
import type { Recipe } from '../../contract/recipe.ts';
import type { ArmDefinition } from './arm.ts';
import { planRetraining } from './retrain.ts';

const Spec = z.strictObject({
  kind: z.literal('fine-tune'),
  learningRate: z.number().positive().optional().meta({
    title: 'learning rate',
    description: "Constant, of every round but the first. Left out: a hundredth of the recipe's.",
  }),
  epochs: z
    .number()
    .int()
    .positive()
    .optional()
    .meta({ title: 'epochs', description: "Of every round but the first. Left out: the recipe's." }),
});
type Spec = z.infer<typeof Spec>;

/** What step schedules end at, and with which others go on (Renda et al. 2020). */
const SHARE_OF_PEAK = 0.01;

function tuning({ learningRate, epochs }: Spec, recipe: Recipe): Recipe {
  return {
    ...recipe,
    learningRate: learningRate ?? Number((SHARE_OF_PEAK * recipe.learningRate).toPrecision(12)),
    schedule: { kind: 'constant' },
    warmup: 0,
    epochs: epochs ?? recipe.epochs,
  };
}

/** Iterative pruning that goes on from the pruned solution at a low, constant rate (Han et al. 2015; Renda et al. 2020). */
export const fineTune: ArmDefinition<Spec> = {
  kind: 'fine-tune',
  title: 'Fine-tuning: pruned weights trained on at a low rate',
  schema: Spec,
  label(spec) {
    const own = Object.entries({ rate: spec.learningRate, epochs: spec.epochs })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name} ${value}`);
    return own.length > 0 ? `fine-tune(${own.join('; ')})` : 'fine-tune';
  },
  slug({ learningRate, epochs }) {
    const rate = learningRate === undefined ? '' : `-rate${learningRate}`;
    return `fine-tune${rate}${epochs === undefined ? '' : `-epochs${epochs}`}`;
  },
  members: () => 1,
  needsPruning: true,
  plan: (context, spec) => planRetraining(context, tuning(spec, context.recipe)),
};
