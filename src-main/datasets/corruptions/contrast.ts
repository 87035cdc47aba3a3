import { z } from 'zod';
import { constant, fromUnit, toUnit, type BySeverity, type Corruption } from './corruption.ts';

/** Share of the distance from the mean that is left. */
const LEFT: BySeverity<number> = [0.75, 0.5, 0.4, 0.3, 0.15];

/** Haze or bad light: every value moves towards the mean of its channel over the picture. */
export const contrast: Corruption = {
  kind: 'contrast',
  title: 'Contrast',
  schema: z.strictObject({ kind: z.literal('contrast') }),
  family: 'digital',
  corrupt(picture, severity) {
    const { shape, values } = toUnit(picture);
    const channels = shape[2];
    const left = constant(LEFT, severity);
    for (let channel = 0; channel < channels; channel++) {
      let sum = 0;
      for (let i = channel; i < values.length; i += channels) sum += values[i] as number;
      const mean = (sum * channels) / values.length;
      for (let i = channel; i < values.length; i += channels)
        values[i] = ((values[i] as number) - mean) * left + mean;
    }
    return fromUnit(values);
  },
};
