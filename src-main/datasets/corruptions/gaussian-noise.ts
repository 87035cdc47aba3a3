import { z } from 'zod';
import { normal } from '../../random/random.ts';
import { constant, fromUnit, toUnit, type BySeverity, type Corruption } from './corruption.ts';

/** Standard deviations on the scale 0 … 1. */
const DEVIATIONS: BySeverity<number> = [0.04, 0.06, 0.08, 0.09, 0.1];

/** Normal noise on every value, as in low light. */
export const gaussianNoise: Corruption = {
  kind: 'gaussian_noise',
  title: 'Gaussian noise',
  schema: z.strictObject({ kind: z.literal('gaussian_noise') }),
  family: 'noise',
  corrupt(picture, severity, stream) {
    const noise = new Float32Array(picture.bytes.length);
    normal(stream, noise, constant(DEVIATIONS, severity));
    return fromUnit(toUnit(picture).values.map((value, i) => value + (noise[i] as number)));
  },
};
