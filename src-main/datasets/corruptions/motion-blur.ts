import { z } from 'zod';
import { uniform } from '../../random/random.ts';
import { constant, type BySeverity, type Corruption } from './corruption.ts';
import { motionBlur as blurAlong } from './motion.ts';

/** Half the length of the path and the standard deviation of the weights on it, in pixels. */
const PATHS: BySeverity<readonly [radius: number, sigma: number]> = [
  [6, 1],
  [6, 1.5],
  [6, 2],
  [8, 2],
  [9, 2.5],
];

/** A camera that moves: blur along a line between −45° and 45°. */
export const motionBlur: Corruption = {
  kind: 'motion_blur',
  title: 'Motion blur',
  schema: z.strictObject({ kind: z.literal('motion_blur') }),
  family: 'blur',
  corrupt({ bytes, shape }, severity, stream) {
    const [radius, sigma] = constant(PATHS, severity);
    return blurAlong(bytes, shape, { radius, sigma, angle: 90 * uniform(stream) - 45 });
  },
};
