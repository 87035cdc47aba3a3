import { z } from 'zod';
import { uniformInt } from '../../random/random.ts';
import { constant, fromUnit, toUnit, type BySeverity, type Corruption } from './corruption.ts';
import { gaussianBlur } from './filter.ts';

/** Standard deviation of the blur before and after, farthest move in pixels, times. */
const GLASSES: BySeverity<readonly [sigma: number, reach: number, times: number]> = [
  [0.05, 1, 1],
  [0.25, 1, 1],
  [0.4, 1, 1],
  [0.25, 1, 2],
  [0.4, 1, 2],
];

const BLUR = { edge: 'nearest', truncate: 4 } as const;

/**
 * Frosted glass: pixels move by up to `reach`, from the lower right corner on, up and to the left only, between two blurs. The paper says that
 * neighbours change places; in the program that made CIFAR-10-C the second of the two is lost, so that a pixel is
 * copied over another, and so it is here.
 */
export const glassBlur: Corruption = {
  kind: 'glass_blur',
  title: 'Glass blur',
  schema: z.strictObject({ kind: z.literal('glass_blur') }),
  family: 'blur',
  corrupt(picture, severity, stream) {
    const { shape } = picture;
    const [height, width, channels] = shape;
    const [sigma, reach, times] = constant(GLASSES, severity);
    const bytes = fromUnit(gaussianBlur(toUnit(picture), sigma, BLUR).values);
    for (let time = 0; time < times; time++)
      for (let y = height - reach; y > reach; y--)
        for (let x = width - reach; x > reach; x--) {
          const right = uniformInt(stream, 2 * reach) - reach;
          const down = uniformInt(stream, 2 * reach) - reach;
          const from = ((y + down) * width + x + right) * channels;
          bytes.copyWithin((y * width + x) * channels, from, from + channels);
        }
    return fromUnit(gaussianBlur(toUnit({ shape, bytes }), sigma, BLUR).values);
  },
};
