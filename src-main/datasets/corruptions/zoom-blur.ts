import { z } from 'zod';
import { clip, constant, toUnit, type BySeverity, type Corruption } from './corruption.ts';
import { zoomIn } from './zoom.ts';

/** From a zoom to the next: 1.01 − 1 in floating point, as the published program counts. */
const STEP = 1.01 - 1;

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
    // In single precision, as published: where zooms change nothing, sums stay whole numbers or not by its roundings.
    const own = Float32Array.from(unit.values);
    const single = { shape: unit.shape, values: Float64Array.from(own) };
    const sums = new Float32Array(own.length);
    for (let step = 0; step < count; step++) {
      const { values } = zoomIn(single, 1 + STEP * step);
      for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + Math.fround(values[i] as number);
    }
    const made = new Uint8Array(own.length);
    for (let i = 0; i < made.length; i++) {
      const mean = Math.fround(Math.fround((own[i] as number) + (sums[i] as number)) / (count + 1));
      made[i] = Math.fround(clip(mean) * 255);
    }
    return made;
  },
};
