import { z } from 'zod';
import { constant, type BySeverity, type Corruption, type Picture, type Shape } from './corruption.ts';

/** Side of the smaller picture by that of the picture. */
const SHARES: BySeverity<number> = [0.95, 0.9, 0.85, 0.75, 0.65];

/** First place of the old pixels that a new pixel averages, and the one behind the last. */
function footprint(place: number, from: number, to: number): [first: number, end: number] {
  const scale = from / to;
  const center = (place + 0.5) * scale;
  const reach = Math.max(scale, 1) / 2;
  return [Math.max(0, Math.floor(center - reach + 0.5)), Math.min(from, Math.floor(center + reach + 0.5))];
}

/** Another length along one axis: means of the pixels whose centres a new pixel covers, rounded half up. */
function resizeAlong({ shape, bytes }: Picture, axis: 0 | 1, length: number): Picture {
  const [height, width, channels] = shape;
  const size: Shape = axis === 0 ? [length, width, channels] : [height, length, channels];
  const stride = axis === 0 ? width * channels : channels;
  const made = new Uint8Array(size[0] * size[1] * channels);
  let out = 0;
  for (let y = 0; y < size[0]; y++)
    for (let x = 0; x < size[1]; x++) {
      const [first, end] = footprint(axis === 0 ? y : x, shape[axis], length);
      const line = (axis === 0 ? x : y * width) * channels;
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let place = first; place < end; place++) sum += bytes[line + place * stride + channel] as number;
        made[out++] = Math.floor(sum / (end - first) + 0.5);
      }
    }
  return { shape: size, bytes: made };
}

/** Rows, then columns. */
function resize(picture: Picture, height: number, width: number): Picture {
  return resizeAlong(resizeAlong(picture, 1, width), 0, height);
}

/** Too few pixels: made smaller and large again, both by a box filter. */
export const pixelate: Corruption = {
  kind: 'pixelate',
  title: 'Pixelation',
  schema: z.strictObject({ kind: z.literal('pixelate') }),
  family: 'digital',
  corrupt(picture, severity) {
    const [height, width] = picture.shape;
    const share = constant(SHARES, severity);
    const less = (side: number): number => Math.max(1, Math.floor(side * share));
    return resize(resize(picture, less(height), less(width)), height, width).bytes;
  },
};
