import { z } from 'zod';
import { streamFor, uniform } from '../../random/random.ts';
import type { ScoreMethod } from './score.ts';

const Random = z.strictObject({ kind: z.literal('random') });

/** Chance alone: scores from the stream `seed/mask/member`, in layout order. The masks of rising sparsities lie in each other. */
export const random: ScoreMethod<z.infer<typeof Random>> = {
  kind: 'random',
  title: 'Random',
  schema: Random,
  score(_options, { weights, spec: { seed, member } }) {
    const stream = streamFor({ seed, purpose: 'mask', member });
    return weights.map(() => uniform(stream));
  },
};
