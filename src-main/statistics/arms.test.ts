import { describe, expect, it } from 'vitest';
import { withStatistics } from './complete.ts';
import { measured, type GivenArm } from './fixtures.ts';

const sparsities = [0, 0.8, 0.9];

describe('particle gains', () => {
  const swamp: GivenArm = {
    arm: 'swamp(3)',
    sparsities,
    test: { 1: [0.6, 0.62, 0.64], 2: [0.61, 0.63, 0.65] },
    particles: [
      { test: 0.65, validation: 0.5 },
      { test: 0.55, validation: 0.7 },
      { test: 0.6, validation: 0.6 },
    ],
    ensemble: 0.7,
  };

  it('compare the average with the mean particle, the best on validation, and their ensemble', () => {
    const [gains] = withStatistics(measured([swamp])).particles;
    // Averages over rounds 1 and 2 are 0.63 and 0.64; the mean particle has 0.6.
    expect(gains?.overMean.average?.seeds.map(({ test }) => test.accuracy)).toEqual([
      expect.closeTo(0.03, 12),
      expect.closeTo(0.04, 12),
    ]);
    // 0.65 would be the best on test.
    expect(gains?.overBest?.average?.test.mean.accuracy).toBeCloseTo(0.635 - 0.55, 12);
    expect(gains?.ensembleOver?.average?.test.mean.accuracy).toBeCloseTo(0.7 - 0.635, 12);
    expect(gains?.overMean.average?.test.interval?.low.accuracy).toBeCloseTo(0.035 - 12.7062047 * 0.005, 7);
  });

  it('choose no best particle without validation', () => {
    const [gains] = withStatistics(measured([{ ...swamp, validation: null }])).particles;
    expect(gains?.overBest).toBeNull();
    expect(gains?.overMean.average?.validation).toBeNull();
  });

  it('of an ensemble are against its members, and there are none of a single particle', () => {
    const { particles } = withStatistics(
      measured([
        { ...swamp, arm: 'imp-ensemble(3)', kind: 'imp-ensemble' },
        { ...swamp, arm: 'swamp(1)', particles: [{ test: 0.6, validation: 0.6 }] },
      ]),
    );
    expect(particles.map(({ arm }) => arm)).toEqual(['imp-ensemble(3)']);
    expect(particles[0]?.ensembleOver).toBeNull();
  });
});

describe('smallest networks', () => {
  const imp: GivenArm = {
    arm: 'imp',
    sparsities: [0, 0.5, 0.8, 0.9],
    // By the test set the last would hold.
    test: { 1: [0.6, 0.6, 0.6, 0.6], 2: [0.6, 0.6, 0.6, 0.6] },
    validation: { 1: [0.7, 0.68, 0.694, 0.6], 2: [0.72, 0.68, 0.708, 0.715] },
  };

  it('are the sparsest round that holds on validation, also after one that fails', () => {
    const [found] = withStatistics(measured([imp])).smallest.arms;
    expect(found?.dense).toMatchObject({ arm: 'imp', validation: { accuracy: 0.71 } });
    // Means 0.71, 0.68, 0.701, 0.6575.
    expect(found?.overSeeds).toMatchObject({
      round: 2,
      weights: 200,
      networks: 1,
      inferenceFlops: expect.closeTo(400, 9) as number,
      run: 'given-0000/imp/2',
      failedBefore: [1],
    });
    expect(found?.seeds.map(({ seed, network }) => [seed, network?.round])).toEqual([
      [1, 2],
      [2, 3],
    ]);
  });

  it('hold exactly at the limit', () => {
    const at = (within: number): number | undefined =>
      withStatistics(measured([imp]), { within }).smallest.arms[0]?.overSeeds?.round;
    expect(at(0.9)).toBe(2);
    expect(at(0.89)).toBe(0);
    expect(at(5.25)).toBe(3);
    expect(at(5.24)).toBe(2);
  });

  it('are measured against the arm dense where there is one', () => {
    const dense: GivenArm = { arm: 'dense', test: { 1: [0.9], 2: [0.9] } };
    const { arms } = withStatistics(measured([imp, dense])).smallest;
    expect(arms.map(({ arm, dense, overSeeds }) => [arm, dense?.arm, overSeeds])).toEqual([
      ['imp', 'dense', null],
    ]);
  });

  it('count an ensemble with all its networks', () => {
    const particles = [
      { test: 0.6, validation: 0.6 },
      { test: 0.6, validation: 0.6 },
    ];
    const ensemble: GivenArm = { ...imp, arm: 'imp-ensemble(2)', kind: 'imp-ensemble', particles };
    const [, found] = withStatistics(measured([imp, ensemble])).smallest.arms;
    expect(found?.dense?.arm).toBe('imp');
    expect(found?.overSeeds).toMatchObject({ networks: 2, weights: 400 });
  });

  it('pass over rounds that not every seed has finished', () => {
    const half: GivenArm = { ...imp, test: { ...imp.test, 1: [0.6, 0.6] } };
    expect(withStatistics(measured([half])).smallest.arms[0]?.overSeeds?.round).toBe(0);
  });

  it('are refused without a validation split', () => {
    const { smallest } = withStatistics(measured([{ ...imp, validation: null }]));
    expect(smallest.refused).toMatch(/no validation split/);
    expect(smallest.arms).toEqual([]);
  });
});
