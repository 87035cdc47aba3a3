import { describe, expect, test } from 'vitest';
import { streamFor } from '../../random/random.ts';
import { corruptImages } from './corrupt.ts';
import { SEVERITIES, type Severity, type Shape } from './corruption.ts';
import { frostTexture } from './frost-texture.ts';
import { motionBlur } from './motion.ts';
import { plasma } from './plasma.ts';
import { corruptions } from './registry.ts';
import { zoomIn } from './zoom.ts';

const kinds = [...corruptions.keys()];

/** A picture with edges, a ramp and texture, without black or white. */
function pictures(count: number, [height, width, channels]: Shape): Uint8Array {
  return Uint8Array.from({ length: count * height * width * channels }, (_, i) => {
    const x = Math.floor(i / channels) % width;
    const y = Math.floor(i / channels / width) % height;
    const c = i % channels;
    return (
      40 +
      ((x * 5 + y * 3 + c * 20 + Math.floor(i / (height * width * channels)) * 17) % 150) +
      (x > y ? 30 : 0)
    );
  });
}

const distance = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((sum, byte, i) => sum + Math.abs(byte - (b[i] as number)), 0) / a.length;

test('there are the 15 of CIFAR-10-C, in its order', () => {
  expect(kinds).toEqual([
    ...['gaussian_noise', 'shot_noise', 'impulse_noise'],
    ...['defocus_blur', 'glass_blur', 'motion_blur', 'zoom_blur'],
    ...['snow', 'frost', 'fog', 'brightness'],
    ...['contrast', 'elastic_transform', 'pixelate', 'jpeg_compression'],
  ]);
});

describe.each(kinds)('%s', (kind) => {
  const shape: Shape = [32, 32, 3];
  const images = pictures(3, shape);

  test('an image becomes the same whatever others are corrupted with it, and the given one stays', async () => {
    const before = images.slice();
    const all = await corruptImages(images, shape, { kind, severity: 3, count: 3 });
    const one = await corruptImages(images, shape, { kind, severity: 3, count: 1 });
    expect(all.subarray(0, one.length)).toEqual(one);
    expect(images).toEqual(before);
  });

  test('changes it, and every severity in another way', async () => {
    const made = [];
    for (const severity of SEVERITIES)
      made.push(await corruptImages(images, shape, { kind, severity, count: 3 }));
    for (const [i, each] of made.entries()) {
      expect(distance(each, images)).toBeGreaterThan(0.3);
      for (const other of made.slice(i + 1)) expect(distance(each, other)).toBeGreaterThan(0);
    }
  });

  test.each<Shape>([
    [7, 5, 3],
    [28, 28, 1],
    [2, 3, 1],
    [1, 1, 3],
    [40, 33, 3],
  ])('takes images of %i × %i × %i', async (...shape) => {
    for (const severity of SEVERITIES)
      expect(await corruptImages(pictures(1, shape), shape, { kind, severity, count: 1 })).toHaveLength(
        shape[0] * shape[1] * shape[2],
      );
  });
});

describe('chance', () => {
  const shape: Shape = [32, 32, 3];
  const grey = new Uint8Array(40 * 32 * 32 * 3).fill(128);
  const corrupt = (kind: string, severity: Severity): Promise<Uint8Array> =>
    corruptImages(grey, shape, { kind, severity, count: 40 });
  const moments = (made: Uint8Array): { mean: number; deviation: number } => {
    const mean = made.reduce((sum, byte) => sum + byte, 0) / made.length;
    const variance = made.reduce((sum, byte) => sum + (byte - mean) ** 2, 0) / made.length;
    return { mean, deviation: Math.sqrt(variance) };
  };

  test.each([0.04, 0.06, 0.08, 0.09, 0.1])('gaussian noise has deviation %f', async (sigma) => {
    const severity = ([0.04, 0.06, 0.08, 0.09, 0.1].indexOf(sigma) + 1) as Severity;
    const { mean, deviation } = moments(await corrupt('gaussian_noise', severity));
    expect(Math.abs(deviation / (255 * sigma) - 1)).toBeLessThan(0.01);
    // Half a level is cut off.
    expect(Math.abs(mean - 127.5)).toBeLessThan(0.3);
  });

  test('shot noise has the variance of its mean in photons', async () => {
    const photons = (128 / 255) * 50;
    const { deviation } = moments(await corrupt('shot_noise', 5));
    expect(Math.abs(deviation / ((255 / 50) * Math.sqrt(photons)) - 1)).toBeLessThan(0.01);
  });

  test('impulse noise replaces its share, by black and white alike', async () => {
    const made = await corrupt('impulse_noise', 5);
    const share = (byte: number): number => made.filter((each) => each === byte).length / made.length;
    expect(share(0)).toBeCloseTo(0.035, 2);
    expect(share(255)).toBeCloseTo(0.035, 2);
    expect(share(128)).toBeCloseTo(0.93, 2);
  });

  test('channels have noise of their own, severities too', async () => {
    const made = await corrupt('gaussian_noise', 3);
    const products = { channels: 0, variance: 0 };
    for (let i = 0; i < made.length; i += 3) {
      const [r = 0, g = 0] = [(made[i] ?? 0) - 127.5, (made[i + 1] ?? 0) - 127.5];
      products.channels += r * g;
      products.variance += r * r;
    }
    expect(Math.abs(products.channels / products.variance)).toBeLessThan(0.03);
  });
});

describe('parts', () => {
  test('a plasma fractal takes 0 and 1, and neighbours are alike', () => {
    const map = plasma(streamFor({ seed: 1, purpose: 'corrupt-fog' }), 32, 3);
    expect(Math.min(...map)).toBe(0);
    expect(Math.max(...map)).toBe(1);
    const steps = map.map((value, i) => Math.abs(value - (map[(i + 1) % map.length] ?? 0)));
    expect(steps.reduce((sum, step) => sum + step, 0) / steps.length).toBeLessThan(0.05);
  });

  test('a zoom by 1 is the picture, one by 2 its middle', () => {
    const values = Float64Array.from({ length: 64 }, (_, i) => i);
    expect(zoomIn({ shape: [8, 8, 1], values }, 1).values).toEqual(values);
    const twice = zoomIn({ shape: [8, 8, 1], values }, 2).values;
    expect([twice[0], twice[7], twice[63]]).toEqual([18, 21, 45]);
  });

  test('motion to the right fetches from the right', () => {
    const bytes = Uint8Array.of(0, 0, 0, 200, 0, 0);
    const made = motionBlur(bytes, [1, 6, 1], { radius: 2, sigma: 1, angle: 0 });
    expect(made[3]).toBeGreaterThan(made[2] as number);
    expect(made[2]).toBeGreaterThan(made[1] as number);
    expect(made[4]).toBe(0);
  });

  test('frost textures are ice of all thicknesses, and differ', () => {
    const [a, b] = [frostTexture(0), frostTexture(1)];
    const mean = a.reduce((sum, value) => sum + value, 0) / a.length;
    expect(mean).toBeGreaterThan(80);
    expect(mean).toBeLessThan(190);
    expect(a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? 0)), 0) / a.length).toBeGreaterThan(
      20,
    );
  });
});

test('an unknown corruption is named', async () => {
  await expect(
    corruptImages(new Uint8Array(3), [1, 1, 3], { kind: 'rain', severity: 1, count: 1 }),
  ).rejects.toThrow("there is no 'rain'");
});
