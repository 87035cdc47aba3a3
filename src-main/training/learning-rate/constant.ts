import { z } from 'zod';
import type { LearningRateSchedule } from './schedule.ts';

const Constant = z.strictObject({ kind: z.literal('constant') });

/** The peak rate throughout. */
export const constant: LearningRateSchedule<z.infer<typeof Constant>> = {
  kind: 'constant',
  title: 'Constant',
  schema: Constant,
  rate: (_options, _iteration, { peak }) => peak,
};
