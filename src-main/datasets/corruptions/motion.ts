import type { Shape } from './corruption.ts';
import { inside } from './filter.ts';

/**
 * Blur along a line, as ImageMagick's: the mean of pixels 0 … 2·radius to one side, weighted by half a Gaussian, at the nearest
 * whole places; edge pixels go on. Values are on the scale of bytes and come back rounded to whole ones.
 * @param angle in degrees, clockwise from the right
 */
export function motionBlur(
  bytes: Uint8Array,
  [height, width, channels]: Shape,
  { radius, sigma, angle }: { readonly radius: number; readonly sigma: number; readonly angle: number },
): Uint8Array {
  const length = 2 * radius + 1;
  const weights = Float64Array.from({ length }, (_, i) => Math.exp(-(i * i) / (2 * sigma * sigma)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const turn = (angle * Math.PI) / 180;
  // Halves go down.
  const steps = Array.from({ length }, (_, i) => ({
    weight: (weights[i] as number) / total,
    right: Math.ceil(i * Math.cos(turn) - 0.5),
    down: Math.ceil(i * Math.sin(turn) - 0.5),
  }));
  const sums = new Float64Array(bytes.length);
  for (const { weight, right, down } of steps)
    for (let y = 0; y < height; y++) {
      const line = inside(y + down, height, 'nearest') * width;
      for (let x = 0; x < width; x++) {
        const from = (line + inside(x + right, width, 'nearest')) * channels;
        const to = (y * width + x) * channels;
        for (let channel = 0; channel < channels; channel++)
          sums[to + channel] = (sums[to + channel] as number) + weight * (bytes[from + channel] as number);
      }
    }
  const made = new Uint8Array(bytes.length);
  for (let i = 0; i < made.length; i++) made[i] = Math.floor((sums[i] as number) + 0.5);
  return made;
}
