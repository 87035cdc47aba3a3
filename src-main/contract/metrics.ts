import { z } from 'zod';

/** Quality on one split. Accuracy is a fraction; NLL is in nats; ECE uses 15 equal-width bins. */
export const Metrics = z.object({
  accuracy: z.number(),
  nll: z.number(),
  ece: z.number(),
});
export type Metrics = z.infer<typeof Metrics>;

/** Validation is held out of the training set; `null` where the experiment has none (fraction 0). */
export const Evaluation = z.object({
  validation: Metrics.nullable(),
  test: Metrics,
});
export type Evaluation = z.infer<typeof Evaluation>;
