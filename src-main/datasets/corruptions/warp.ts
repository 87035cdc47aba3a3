import type { FloatPicture } from './corruption.ts';
import { inside, type Edge } from './filter.ts';

/** A place in a picture, in pixels from the middle of the first. */
export interface Place {
  readonly y: number;
  readonly x: number;
}

/** Fetches every pixel from another place, between pixels by linear interpolation. */
export function warp({ shape, values }: FloatPicture, edge: Edge, from: (to: Place) => Place): FloatPicture {
  const [height, width, channels] = shape;
  const made = new Float64Array(values.length);
  let out = 0;
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const { y, x } = from({ y: row, x: column });
      const [above, before] = [Math.floor(y), Math.floor(x)];
      const [v, u] = [y - above, x - before];
      const top = inside(above, height, edge) * width;
      const bottom = inside(above + 1, height, edge) * width;
      const left = inside(before, width, edge);
      const right = inside(before + 1, width, edge);
      const [a, b] = [(top + left) * channels, (top + right) * channels];
      const [c, d] = [(bottom + left) * channels, (bottom + right) * channels];
      for (let channel = 0; channel < channels; channel++)
        made[out++] =
          (1 - v) * ((1 - u) * (values[a + channel] as number) + u * (values[b + channel] as number)) +
          v * ((1 - u) * (values[c + channel] as number) + u * (values[d + channel] as number));
    }
  return { shape, values: made };
}
