import { z } from 'zod';
import { uniform } from '../../random/random.ts';
import { constant, type BySeverity, type Corruption } from './corruption.ts';

/** Share of values that are replaced. */
const SHARES: BySeverity<number> = [0.01, 0.02, 0.03, 0.05, 0.07];

/** Salt and pepper on every channel by itself: values become 0 or 255, half of them each, as by faulty bits. */
export const impulseNoise: Corruption = {
  kind: 'impulse_noise',
  title: 'Impulse noise',
  schema: z.strictObject({ kind: z.literal('impulse_noise') }),
  family: 'noise',
  corrupt({ bytes }, severity, stream) {
    const share = constant(SHARES, severity);
    return bytes.map((byte) => {
      if (uniform(stream) >= share) return (byte / 255) * 255;
      return uniform(stream) < 0.5 ? 255 : 0;
    });
  },
};
