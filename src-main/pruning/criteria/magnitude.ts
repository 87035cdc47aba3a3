import { z } from 'zod';
import type { Criterion } from './criterion.ts';

const Magnitude = z.strictObject({ kind: z.literal('magnitude') });

/** Score |θ|: the smallest weights go first (Han et al. 2015; Frankle and Carbin 2019). */
export const magnitude: Criterion<z.infer<typeof Magnitude>> = {
  kind: 'magnitude',
  title: 'Magnitude |θ|',
  schema: Magnitude,
  score: (_options, { weights }) => weights.map(Math.abs),
};
