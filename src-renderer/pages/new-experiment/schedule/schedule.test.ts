import { describe, expect, test } from 'vitest';
import { changesOf, rawSteps, stepsFrom, stepsOf, turned, withStep } from '../arms/particles.ts';
import {
  asExplicit,
  asGeometric,
  curveOf,
  drawable,
  fractionTo,
  moved,
  withPointAfter,
  withRounds,
  withoutPoint,
  type Cubic,
  type Explicit,
  type Geometric,
} from './geometry.ts';
import { isOff, roundRows } from './rows.ts';
import { levels, mapping, roundTicks } from './scale.ts';

const geometric: Geometric = { kind: 'geometric', fraction: 0.2, rounds: 4 };
const explicit: Explicit = { kind: 'explicit', sparsities: [0.2, 0.5, 0.8] };

describe('a cubic schedule', () => {
  const cubic: Cubic = { kind: 'cubic', end: 0.96, rounds: 4 };

  test('prunes much at first and ever less', () => {
    expect(drawable({ ...cubic })).toEqual(cubic);
    expect(curveOf(cubic).map((each) => Number(each.toFixed(4)))).toEqual([0, 0.555, 0.84, 0.945, 0.96]);
  });

  test('goes through a point that is moved, and has as many rounds as wanted', () => {
    expect(moved(cubic, 4, 0.9).end).toBe(0.9);
    expect(curveOf(moved(cubic, 2, 0.7))[2]).toBeCloseTo(0.7, 9);
    expect(moved(cubic, 1, 0.9).end).toBe(0.999);
    expect(withRounds(cubic, 9)).toEqual({ ...cubic, rounds: 9 });
    expect(withRounds(cubic, 0).rounds).toBe(1);
  });

  test('becomes a list, or a fraction that ends where it ends', () => {
    expect(asExplicit(cubic).sparsities).toEqual([0.555, 0.84, 0.945, 0.96]);
    expect(curveOf(asGeometric(cubic))[4]).toBeCloseTo(0.96, 3);
  });
});

describe('a geometric schedule', () => {
  test('prunes the same fraction of what is left, each round', () => {
    expect(curveOf(geometric).map((each) => each.toFixed(4))).toEqual([
      '0.0000',
      '0.2000',
      '0.3600',
      '0.4880',
      '0.5904',
    ]);
  });

  test('goes through the point that is dragged', () => {
    const dragged = moved(geometric, 4, 0.9);
    expect(dragged.rounds).toBe(4);
    expect(curveOf(dragged)[4]).toBeCloseTo(0.9, 2);
    expect(fractionTo(2, 3)).toBeLessThan(1);
    expect(fractionTo(-1, 3)).toBeGreaterThan(0);
  });

  test('keeps its fraction with more rounds', () => {
    expect(withRounds(geometric, 7)).toEqual({ ...geometric, rounds: 7 });
    expect(withRounds(geometric, -3).rounds).toBe(0);
  });
});

describe('a list', () => {
  test('moves one point, which stays between its neighbours', () => {
    expect(moved(explicit, 2, 0.6).sparsities).toEqual([0.2, 0.6, 0.8]);
    expect(moved(explicit, 2, 0.95).sparsities).toEqual([0.2, 0.799, 0.8]);
    expect(moved(explicit, 1, -1).sparsities[0]).toBeGreaterThan(0);
    expect(moved(explicit, 3, 2).sparsities[2]).toBeLessThan(1);
  });

  test('goes on at its last step, and loses its end', () => {
    expect(withRounds(explicit, 4).sparsities).toEqual([0.2, 0.5, 0.8, 0.92]);
    expect(withRounds(explicit, 1).sparsities).toEqual([0.2]);
    expect(withRounds(explicit, 0).sparsities).toEqual([0.2]);
  });

  test('takes points in and out', () => {
    expect(withPointAfter(explicit, 1).sparsities).toEqual([0.2, 0.35, 0.5, 0.8]);
    expect(withPointAfter(explicit, 3).sparsities).toEqual([0.2, 0.5, 0.8, 0.92]);
    expect(withoutPoint(explicit, 2).sparsities).toEqual([0.2, 0.8]);
    expect(withoutPoint({ kind: 'explicit', sparsities: [0.5] }, 1).sparsities).toEqual([0.5]);
  });

  test('is the same curve as the geometric one it is made from', () => {
    expect(curveOf(asExplicit(geometric))).toEqual([0, 0.2, 0.36, 0.488, 0.5904]);
    expect(asGeometric(asExplicit(geometric))).toEqual(geometric);
  });
});

test('what cannot be drawn is not', () => {
  expect(drawable({ kind: 'geometric', rounds: 4 })).toEqual({ kind: 'geometric', fraction: 0.2, rounds: 4 });
  expect(drawable({ kind: 'geometric', fraction: '0.', rounds: 4 })).toBeNull();
  expect(drawable({ kind: 'geometric', fraction: [0.2, 0.4], rounds: 4 })).toBeNull();
  expect(drawable({ kind: 'explicit', sparsities: [0.5, 'x'] })).toBeNull();
  expect(drawable({ kind: 'cubic' })).toBeNull();
  expect(drawable({ kind: 'cubic', end: 0.9, rounds: 0 })).toBeNull();
  expect(drawable({ kind: 'another' })).toBeNull();
});

test('a place in the picture and back', () => {
  for (const scale of ['sparsity', 'remaining'] as const) {
    const { x, y, roundAt, sparsityAt } = mapping(
      { left: 10, top: 5, width: 300, height: 100 },
      6,
      0.99,
      scale,
    );
    expect(roundAt(x(4))).toBe(4);
    expect(sparsityAt(y(0.7))).toBeCloseTo(0.7);
    expect(y(0)).toBe(105);
    expect(sparsityAt(500)).toBe(0);
  }
  expect(levels('remaining', 0.97)).toEqual([0, 0.5, 0.8, 0.9, 0.95]);
  expect(roundTicks(30)).toEqual([0, 5, 10, 15, 20, 25, 30]);
});

test('particles by steps', () => {
  const steps = stepsFrom(4, 'sparsity');
  expect(rawSteps(steps)).toEqual([
    { from: 0, particles: 1 },
    { from: 0.6, particles: 4 },
  ]);
  expect(stepsOf(rawSteps(steps))).toEqual(steps);
  expect(stepsOf([2, 4])).toBeNull();
  const curve = curveOf({ ...geometric, rounds: 8 });
  const byRound = turned(steps, curve);
  expect(rawSteps(byRound)[1]).toEqual({ fromRound: 5, particles: 4 });
  expect(rawSteps(turned(byRound, curve))[1]).toEqual({ from: 0.672, particles: 4 });
  expect(withStep(steps).steps).toHaveLength(3);
  expect(changesOf([1, 1, 4, 4, 8])).toEqual([
    { round: 0, count: 1 },
    { round: 2, count: 4 },
    { round: 4, count: 8 },
  ]);
});

describe('the list of rounds', () => {
  const cost = (...alive: number[]) => {
    const rounds = alive.map((each, round) => ({ round, alive: each, sparsity: 1 - each / 1000 }));
    return { denominator: { words: 'all', weights: 1000 }, estimate: { rounds } } as never;
  };

  test('has the sparsity of the weights that are left, beside what was asked for where that is another', () => {
    // Groups of N:M that leave a layer whole.
    const rows = roundRows([0, 0.5, 0.75], 'explicit', cost(1000, 500, 335));
    expect(rows.map(({ sparsity, left }) => [sparsity.toFixed(3), left])).toEqual([
      ['0.000', 1000],
      ['0.500', 500],
      ['0.665', 335],
    ]);
    expect(rows.map(isOff)).toEqual([false, false, true]);
    expect(rows[2]?.asked).toBe(0.75);
  });

  test('begins at the mask that is given: fractions are of what that has alive', () => {
    const rows = roundRows([0, 0.5], 'geometric', cost(400, 200));
    expect(rows.map(({ asked }) => asked.toFixed(3))).toEqual(['0.600', '0.800']);
    expect(rows.map(isOff)).toEqual([false, false]);
    const listed = roundRows([0, 0.8], 'explicit', cost(400, 200));
    expect(listed.map(({ asked }) => asked)).toEqual([0.6, 0.8]);
    // From 60 % to 80 % in two rounds: 0.8 − 0.2 · (1 / 2)³.
    const cubic = roundRows([0, 0.7, 0.8], 'cubic', cost(400, 225, 200));
    expect(cubic.map(({ asked }) => asked.toFixed(3))).toEqual(['0.600', '0.775', '0.800']);
    expect(cubic.map(isOff)).toEqual([false, false, false]);
  });

  test('is what the draft says until it is planned', () => {
    expect(roundRows([0, 0.5], 'geometric', null)).toEqual([
      { round: 0, asked: 0, sparsity: 0, left: null },
      { round: 1, asked: 0.5, sparsity: 0.5, left: null },
    ]);
  });
});
