import { z } from 'zod';
import { constant, fromUnit, toUnit, type BySeverity, type Corruption } from './corruption.ts';
import { plasma, powerOfTwo } from './plasma.ts';

/** Share of fog in light, and decay of its fractal: the smaller, the finer. */
const FOGS: BySeverity<readonly [thickness: number, decay: number]> = [
  [0.2, 3],
  [0.5, 3],
  [0.75, 2.5],
  [1, 2],
  [1.5, 1.75],
];

/** Fog: a plasma fractal is added, and the whole made as dark again as the picture was. */
export const fog: Corruption = {
  kind: 'fog',
  title: 'Fog',
  schema: z.strictObject({ kind: z.literal('fog') }),
  family: 'weather',
  corrupt(picture, severity, stream) {
    const { shape, values } = toUnit(picture);
    const [height, width, channels] = shape;
    const [thickness, decay] = constant(FOGS, severity);
    const side = powerOfTwo(Math.max(height, width));
    const cloud = plasma(stream, side, decay);
    const brightest = values.reduce((most, value) => Math.max(most, value), 0);
    return fromUnit(
      values.map((value, i) => {
        const pixel = Math.floor(i / channels);
        const there = cloud[Math.floor(pixel / width) * side + (pixel % width)] as number;
        return ((value + thickness * there) * brightest) / (brightest + thickness);
      }),
    );
  },
};
