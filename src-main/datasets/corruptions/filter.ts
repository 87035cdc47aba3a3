import type { FloatPicture, Shape } from './corruption.ts';

/**
 * How a picture goes on behind its edges. `nearest`: a a | a b c | c c; `reflect`: b a | a b c | c b;
 * `mirror`: c b | a b c | b a.
 */
export type Edge = 'nearest' | 'reflect' | 'mirror';

/** The place in 0 … length − 1 that stands for a place anywhere. */
export function inside(place: number, length: number, edge: Edge): number {
  if (place >= 0 && place < length) return place;
  if (edge === 'nearest' || length === 1) return place < 0 ? 0 : length - 1;
  const period = edge === 'reflect' ? 2 * length : 2 * length - 2;
  const turned = ((place % period) + period) % period;
  return turned < length ? turned : period - turned - (edge === 'reflect' ? 1 : 0);
}

/**
 * Weights exp(−i² / 2σ²), i = −radius … radius, with sum 1.
 * @param radius σ 0 with radius 0 is a single 1
 */
export function gaussianKernel(sigma: number, radius: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    i === radius ? 1 : Math.exp((-0.5 / (sigma * sigma)) * (i - radius) ** 2),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Blurs rows and columns of each channel by a Gaussian that is cut off at `truncate` standard deviations. */
export function gaussianBlur(
  { shape, values }: FloatPicture,
  sigma: number,
  { edge, truncate }: { readonly edge: Edge; readonly truncate: number },
): FloatPicture {
  const radius = Math.floor(truncate * sigma + 0.5);
  if (radius === 0) return { shape, values };
  const kernel = gaussianKernel(sigma, radius);
  return { shape, values: along(along(values, shape, 0, kernel, edge), shape, 1, kernel, edge) };
}

/** Correlates with a symmetric kernel along one axis: 0 down, 1 across. */
function along(
  values: Float64Array,
  shape: Shape,
  axis: 0 | 1,
  kernel: Float64Array,
  edge: Edge,
): Float64Array {
  const [height, width, channels] = shape;
  const length = shape[axis];
  const stride = axis === 0 ? width * channels : channels;
  const radius = (kernel.length - 1) / 2;
  const made = new Float64Array(values.length);
  const places = Int32Array.from(
    { length: length + 2 * radius },
    (_, place) => inside(place - radius, length, edge) * stride,
  );
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const here = axis === 0 ? y : x;
      const out = (y * width + x) * channels;
      const line = out - here * stride;
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let k = 0; k < kernel.length; k++)
          sum += (kernel[k] as number) * (values[line + (places[here + k] as number) + channel] as number);
        made[out + channel] = sum;
      }
    }
  return made;
}

/** Correlates every channel with a square kernel of odd side. */
export function correlate({ shape, values }: FloatPicture, kernel: Float64Array, edge: Edge): Float64Array {
  const [height, width, channels] = shape;
  const side = Math.sqrt(kernel.length);
  const radius = (side - 1) / 2;
  const made = new Float64Array(values.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let row = 0; row < side; row++) {
        const line = inside(y + row - radius, height, edge) * width;
        for (let column = 0; column < side; column++) {
          const weight = kernel[row * side + column] as number;
          if (weight === 0) continue;
          const from = (line + inside(x + column - radius, width, edge)) * channels;
          const to = (y * width + x) * channels;
          for (let channel = 0; channel < channels; channel++)
            made[to + channel] = (made[to + channel] as number) + weight * (values[from + channel] as number);
        }
      }
  return made;
}
