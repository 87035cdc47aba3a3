import { z } from 'zod';
import { uniformInt } from '../../random/random.ts';
import { constant, type BySeverity, type Corruption } from './corruption.ts';
import { inside } from './filter.ts';
import { FROST_SIDE, FROSTS, frostTexture } from './frost-texture.ts';
import { luminance } from './luminance.ts';

/** Shares of the picture and of the frost in what is seen. */
const SHARES: BySeverity<readonly [picture: number, frost: number]> = [
  [1, 0.2],
  [1, 0.3],
  [0.9, 0.4],
  [0.85, 0.4],
  [0.75, 0.45],
];

/**
 * Ice on the lens, mixed by the published shares. CIFAR-10-C mixes in cuttings of photographs, which cannot be part of this program: its frost
 * is drawn (frost-texture.ts), so figures of this one corruption do not compare with published ones.
 */
export const frost: Corruption = {
  kind: 'frost',
  title: 'Frost',
  schema: z.strictObject({ kind: z.literal('frost') }),
  family: 'weather',
  corrupt({ shape, bytes }, severity, stream) {
    const [height, width, channels] = shape;
    const [own, ice] = constant(SHARES, severity);
    const colours = frostTexture(uniformInt(stream, FROSTS));
    const texture =
      channels === 1
        ? luminance({ shape: [FROST_SIDE, FROST_SIDE, 3], values: Float64Array.from(colours) })
        : colours;
    const [top, left] = [uniformInt(stream, FROST_SIDE), uniformInt(stream, FROST_SIDE)];
    const made = new Uint8Array(bytes.length);
    let out = 0;
    for (let y = 0; y < height; y++) {
      const line = inside(top + y, FROST_SIDE, 'reflect') * FROST_SIDE;
      for (let x = 0; x < width; x++) {
        const from = (line + inside(left + x, FROST_SIDE, 'reflect')) * channels;
        for (let channel = 0; channel < channels; channel++) {
          const mixed = own * (bytes[out] as number) + ice * (texture[from + channel] as number);
          made[out++] = Math.min(mixed, 255);
        }
      }
    }
    return made;
  },
};
