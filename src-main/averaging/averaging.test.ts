import { describe, expect, test } from 'vitest';
import { ConfigError } from '../contract/errors.ts';
import { Swa } from '../contract/recipe.ts';
import { average, RunningAverage } from './average.ts';
import { Particles, particlesAt } from './particles.ts';
import { snapshotIterations, swaStartIteration } from './swa.ts';

describe('average', () => {
  test('sums in float64: small parts beside large ones survive', () => {
    // In float32 2^24 + 1 + 1 is 2^24.
    const mean = average([2 ** 24, 1, 1, 2].map((value) => Float32Array.of(value)));
    expect(mean[0]).toBe(2 ** 22 + 1);
  });

  test('crosses chunks and leaves what is given alone', () => {
    const vectors = [1, 2, 6].map((factor) => Float32Array.from({ length: 10_000 }, (_, i) => i * factor));
    expect(average(vectors)).toEqual(Float32Array.from({ length: 10_000 }, (_, i) => i * 3));
    expect(vectors[1]?.[3]).toBe(6);
  });

  test('a weight pruned in all stays +0', () => {
    expect(Object.is(average([Float32Array.of(0), Float32Array.of(0)])[0], 0)).toBe(true);
  });

  test('other lengths and nothing at all are refused', () => {
    expect(() => average([new Float32Array(3), new Float32Array(4)])).toThrow(
      'vector 1 has 4 elements, the first 3',
    );
    expect(() => average([])).toThrow(RangeError);
  });

  test('taken one after another gives the same bits, interrupted or not', () => {
    const vectors = Array.from({ length: 5 }, (_, n) =>
      Float32Array.from({ length: 100 }, (_, i) => Math.sin(n * 100 + i) * 10 ** (i % 7)),
    );
    let running = new RunningAverage({ length: 100 });
    for (const [n, vector] of vectors.entries()) {
      if (n === 2) running = new RunningAverage({ sums: running.sums.slice(), count: running.count });
      running.add(vector);
    }
    expect(running.mean()).toEqual(average(vectors));
    expect(() => running.add(new Float32Array(3))).toThrow(RangeError);
    expect(() => new RunningAverage({ length: 3 }).mean()).toThrow(RangeError);
  });
});

describe('SWA snapshots', () => {
  const at = (swa: object, iterations: number, iterationsPerEpoch: number): number[] =>
    snapshotIterations({ swa: Swa.parse(swa), iterations, iterationsPerEpoch });

  test('are the ends of epochs after the start, its starting point excluded', () => {
    expect(at({}, 100, 10)).toEqual([60, 70, 80, 90, 100]);
    expect(at({ start: 0.45 }, 100, 10)).toEqual([50, 60, 70, 80, 90, 100]);
  });

  test('or every so many iterations from the start', () => {
    expect(at({ every: 20 }, 100, 10)).toEqual([70, 90]);
  });

  test('none are refused', () => {
    expect(() => at({}, 10, 10)).not.toThrow();
    expect(() => at({ every: 60 }, 100, 10)).toThrow(ConfigError);
    expect(() => at({ every: 60 }, 100, 10)).toThrow('start 0.5, every 60');
    expect(() => at({ start: 0.99 }, 10, 10)).toThrow(/no snapshot/);
  });

  test('the start is rounded, not cut: 0.57 of 100 is 57', () => {
    expect(swaStartIteration(Swa.parse({ start: 0.57 }), 100)).toBe(57);
  });
});

describe('number of particles', () => {
  test('is one number', () => {
    expect(particlesAt(Particles.parse(4), 3, 0.5)).toBe(4);
  });

  test('or rises with sparsity (SWAMP+)', () => {
    const spec = Particles.parse([
      { from: 0, particles: 1 },
      { from: 0.6, particles: 4 },
    ]);
    expect([0, 0.5904, 0.59999, 0.6, 0.97].map((sparsity) => particlesAt(spec, 0, sparsity))).toEqual([
      1, 1, 4, 4, 4,
    ]);
  });

  test('or with the round', () => {
    const spec = Particles.parse([
      { fromRound: 0, particles: 2 },
      { fromRound: 5, particles: 8 },
    ]);
    expect([0, 4, 5, 9].map((round) => particlesAt(spec, round, 0))).toEqual([2, 2, 8, 8]);
  });

  test.each([
    [0],
    [1.5],
    [[]],
    [[{ from: 0.5, particles: 4 }]],
    [
      [
        { from: 0, particles: 4 },
        { from: 0, particles: 2 },
      ],
    ],
    [
      [
        { from: 0, particles: 4 },
        { fromRound: 2, particles: 2 },
      ],
    ],
  ])('%j is refused', (spec) => {
    expect(Particles.safeParse(spec).success).toBe(false);
  });
});
