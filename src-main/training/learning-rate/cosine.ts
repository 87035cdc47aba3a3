import { z } from 'zod';
import { cosineBetween, type LearningRateSchedule } from './schedule.ts';

const Cosine = z.strictObject({
  kind: z.literal('cosine'),
  /** Learning rate that the curve ends at, after T iterations. */
  to: z.number().min(0).default(0),
});

/** Half a cosine over the iterations after warm-up: to + (peak − to)(1 + cos(π i / T)) / 2. */
export const cosine: LearningRateSchedule<z.infer<typeof Cosine>> = {
  kind: 'cosine',
  title: 'Cosine',
  schema: Cosine,
  rate: ({ to }, iteration, { peak, iterations, warmup }) =>
    cosineBetween(peak, to, (iteration - warmup) / (iterations - warmup)),
};
