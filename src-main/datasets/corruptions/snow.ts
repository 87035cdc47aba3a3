import { z } from 'zod';
import { normal } from '../../random/random.ts';
import { uniform } from '../../random/random.ts';
import { constant, fromUnit, toUnit, type BySeverity, type Corruption } from './corruption.ts';
import { luminance } from './luminance.ts';
import { motionBlur } from './motion.ts';
import { zoomIn } from './zoom.ts';

interface Snow {
  /** Normal noise that flakes come from. */
  readonly mean: number;
  readonly deviation: number;
  /** How much the flakes are enlarged. */
  readonly zoom: number;
  /** Where noise is below, there is no flake. */
  readonly threshold: number;
  /** Path of a flake: half its length and the standard deviation of the weights on it, in pixels. */
  readonly radius: number;
  readonly sigma: number;
  /** What is left of the picture's own colours; the rest is whitened. */
  readonly own: number;
}

const SNOWS: BySeverity<Snow> = [
  { mean: 0.1, deviation: 0.2, zoom: 1, threshold: 0.6, radius: 8, sigma: 3, own: 0.95 },
  { mean: 0.1, deviation: 0.2, zoom: 1, threshold: 0.5, radius: 10, sigma: 4, own: 0.9 },
  { mean: 0.15, deviation: 0.3, zoom: 1.75, threshold: 0.55, radius: 10, sigma: 4, own: 0.9 },
  { mean: 0.25, deviation: 0.3, zoom: 2.25, threshold: 0.6, radius: 12, sigma: 6, own: 0.85 },
  { mean: 0.3, deviation: 0.3, zoom: 1.25, threshold: 0.65, radius: 14, sigma: 12, own: 0.8 },
];

/** Falling snow: bright noise blurred along its fall, laid over a whitened picture once as it is and once upside down. */
export const snow: Corruption = {
  kind: 'snow',
  title: 'Snow',
  schema: z.strictObject({ kind: z.literal('snow') }),
  family: 'weather',
  corrupt(picture, severity, stream) {
    const { shape, values } = toUnit(picture);
    const [height, width, channels] = shape;
    const { mean, deviation, zoom, threshold, radius, sigma, own } = constant(SNOWS, severity);
    const noise = new Float32Array(height * width);
    normal(stream, noise, deviation);
    const layer = zoomIn(
      { shape: [height, width, 1], values: Float64Array.from(noise, (n) => n + mean) },
      zoom,
    );
    const flakes = fromUnit(layer.values.map((value) => (value < threshold ? 0 : value)));
    const angle = 90 * uniform(stream) - 135;
    const falling = motionBlur(flakes, [height, width, 1], { radius, sigma, angle });
    const grey = luminance({ shape, values });
    const last = falling.length - 1;
    return fromUnit(
      values.map((value, i) => {
        const pixel = Math.floor(i / channels);
        const white = Math.max(value, 1.5 * (grey[pixel] as number) + 0.5);
        const flake = ((falling[pixel] as number) + (falling[last - pixel] as number)) / 255;
        return own * value + (1 - own) * white + flake;
      }),
    );
  },
};
