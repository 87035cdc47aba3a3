import { describe, expect, it } from 'vitest';
import {
  comparisonFixture,
  diverge,
  ensemble,
  imp,
  level,
  swamp,
  type FixtureArm,
  type FixtureOptions,
} from './fixtures.ts';
import { verdict } from './verdict.ts';

const exact = (arms: readonly FixtureArm[], options: FixtureOptions = {}) =>
  comparisonFixture({ arms, noise: 0, rounds: 5, ...options });
const swampBy = (above: FixtureArm['above']): FixtureArm => ({ ...swamp, above });

describe('verdict', () => {
  it('says so when SWAMP does not lead', () => {
    const text = verdict(exact([imp, level(swamp, -0.7)]));
    expect(text).toMatch(
      /^swamp\(4\) does not lead: imp is ahead at every sparsity by 0\.7 points on average\./,
    );
  });

  it('says by how much SWAMP leads, and where most', () => {
    const text = verdict(exact([imp, swampBy((round) => (round === 2 ? 1.6 : 0.6))]));
    expect(text).toMatch(
      /^swamp\(4\) leads imp at every sparsity by 0\.8 points on average \(largest 1\.6 at 64\.0 %\)\./,
    );
  });

  it('names the range where SWAMP leads and who leads below it', () => {
    const text = verdict(exact([imp, swampBy((round) => (round < 2 ? -0.2 : 1))]));
    expect(text).toMatch(
      /^swamp\(4\) leads imp from 64\.0 % to 87\.0 % sparsity by 1\.0 points on average; below 64\.0 % imp leads by 0\.2 points on average\./,
    );
  });

  it('opens with the loss when SWAMP leads somewhere but loses on the whole', () => {
    const text = verdict(exact([imp, swampBy((round) => (round < 4 ? -1 : 0.3))]));
    expect(text).toMatch(
      /^swamp\(4\) does not lead overall, it is 0\.7 points below imp over all rounds: imp leads swamp\(4\) from 0 % to 78\.4 % sparsity/,
    );
    expect(text).toContain('above 78.4 % swamp(4) leads by 0.3 points');
  });

  it('counts rounds when the lead changes often', () => {
    const text = verdict(exact([imp, swampBy((round) => (round % 2 === 0 ? 0.5 : -0.2))]));
    expect(text).toMatch(
      /^swamp\(4\) leads in 3 of 5 rounds, imp in 2; on average swamp\(4\) is 0\.2 points above imp\./,
    );
  });

  it('calls differences that round to nothing level', () => {
    expect(verdict(exact([imp, level(swamp, 0.04)]))).toMatch(
      /^swamp\(4\) and imp are level at every sparsity\./,
    );
    const partly = verdict(exact([imp, swampBy((round) => (round < 2 ? 0 : 1))]));
    expect(partly).toMatch(/below 64\.0 % the two are level\./);
  });

  it('lets a level round inside a lead count to the lead', () => {
    const text = verdict(exact([imp, swampBy((round) => (round === 2 ? 0 : 1))]));
    expect(text).toMatch(/^swamp\(4\) leads imp at every sparsity by 0\.8 points/);
  });

  it('leaves out rounds that are not a number and names them', () => {
    const text = verdict(diverge(exact([imp, level(swamp, 0.5)]), 'swamp(4)', 4));
    expect(text).toMatch(/^swamp\(4\) leads imp at every sparsity by 0\.5 points on average\./);
    expect(text).toContain('Left out, as its accuracy is not a number: swamp(4) at 87.0 %.');
    expect(text).not.toContain('NaN');
  });

  it('names those that stand out where arms are many', () => {
    const others = Array.from({ length: 6 }, (_, n): FixtureArm => ({
      ...level(imp, n === 2 ? 0 : n - 2),
      arm: `other-${n}`,
      kind: 'lr-rewind',
    }));
    const text = verdict(exact([imp, level(swamp, 0.5), level(ensemble, 1.5), ...others]));
    expect(text).toMatch(/^swamp\(4\) leads imp at every sparsity by 0\.5 points on average\./);
    expect(text).toContain(
      'Of 7 other arms, in points and averaged over the rounds from 78.0 % sparsity on, ' +
        'furthest above imp other-5 (+3.00), other-4 (+2.00), imp-ensemble(2) (+1.50, two networks); ' +
        'furthest below imp other-0 (−2.00), other-1 (−1.00).',
    );
    expect(text).not.toContain('other-3');
  });

  it('notes that an ensemble runs several networks', () => {
    const text = verdict(exact([imp, level(ensemble, 1), level(swamp, 0.7)]));
    expect(text).toContain(
      'imp-ensemble(2), which runs two networks, is 0.3 points above swamp(4) on average.',
    );
  });

  it('takes the best of several SWAMP arms and places the others against it', () => {
    const single: FixtureArm = { ...swamp, arm: 'swamp(1)', particles: 1, above: () => 0.1 };
    const text = verdict(exact([imp, single, level(swamp, 0.7)]));
    expect(text).toMatch(/^swamp\(4\) leads imp/);
    expect(text).toContain('swamp(1) is 0.6 points below swamp(4) on average.');
  });

  it('compares only rounds that both have, and says how many', () => {
    const text = verdict(exact([imp, { ...level(swamp, 0.7), rounds: [0, 1, 2] }], { complete: false }));
    expect(text).toContain('Compared over the 3 rounds both have. Rounds are still missing.');
  });

  it('describes one arm alone, and no round at all', () => {
    expect(verdict(exact([imp]))).toContain('there is nothing to compare it with');
    expect(verdict(exact([{ ...imp, rounds: [] }]))).toBe('No round is finished yet.');
    expect(verdict(comparisonFixture({ arms: [] }))).toBe('No round is finished yet.');
  });

  it('warns of one seed and counts several', () => {
    expect(verdict(exact([imp, swamp]))).toContain('One seed');
    expect(verdict(exact([imp, swamp], { seeds: [1, 2, 3] }))).toContain('Means over three seeds.');
  });

  it('tells with several seeds how sure it is, and calls level what the interval does not tell apart', () => {
    const seeds = [1, 2, 3];
    const sure = verdict(exact([imp, level(swamp, 0.7)], { seeds, noise: 0.01 }));
    expect(sure).toMatch(
      /^Averaged over the rounds from 78\.0 % sparsity on, swamp\(4\) is 0\.7 points above imp \(95 % interval \+0\.\d\d to \+0\.\d\d, three seeds\)\. By the means of each round, swamp\(4\) leads imp/,
    );
    const unsure = verdict(exact([imp, level(swamp, 0.3)], { seeds, noise: 3 }));
    expect(unsure).toMatch(
      /^Averaged over .* swamp\(4\) is level with imp within the interval \([+−]\d\.\d\d points, 95 % interval −\d+\.\d\d to \+\d+\.\d\d, three seeds\)\./,
    );
    expect(unsure).not.toContain('One seed');
  });
});
