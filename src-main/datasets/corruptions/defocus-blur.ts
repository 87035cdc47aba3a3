import { z } from 'zod';
import { constant, fromUnit, toUnit, type BySeverity, type Corruption, type Severity } from './corruption.ts';
import { correlate, gaussianKernel } from './filter.ts';

/** Radius of the disc of confusion and standard deviation of what softens its rim, in pixels. */
const DISCS: BySeverity<readonly [radius: number, rim: number]> = [
  [0.3, 0.4],
  [0.4, 0.5],
  [0.5, 0.6],
  [1, 0.2],
  [1.5, 0.1],
];

/** A disc of pixels, softened by a Gaussian of 3×3. */
function discKernel(severity: Severity): Float64Array {
  const [radius, rim] = constant(DISCS, severity);
  // The rim's pixel, and an empty one around.
  const reach = Math.floor(radius) + 2;
  const side = 2 * reach + 1;
  const disc = Float64Array.from({ length: side * side }, (_, i) => {
    const [y, x] = [Math.floor(i / side) - reach, (i % side) - reach];
    return y * y + x * x <= radius * radius ? 1 : 0;
  });
  const area = disc.reduce((sum, value) => sum + value, 0);
  const row = gaussianKernel(rim, 1);
  const soft = Float64Array.from(
    { length: 9 },
    (_, i) => (row[Math.floor(i / 3)] as number) * (row[i % 3] as number),
  );
  const values = disc.map((value) => value / area);
  return correlate({ shape: [side, side, 1], values }, soft, 'mirror');
}

/** A lens that is out of focus: the mean over a disc. */
export const defocusBlur: Corruption = {
  kind: 'defocus_blur',
  title: 'Defocus blur',
  schema: z.strictObject({ kind: z.literal('defocus_blur') }),
  family: 'blur',
  corrupt: (picture, severity) => fromUnit(correlate(toUnit(picture), discKernel(severity), 'mirror')),
};
