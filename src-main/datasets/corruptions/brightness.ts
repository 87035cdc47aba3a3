import { z } from 'zod';
import { constant, clip, fromUnit, toUnit, type BySeverity, type Corruption } from './corruption.ts';

/** What is added to the value in HSV. */
const ADDED: BySeverity<number> = [0.05, 0.1, 0.15, 0.2, 0.3];

/** Daylight: the value (the largest channel) of each pixel in HSV is raised, hue and saturation stay. */
export const brightness: Corruption = {
  kind: 'brightness',
  title: 'Brightness',
  schema: z.strictObject({ kind: z.literal('brightness') }),
  family: 'weather',
  corrupt(picture, severity) {
    const { shape, values } = toUnit(picture);
    const channels = shape[2];
    const added = constant(ADDED, severity);
    for (let i = 0; i < values.length; i += channels) {
      let value = 0;
      for (let at = i; at < i + channels; at++) value = Math.max(value, values[at] as number);
      const raised = clip(value + added);
      // Black has no hue: it becomes grey.
      for (let at = i; at < i + channels; at++)
        values[at] = value > 0 ? raised * (1 - (value - (values[at] as number)) / value) : raised;
    }
    return fromUnit(values);
  },
};
