import { describe, expect, it } from 'vitest';
import { Comparison } from '../contract/compare.ts';
import { withStatistics } from './complete.ts';
import { measured, type GivenArm } from './fixtures.ts';
import { halfWidth } from './student.ts';

const sparsities = [0, 0.8, 0.9];
const imp: GivenArm = {
  arm: 'imp',
  sparsities,
  test: { 1: [0.62, 0.615, 0.6], 2: [0.631, 0.612, 0.609], 3: [0.625, 0.628, 0.596] },
};
const swamp: GivenArm = {
  arm: 'swamp(4)',
  sparsities,
  test: { 1: [0.633, 0.63, 0.606], 2: [0.64, 0.622, 0.625], 3: [0.629, 0.641, 0.612] },
};
const dense: GivenArm = { arm: 'dense', test: { 1: [0.63], 2: [0.64], 3: [0.65] } };
const two = measured([imp, swamp]);

describe('halfWidth', () => {
  // scipy.stats.t.interval(c, n - 1, scale=scipy.stats.sem(x))
  it.each([
    [[1, 2, 4, 8, 16], 0.5, 2.020352283111277],
    [[1, 2, 4, 8, 16], 0.95, 7.573132563278903],
    [[0.1, 0.1, 0.2], 0.9, 0.0973328526784575],
    [[3, 5], 0.95, 12.706204736174694],
    [[3, 5], 0.99, 63.656741162871526],
  ])('of %j with %d is as scipy has it', (values, confidence, expected) => {
    const found = halfWidth(values, confidence) ?? NaN;
    expect(Math.abs(found / expected - 1)).toBeLessThan(1e-7);
  });

  it('is nothing of fewer than two values', () => {
    expect(halfWidth([1], 0.95)).toBeNull();
    expect(halfWidth([], 0.95)).toBeNull();
  });
});

describe('paired differences', () => {
  // Mean, n−1 deviation and ends of scipy.stats.ttest_rel(swamp, imp).confidence_interval().
  it('by round and averaged are as scipy has them', () => {
    const { pairs } = withStatistics(two);
    expect(pairs).toHaveLength(1);
    const [pair] = pairs;
    expect([pair?.arm, pair?.baseline]).toEqual(['swamp(4)', 'imp']);
    const dense = pair?.rounds[0];
    expect(dense?.seeds.map(({ test }) => test.accuracy)).toEqual([
      expect.closeTo(0.013, 12),
      expect.closeTo(0.009, 12),
      expect.closeTo(0.004, 12),
    ]);
    expect(dense?.test.mean.accuracy).toBeCloseTo(0.008666666666666675, 12);
    expect(dense?.test.deviation?.accuracy).toBeCloseTo(0.0045092497528228985, 12);
    expect(dense?.test.interval?.low.accuracy).toBeCloseTo(-0.002534930696021542, 9);
    expect(dense?.test.interval?.high.accuracy).toBeCloseTo(0.01986826402935489, 9);
    const { average } = pair ?? {};
    expect(average?.rounds).toEqual([1, 2]);
    expect(average?.from).toBe(0.8);
    expect(average?.test.mean.accuracy).toBeCloseTo(0.012666666666666678, 12);
    expect(average?.test.deviation?.accuracy).toBeCloseTo(0.002020725942163692, 12);
    expect(average?.test.interval?.low.accuracy).toBeCloseTo(0.007646905148625635, 9);
    expect(average?.test.interval?.high.accuracy).toBeCloseTo(0.017686428184707722, 9);
  });

  it('take the confidence and the sparsity they are told', () => {
    const narrow = withStatistics(two, { confidence: 0.9 }).pairs[0]?.average?.test.interval;
    expect(narrow?.low.accuracy).toBeCloseTo(0.009260016822920662, 9);
    expect(narrow?.high.accuracy).toBeCloseTo(0.016073316510412692, 9);
    const last = withStatistics(two, { confidence: 0.9, from: 0.9 }).pairs[0]?.average;
    expect(last?.rounds).toEqual([2]);
    expect(last?.test.interval?.low.accuracy).toBeCloseTo(0.002933381398820916, 9);
    expect(withStatistics(two, { from: 0.95 }).pairs[0]?.average).toBeNull();
  });

  it('are there for NLL and ECE, on test and validation', () => {
    const validation = { 1: [0.5, 0.5, 0.5], 2: [0.5, 0.5, 0.5], 3: [0.5, 0.5, 0.5] };
    const other = { 1: [0.6, 0.6, 0.6], 2: [0.5, 0.5, 0.5], 3: [0.7, 0.7, 0.7] };
    const [pair] = withStatistics(
      measured([
        { ...imp, validation },
        { ...swamp, validation: other },
      ]),
    ).pairs;
    expect(pair?.average?.validation?.mean.accuracy).toBeCloseTo(0.1, 12);
    expect(pair?.average?.validation?.mean.nll).toBeCloseTo(-0.2, 12);
    expect(pair?.average?.validation?.deviation?.ece).toBeCloseTo(0.01, 12);
    expect(pair?.average?.test.mean.nll).toBeCloseTo(-2 * 0.012666666666666678, 12);
    expect(pair?.average?.test.interval?.low.nll).toBeCloseTo(-2 * 0.017686428184707722, 9);
    const none = withStatistics(measured([imp, { ...swamp, validation: null }])).pairs[0];
    expect(none?.average?.validation).toBeNull();
    expect(none?.average?.test.interval).not.toBeNull();
  });

  it('have no interval over one seed', () => {
    const one = measured([
      { ...imp, test: { 1: [0.6, 0.6, 0.6] } },
      { ...swamp, test: { 1: [0.61, 0.62, 0.63] } },
    ]);
    const [pair] = withStatistics(one).pairs;
    expect(pair?.average?.test).toMatchObject({ deviation: null, interval: null });
    expect(pair?.average?.test.mean.accuracy).toBeCloseTo(0.025, 12);
  });

  it('pair the seeds that both have, and average only those that have every round', () => {
    const fewer: GivenArm = {
      ...swamp,
      test: { 2: [0.64, 0.622, null], 3: [0.629, 0.641, 0.612], 7: [0.5] },
    };
    const [pair] = withStatistics(measured([imp, fewer])).pairs;
    expect(pair?.rounds.map(({ seeds }) => seeds.map(({ seed }) => seed))).toEqual([[2, 3], [2, 3], [3]]);
    expect(pair?.average?.seeds.map(({ seed }) => seed)).toEqual([3]);
    expect(pair?.average?.leftOut).toEqual([2]);
    expect(pair?.average?.test.mean.accuracy).toBeCloseTo((0.013 + 0.016) / 2, 12);
  });

  it('leave out what is not a number', () => {
    const diverged: GivenArm = { ...swamp, test: { ...swamp.test, 1: [0.633, NaN, 0.606] } };
    const [pair] = withStatistics(measured([imp, diverged])).pairs;
    expect(pair?.rounds[1]?.seeds.map(({ seed }) => seed)).toEqual([2, 3]);
    expect(pair?.average?.leftOut).toEqual([1]);
    expect(JSON.stringify(pair)).not.toContain('null,"nll"');
  });

  it('take the baseline from anything, and the earlier arm from the later', () => {
    const single: GivenArm = { ...swamp, arm: 'swamp(1)' };
    const arms = measured([single, dense, imp, swamp]);
    const names = (baseline?: string): string[] =>
      withStatistics(arms, { baseline }).pairs.map((pair) => `${pair.arm} − ${pair.baseline}`);
    expect(withStatistics(arms).statistics.baseline).toBe('imp');
    expect(names()).toEqual([
      'dense − swamp(1)',
      'swamp(1) − imp',
      'dense − imp',
      'swamp(4) − swamp(1)',
      'swamp(4) − dense',
      'swamp(4) − imp',
    ]);
    expect(names('swamp(4)')).toContain('imp − swamp(4)');
  });

  it('of many arms are those with the baseline, unless every pair is asked for', () => {
    const arms = Array.from({ length: 9 }, (_, n): GivenArm => ({ ...swamp, arm: `swamp(${n + 1})` }));
    const many = measured([imp, ...arms]);
    expect(withStatistics(many).pairs).toHaveLength(9);
    expect(withStatistics(many, { baseline: 'all' }).pairs).toHaveLength(45);
  });

  it('of many arms of one kind are with the baseline alone', () => {
    const arms = Array.from({ length: 10 }, (_, n): GivenArm => ({ ...swamp, arm: `swamp(${n + 1})` }));
    const { pairs } = withStatistics(measured(arms), { baseline: 'swamp(3)' });
    expect(pairs).toHaveLength(9);
    expect(new Set(pairs.map(({ baseline }) => baseline))).toEqual(new Set(['swamp(3)']));
  });

  it('refuse what is out of range, and an arm that is not there', () => {
    expect(() => withStatistics(two, { from: 78 })).toThrow(/--from 78/);
    expect(() => withStatistics(two, { confidence: 1 })).toThrow(/--confidence 1/);
    expect(() => withStatistics(two, { within: -1 })).toThrow(/--within -1/);
    expect(() => withStatistics(two, { baseline: 'impp' })).toThrow(/--baseline impp/);
  });

  it('are what the contract says', () => {
    const comparison = withStatistics(measured([imp, swamp, dense]));
    expect(Comparison.parse(JSON.parse(JSON.stringify(comparison)))).toEqual(comparison);
  });
});

describe('arms of several experiments', () => {
  const experiments = [
    { experiment: 'a', data: 'same', splits: { 1: 'x', 2: 'y', 3: 'z' } },
    { experiment: 'b', data: 'same', splits: { 1: 'x', 2: 'other', 3: 'z' } },
    { experiment: 'c', data: 'different', splits: { 1: 'x', 2: 'y', 3: 'z' } },
  ];
  const several = measured(
    [
      { ...imp, experiment: 'a' },
      { ...swamp, experiment: 'b' },
      { ...swamp, arm: 'swamp(8)', experiment: 'c' },
      { ...swamp, arm: 'swamp(2)', experiment: 'b', test: { 9: [0.6, 0.6] } },
    ],
    experiments,
  );

  it('are paired on the same data and splits only, and it is said where they are not', () => {
    const { pairs, statistics } = withStatistics(several);
    expect(pairs.map((pair) => [pair.arm, pair.baseline])).toEqual([['swamp(4)', 'imp']]);
    expect(pairs[0]?.rounds[0]?.seeds.map(({ seed }) => seed)).toEqual([1, 3]);
    expect(statistics.unpaired).toContainEqual({
      arm: 'swamp(8)',
      baseline: 'imp',
      reason: 'their data are not the same',
    });
    expect(statistics.unpaired).toContainEqual({
      arm: 'swamp(2)',
      baseline: 'imp',
      reason: 'they have no seed in common',
    });
  });

  it('are paired by sparsity where their rounds do not go together', () => {
    const slower: GivenArm = {
      arm: 'swamp(4)',
      experiment: 'b',
      sparsities: [0, 0.5, 0.7, 0.801],
      test: { 1: [0.6, 0.6, 0.6, 0.7], 3: [0.6, 0.6, 0.6, 0.7] },
    };
    const [pair] = withStatistics(measured([{ ...imp, experiment: 'a' }, slower], experiments)).pairs;
    expect(pair?.rounds.map(({ round, otherRound }) => [round, otherRound])).toEqual([
      [0, 0],
      [3, 1],
    ]);
    expect(pair?.average?.rounds).toEqual([3]);
    expect(pair?.average?.test.mean.accuracy).toBeCloseTo((0.085 + 0.072) / 2, 12);
  });
});
