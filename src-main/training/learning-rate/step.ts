import { z } from 'zod';
import type { LearningRateSchedule } from './schedule.ts';

const Step = z.strictObject({
  kind: z.literal('step'),
  /** Epochs after which the rate falls, rising; counted from the start of training, warm-up included. */
  milestones: z
    .array(z.number().positive())
    .min(1)
    .superRefine((milestones, context) => {
      for (const [index, epoch] of milestones.entries()) {
        const before = milestones[index - 1];
        if (before !== undefined && epoch <= before)
          context.addIssue({
            code: 'custom',
            path: [index],
            message: `milestones must rise, but epoch ${epoch} follows ${before}`,
          });
      }
    }),
  /** What the rate is multiplied by at each milestone. */
  factor: z.number().gt(0).lt(1).default(0.1),
});

/** Times `factor` at each milestone: the rate of the first step of epoch m (counted from 0) is already lower. */
export const step: LearningRateSchedule<z.infer<typeof Step>> = {
  kind: 'step',
  title: 'Steps',
  schema: Step,
  rate({ milestones, factor }, iteration, { peak, iterationsPerEpoch }) {
    const passed = milestones.filter((epoch) => iteration >= Math.round(epoch * iterationsPerEpoch));
    return peak * factor ** passed.length;
  },
};
