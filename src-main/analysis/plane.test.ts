import { describe, expect, test } from 'vitest';
import { average, interpolate } from '../averaging/average.ts';
import { gridSteps, placeOf, planeThrough, weightsAt, type Plane } from './plane.ts';

/** Weights around a trained network's sizes. */
function weights(seed: number, length = 5000): Float32Array {
  let state = seed * 2654435761 + 1;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32 - 0.5) * 0.4;
  });
}

const [a, b, c] = [weights(1), weights(2), weights(3)];

function through(...three: [Float32Array, Float32Array, Float32Array]): Plane {
  const plane = planeThrough(...three);
  if (!plane) throw new Error('no plane');
  return plane;
}

const length = (one: Float32Array, other: Float32Array): number =>
  Math.hypot(...one.map((w, at) => w - (other[at] ?? NaN)));

describe('the plane through three solutions', () => {
  const plane = through(a, b, c);

  test('has axes of length 1 at a right angle', () => {
    const dot = (one: Float64Array, other: Float64Array): number =>
      one.reduce((sum, value, at) => sum + value * (other[at] ?? NaN), 0);
    expect(dot(plane.u, plane.u)).toBeCloseTo(1, 12);
    expect(dot(plane.v, plane.v)).toBeCloseTo(1, 12);
    expect(dot(plane.u, plane.v)).toBeCloseTo(0, 12);
  });

  test('keeps their distances, and holds them', () => {
    const places = [a, b, c].map((each) => placeOf(plane, each));
    expect(places[0]).toEqual({ x: 0, y: 0, distance: 0 });
    expect(places[1]?.y).toBeCloseTo(0, 10);
    expect(places[2]?.y).toBeGreaterThan(0);
    for (const [one, other, apart] of [
      [0, 1, length(a, b)],
      [0, 2, length(a, c)],
      [1, 2, length(b, c)],
    ] as const) {
      const [p, q] = [places[one], places[other]];
      expect(Math.hypot((p?.x ?? NaN) - (q?.x ?? NaN), (p?.y ?? NaN) - (q?.y ?? NaN))).toBeCloseTo(apart, 5);
    }
    for (const { distance } of places) expect(distance).toBeLessThan(1e-10);
  });

  test('gives a solution back at its own place', () => {
    for (const each of [a, b, c]) {
      const { x, y } = placeOf(plane, each);
      const made = weightsAt(plane, x, y, new Float32Array(each.length));
      for (const [at, weight] of each.entries())
        expect(Math.abs((made[at] ?? NaN) - weight)).toBeLessThan(1e-7);
    }
  });

  test('holds their average, and tells how far others are', () => {
    expect(placeOf(plane, average([a, b, c])).distance).toBeLessThan(1e-5);
    const other = weights(4);
    const { x, y, distance } = placeOf(plane, other);
    expect(length(other, weightsAt(plane, x, y, new Float32Array(other.length)))).toBeCloseTo(distance, 5);
    expect(distance).toBeGreaterThan(1);
  });
});

describe('no plane is given', () => {
  test('by equal solutions', () => {
    expect(planeThrough(a, a.slice(), c)).toBeNull();
    expect(planeThrough(a, b, a.slice())).toBeNull();
    expect(planeThrough(a, b, b.slice())).toBeNull();
  });

  test('by three on one line, which rounding has moved off it', () => {
    expect(planeThrough(a, b, average([a, b]))).toBeNull();
    expect(planeThrough(a, b, interpolate(a, b, 1.7))).toBeNull();
    expect(planeThrough(a, interpolate(a, b, 1 / 3), b)).toBeNull();
  });

  test('though solutions close to each other give one', () => {
    const near = (other: Float32Array): Float32Array => interpolate(a, other, 1e-3);
    expect(planeThrough(a, near(b), near(c))).not.toBeNull();
  });

  test('and those of several models are refused', () => {
    expect(() => planeThrough(a, b, weights(3, 10))).toThrow(/5000, 5000 and 10 weights/);
  });
});

test('a grid has even steps and a margin on each side', () => {
  expect(gridSteps([4, 0, 1], 5, 0.25)).toEqual([-1, 0.5, 2, 3.5, 5]);
  expect(gridSteps([0, 1], 2, 0)).toEqual([0, 1]);
});
