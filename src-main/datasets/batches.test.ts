import { describe, expect, test } from 'vitest';
import { ConfigError } from '../contract/errors.ts';
import { BatchPlan, cutOut, type BatchOrder, type Source } from './batches.ts';

const order = (changes: Partial<BatchOrder> = {}): BatchOrder => ({
  phase: 'round',
  seed: 1,
  member: 0,
  round: 0,
  particle: 0,
  indices: Int32Array.from({ length: 103 }, (_, i) => 2 * i),
  batch: 10,
  augment: { flip: false, crop: 0 },
  ...changes,
});
const epochOf = (plan: BatchPlan, epoch: number): number[] =>
  Array.from({ length: plan.iterationsPerEpoch }, (_, i) => [
    ...plan.at(epoch * plan.iterationsPerEpoch + i).indices,
  ]).flat();

describe('order', () => {
  test('an epoch has whole batches of different training images', () => {
    const plan = new BatchPlan(order());
    expect(plan.iterationsPerEpoch).toBe(10);
    const epoch = epochOf(plan, 0);
    expect(epoch).toHaveLength(100);
    expect(new Set(epoch).size).toBe(100);
    expect(epoch.every((index) => index % 2 === 0 && index < 206)).toBe(true);
  });

  test('golden values', () => {
    expect([...new BatchPlan(order()).at(0).indices].join()).toMatchInlineSnapshot(
      `"32,114,68,188,154,172,134,152,104,8"`,
    );
    expect([...new BatchPlan(order({ phase: 'ticket' })).at(25).indices].join()).toMatchInlineSnapshot(
      `"192,170,108,202,188,78,184,34,44,136"`,
    );
  });

  test('each epoch, seed, member, round, particle and the ticket have their own', () => {
    const epochs = [0, 1, 2].map((epoch) => epochOf(new BatchPlan(order()), epoch).join());
    const others = [
      { seed: 2 },
      { member: 1 },
      { round: 1 },
      { particle: 1 },
      { phase: 'ticket' as const },
    ].map((changes) => epochOf(new BatchPlan(order(changes)), 0).join());
    expect(new Set([...epochs, ...others]).size).toBe(8);
  });

  test('any iteration can be asked for, in any order', () => {
    const [a, b] = [new BatchPlan(order()), new BatchPlan(order())];
    const forwards = [3, 17, 31, 32].map((iteration) => [...a.at(iteration).indices].join());
    const backwards = [32, 31, 17, 3].map((iteration) => [...b.at(iteration).indices].join());
    expect(backwards.reverse()).toEqual(forwards);
    expect(a.at(32).epoch).toBe(3);
  });

  test('fewer images than a batch are refused', () => {
    expect(() => new BatchPlan(order({ batch: 104 }))).toThrow(ConfigError);
    expect(() => new BatchPlan(order({ batch: 104 }))).toThrow('104 is more than the 103 training images');
    expect(new BatchPlan(order({ batch: 103 })).iterationsPerEpoch).toBe(1);
  });
});

/** 206 images of 4×5 pixels with two channels; pixel values tell where they come from. */
const shape = [4, 5, 2] as const;
const source: Source = {
  shape,
  images: Uint8Array.from({ length: 206 * 40 }, (_, i) => 1 + ((i * 7 + Math.floor(i / 40) * 13) % 255)),
  labels: Uint8Array.from({ length: 206 }, (_, i) => i % 10),
  background: [0, 200],
};

function fill(plan: BatchPlan, iteration: number): { images: number[][]; labels: number[] } {
  const images = new Uint8Array(400).fill(99);
  const labels = new Int32Array(10);
  plan.fill(iteration, source, images, labels);
  return {
    images: Array.from({ length: 10 }, (_, i) => [...images.subarray(i * 40, (i + 1) * 40)]),
    labels: [...labels],
  };
}

/** Every image that flipping and cropping may make of one, by brute force. */
function variants(index: number, flip: boolean, crop: number): Set<string> {
  const [height, width, channels] = shape;
  const pixel = (y: number, x: number, c: number): number =>
    y < 0 || y >= height || x < 0 || x >= width
      ? (source.background[c] ?? NaN)
      : (source.images[index * 40 + (y * width + x) * channels + c] ?? NaN);
  const all = new Set<string>();
  for (const mirrored of flip ? [false, true] : [false])
    for (let top = 0; top <= 2 * crop; top++)
      for (let left = 0; left <= 2 * crop; left++) {
        const image: number[] = [];
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++)
            for (let c = 0; c < channels; c++)
              image.push(pixel(y + top - crop, (mirrored ? width - 1 - x : x) + left - crop, c));
        all.add(image.join());
      }
  return all;
}

describe('images', () => {
  test('are copied as they are without augmentation', () => {
    const plan = new BatchPlan(order());
    const { images, labels } = fill(plan, 4);
    for (const [slot, index] of plan.at(4).indices.entries()) {
      expect(images[slot]).toEqual([...source.images.subarray(index * 40, index * 40 + 40)]);
      expect(labels[slot]).toBe(index % 10);
    }
  });

  test.each([
    { flip: true, crop: 0 },
    { flip: false, crop: 1 },
    { flip: true, crop: 2 },
    { flip: true, crop: 6 },
  ])('with %j are each one of the possible variants, and most kinds occur', (augment) => {
    const plan = new BatchPlan(order({ augment }));
    const kinds = new Set<number>();
    for (let iteration = 0; iteration < 60; iteration++) {
      const { images } = fill(plan, iteration);
      for (const [slot, index] of plan.at(iteration).indices.entries()) {
        const kind = [...variants(index, augment.flip, augment.crop)].indexOf(images[slot]?.join() ?? '');
        expect(kind).toBeGreaterThanOrEqual(0);
        kinds.add(kind);
      }
    }
    // Crops beyond the image are all background, so there are fewer than 2 · 13² for the largest.
    const possible = variants(0, augment.flip, augment.crop).size;
    expect(kinds.size).toBeGreaterThan(0.8 * possible);
  });

  test('augmentation does not change the order, and has its own draws in each epoch', () => {
    const [plain, augmented] = [
      new BatchPlan(order()),
      new BatchPlan(order({ augment: { flip: true, crop: 2 } })),
    ];
    expect([...augmented.at(7).indices]).toEqual([...plain.at(7).indices]);
    expect(fill(augmented, 7)).toEqual(fill(augmented, 7));
  });

  test('a crop beyond 127 pixels is refused', () => {
    expect(() => new BatchPlan(order({ augment: { flip: false, crop: 128 } }))).toThrow(ConfigError);
  });
});

describe('cutout', () => {
  /** Rows and columns that differ between two pictures. */
  function changed(before: readonly number[], after: readonly number[]): string[] {
    const [, width, channels] = shape;
    const pixels = new Set<string>();
    for (const [at, value] of after.entries()) {
      if (value === before[at]) continue;
      expect(value).toBe(source.background[at % channels]);
      const pixel = Math.floor(at / channels);
      pixels.add(`${Math.floor(pixel / width)},${pixel % width}`);
    }
    return [...pixels].sort();
  }

  test.each([
    [1, 2, 3, ['2,3']],
    [2, 2, 3, ['1,2', '1,3', '2,2', '2,3']],
    [3, 0, 0, ['0,0', '0,1', '1,0', '1,1']],
    [2, 0, 4, ['0,3', '0,4']],
    [99, 3, 1, Array.from({ length: 20 }, (_, at) => `${Math.floor(at / 5)},${at % 5}`)],
  ])('of side %d at (%d, %d) is a square, cut off at the border', (side, row, column, expected) => {
    const image = new Uint8Array(40).fill(99);
    cutOut(image, shape, source.background, side, { row, column });
    expect(changed(new Array<number>(40).fill(99), [...image])).toEqual(expected);
  });

  test('has its centre anywhere, and leaves order, flips and crops as they are', () => {
    const augment = { flip: true, crop: 1 };
    const [without, cut] = [
      new BatchPlan(order({ augment })),
      new BatchPlan(order({ augment: { ...augment, cutout: 1 } })),
    ];
    const centres = new Map<string, number>();
    for (let iteration = 0; iteration < 60; iteration++) {
      const [plain, square] = [fill(without, iteration), fill(cut, iteration)];
      expect(square.labels).toEqual(plain.labels);
      for (const [slot, image] of square.images.entries()) {
        const pixels = changed(plain.images[slot] ?? [], image);
        // None where the crop had uncovered the pixel already.
        expect(pixels.length).toBeLessThanOrEqual(1);
        for (const pixel of pixels) centres.set(pixel, (centres.get(pixel) ?? 0) + 1);
      }
    }
    expect(centres.size).toBe(20);
  });

  test('golden values', () => {
    const plan = new BatchPlan(order({ augment: { flip: false, crop: 0, cutout: 1 } }));
    const places = fill(plan, 0).images.map((image, slot) =>
      changed(fill(new BatchPlan(order()), 0).images[slot] ?? [], image).join(),
    );
    expect(places.join(' ')).toMatchInlineSnapshot(`"1,3 2,0 0,2 2,1 1,0 2,0 3,4 0,4 0,3 2,2"`);
  });

  test('is drawn anew in each epoch, and the same again from any iteration', () => {
    const plan = (): BatchPlan => new BatchPlan(order({ augment: { flip: false, crop: 0, cutout: 2 } }));
    expect(fill(plan(), 13)).toEqual(fill(plan(), 13));
    const forwards = plan();
    for (let iteration = 0; iteration < 13; iteration++) fill(forwards, iteration);
    expect(fill(forwards, 13)).toEqual(fill(plan(), 13));
  });
});
