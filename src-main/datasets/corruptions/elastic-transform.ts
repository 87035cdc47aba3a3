import { z } from 'zod';
import { uniform, type Stream } from '../../random/random.ts';
import { constant, fromUnit, toUnit, type BySeverity, type Corruption } from './corruption.ts';
import { gaussianBlur } from './filter.ts';
import { warp, type Place } from './warp.ts';

/** Shares of the picture's shorter side. */
interface Elastic {
  /** Largest displacement before it is smoothed, and the standard deviation of what smooths it. */
  readonly reach: number;
  readonly sigma: number;
  /** How far the corners of the affine map move. */
  readonly corners: number;
}

const ELASTICS: BySeverity<Elastic> = [
  { reach: 0, sigma: 0, corners: 0.08 },
  { reach: 0.05, sigma: 0.2, corners: 0.07 },
  { reach: 0.08, sigma: 0.06, corners: 0.06 },
  { reach: 0.1, sigma: 0.04, corners: 0.05 },
  { reach: 0.1, sigma: 0.03, corners: 0.03 },
];

/** Stretches and bends (Simard et al. 2003): a random affine map, then a smooth random displacement of every pixel. */
export const elasticTransform: Corruption = {
  kind: 'elastic_transform',
  title: 'Elastic transform',
  schema: z.strictObject({ kind: z.literal('elastic_transform') }),
  family: 'digital',
  corrupt(picture, severity, stream) {
    const { shape } = picture;
    const [height, width] = shape;
    const side = Math.min(height, width);
    const { reach, sigma, corners } = constant(ELASTICS, severity);
    const moved = warp(toUnit(picture), 'mirror', affine(stream, height, width, corners * side));
    const field = (): Float64Array =>
      gaussianBlur(
        {
          shape: [height, width, 1],
          values: Float64Array.from({ length: height * width }, () => 2 * uniform(stream) - 1),
        },
        sigma * side,
        { edge: 'reflect', truncate: 3 },
      ).values.map((value) => value * reach * side);
    const across = field();
    const down = field();
    const bent = warp(moved, 'reflect', ({ y, x }) => {
      const pixel = y * width + x;
      return { y: y + (down[pixel] as number), x: x + (across[pixel] as number) };
    });
    return fromUnit(bent.values);
  },
};

/**
 * Where a pixel comes from under the affine map that moves three corners of a square in the middle, each coordinate by up to
 * `reach`.
 */
function affine(stream: Stream, height: number, width: number, reach: number): (to: Place) => Place {
  const middle = { y: Math.floor(height / 2), x: Math.floor(width / 2) };
  const half = Math.max(1, Math.floor(Math.min(height, width) / 3));
  const from = [
    [1, 1],
    [1, -1],
    [-1, -1],
  ].map(([right = 0, down = 0]) => ({ x: middle.x + right * half, y: middle.y + down * half }));
  const to = from.map(({ x, y }) => ({
    x: x + reach * (2 * uniform(stream) - 1),
    y: y + reach * (2 * uniform(stream) - 1),
  }));
  const [a, b, c] = to as [Place, Place, Place];
  const [fromA, fromB, fromC] = from as [Place, Place, Place];
  const twiceArea = (b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y);
  return ({ x, y }) => {
    // Shares of the corners b and c in the point: barycentric coordinates stay.
    const u = ((x - a.x) * (c.y - a.y) - (c.x - a.x) * (y - a.y)) / twiceArea;
    const v = ((b.x - a.x) * (y - a.y) - (x - a.x) * (b.y - a.y)) / twiceArea;
    return {
      x: fromA.x + u * (fromB.x - fromA.x) + v * (fromC.x - fromA.x),
      y: fromA.y + u * (fromB.y - fromA.y) + v * (fromC.y - fromA.y),
    };
  };
}
