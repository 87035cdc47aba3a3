import { z } from 'zod';
import { constant, fromUnit, toUnit, type BySeverity, type Corruption } from './corruption.ts';
import { zoomIn } from './zoom.ts';

/** Zooms 1.00, 1.01, … that are averaged: how many. */
const ZOOMS: BySeverity<number> = [7, 12, 16, 21, 26];

/** A camera that moves towards the object: the mean of the picture and of zooms into it. */
export const zoomBlur: Corruption = {
  kind: 'zoom_blur',
  title: 'Zoom blur',
  schema: z.strictObject({ kind: z.literal('zoom_blur') }),
  family: 'blur',
  corrupt(picture, severity) {
    const unit = toUnit(picture);
    const count = constant(ZOOMS, severity);
    const sums = Float64Array.from(unit.values);
    for (let step = 0; step < count; step++) {
      const { values } = zoomIn(unit, 1 + 0.01 * step);
      for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + (values[i] as number);
    }
    return fromUnit(sums.map((sum) => sum / (count + 1)));
  },
};
