import type { FloatPicture } from './corruption.ts';

/** How bright each pixel is (ITU-R BT.601); of a grey picture its values. */
export function luminance({ shape, values }: FloatPicture): Float64Array {
  if (shape[2] === 1) return values;
  return Float64Array.from(
    { length: values.length / 3 },
    (_, pixel) =>
      0.299 * (values[3 * pixel] as number) +
      0.587 * (values[3 * pixel + 1] as number) +
      0.114 * (values[3 * pixel + 2] as number),
  );
}
