import { describe, expect, test } from 'vitest';
import type { Metrics } from '../contract/metrics.ts';
import { interpolate } from './average.ts';
import { greedySoup } from './greedy.ts';
import { lotteryPool } from './lottery-pool.ts';

const at = (...values: number[]): Float32Array => Float32Array.from(values);
/** The nearer to (0, 1), the better. */
function distance(weights: Float32Array): number {
  const [x = NaN, y = NaN] = weights;
  return Math.hypot(x, y - 1);
}
function judged(): { judge: (weights: Float32Array) => Promise<Metrics>; calls: number[][] } {
  const calls: number[][] = [];
  return {
    calls,
    judge: (weights) => {
      calls.push([...weights]);
      return Promise.resolve({ accuracy: -distance(weights), nll: 0, ece: 0 });
    },
  };
}

describe('greedy soup', () => {
  test('the best first; others join where they do not hurt', async () => {
    const { judge, calls } = judged();
    // Distances 1.5, 1, 3: the second leads, the first improves the mean to (0.25, 1), the third would ruin it.
    const { weights, taken } = await greedySoup([at(1.5, 1), at(-1, 1), at(0, 4)], judge);
    expect(taken).toEqual([true, true, false]);
    expect([...weights]).toEqual([0.25, 1]);
    expect(calls.slice(3)).toEqual([
      [0.25, 1],
      [expect.closeTo(1 / 6), 2],
    ]);
  });

  test('one that changes nothing joins (not lower), as in the paper', async () => {
    const { judge } = judged();
    const { taken } = await greedySoup([at(1, 1), at(1, 1)], judge);
    expect(taken).toEqual([true, true]);
  });

  test('nothing to average', async () => {
    await expect(greedySoup([], judged().judge)).rejects.toThrow(/nothing/);
  });
});

describe('lottery pool', () => {
  const again = (weights: Float32Array) => ({ weights, mask: weights.length });

  test('each neighbour at its best coefficient, on top of what was taken before', async () => {
    const { judge, calls } = judged();
    const base = { weights: at(2, 1), mask: 2 };
    const pool = await lotteryPool(base, [at(-2, 1), at(9, 9), at(0, -1)], [0.25, 0.5, 0.75], again, judge);
    // Half way between (2, 1) and (−2, 1) is the best place there is.
    expect(pool.taken).toEqual([0.5, 0, 0]);
    expect([...pool.weights]).toEqual([0, 1]);
    expect(calls).toHaveLength(1 + 3 * 3);
  });

  test('stays what it was where nothing is better', async () => {
    const base = { weights: at(0, 1), mask: 2 };
    const pool = await lotteryPool(base, [at(1, 1)], [0.1, 0.9], again, judged().judge);
    expect(pool).toMatchObject({ taken: [0], weights: base.weights });
  });

  test('interpolants are pruned again before they are judged', async () => {
    const { judge, calls } = judged();
    const prune = (weights: Float32Array) => {
      weights[0] = 0;
      return { weights, mask: 1 };
    };
    const pool = await lotteryPool({ weights: at(0, 3), mask: 1 }, [at(5, 1)], [0.5], prune, judge);
    expect(calls[1]).toEqual([0, 2]);
    expect([...pool.weights]).toEqual([0, 2]);
  });

  test('interpolation: (1 − α)·a + α·b', () => {
    expect([...interpolate(at(1, 2), at(3, -2), 0.25)]).toEqual([1.5, 1]);
    expect([...interpolate(at(1, 2), at(3, -2), 0)]).toEqual([1, 2]);
    expect([...interpolate(at(1, 2), at(3, -2), 1)]).toEqual([3, -2]);
  });
});
