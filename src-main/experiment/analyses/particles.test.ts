import { expect, test } from 'vitest';
import type { FigureOf } from '../../contract/figures.ts';
import { evaluate, evaluation, opened, resultsOf } from './analysis.fixture.ts';

const SWAMP = [1, 2, 3].map((seed) => `test-0/swamp-2/${seed}`);

/** Particles of 0.60 and 0.62 (of seed 2 0.60 and 0.63), the first better on validation; averages a point above the mean. */
function given(open: ReturnType<typeof opened>, done: (seed: number, round: number) => boolean = () => true) {
  const plan = open.plans.get('test-0');
  if (!plan) throw new Error('no plan');
  return evaluate(plan, ({ seed }, { role, round, index }) => {
    if (!done(seed, round)) return null;
    const second = seed === 2 ? 0.63 : 0.62;
    if (role === 'evaluate-particle') return index === 0 ? evaluation(0.6, 0.7) : evaluation(second, 0.65);
    if (role === 'ensemble') return evaluation(0.64);
    return evaluation((0.6 + second) / 2 + 0.01 * seed);
  });
}

function lines(findings: { figures: readonly { id: string }[] }, id: string): FigureOf<'lines'>['series'] {
  return (findings.figures.find((each) => each.id === id) as FigureOf<'lines'>).series;
}

test('no jobs; each particle, their mean, the best on validation, the average and the ensemble', () => {
  const open = opened({ kind: 'particles' }, SWAMP);
  expect(open.plan.jobs).toEqual([]);
  const findings = open.read(resultsOf(given(open)));
  const at = (label: string) =>
    lines(findings, 'particles-swamp-2').find((each) => each.label === label)?.points[3];
  expect(at('particle 0')?.y).toBeCloseTo(0.6, 12);
  expect(at('particle 1')?.y).toBeCloseTo((0.62 + 0.63 + 0.62) / 3, 12);
  expect(at('mean particle')?.y).toBeCloseTo((0.61 + 0.615 + 0.61) / 3, 12);
  expect(at('best particle (on validation)')?.y).toBeCloseTo(0.6, 12);
  expect(at('ensemble')?.y).toBeCloseTo(0.64, 12);
  expect(at('average')?.y).toBeCloseTo((0.62 + 0.635 + 0.64) / 3, 12);
  expect(at('average')?.x).toBeCloseTo(0.875, 12);
});

test('differences are paired by seed, claims from a sparsity on', () => {
  const open = opened({ kind: 'particles' }, SWAMP);
  const findings = open.read(resultsOf(given(open)));
  const gain = lines(findings, 'gains-swamp-2')[0];
  expect(gain?.label).toBe('average − mean particle');
  // 0.01, 0.02 and 0.03: deviation 0.01, t of 2 degrees of freedom 4.30265.
  expect(gain?.points[1]?.y).toBeCloseTo(0.02, 12);
  expect(gain?.points[1]?.low).toBeCloseTo(0.02 - (4.30265273 * 0.01) / Math.sqrt(3), 9);
  expect(findings.claims[0]).toMatchObject({
    text: 'swamp(2): the average is better than the mean particle from 87.5 % sparsity on',
    verdict: 'open',
    interval: '95 % interval over 3 seeds',
  });
  // 0.64 less 0.62, 0.635 and 0.64.
  expect(findings.claims[2]?.value).toBeCloseTo(0.025 / 3, 12);
});

test('one seed: no interval, verdict open', () => {
  const open = opened({ kind: 'particles' }, ['test-0/swamp-2/3']);
  const findings = open.read(resultsOf(given(open)));
  expect(findings.claims[0]).toMatchObject({ verdict: 'open', low: null, interval: 'one seed: no interval' });
  expect(findings.claims[0]?.value).toBeCloseTo(0.03, 12);
  expect(lines(findings, 'particles-swamp-2')[0]?.points[0]).not.toHaveProperty('low');
});

test('rounds that a seed has not finished are told', () => {
  const open = opened({ kind: 'particles' }, SWAMP);
  const findings = open.read(resultsOf(given(open, (seed, round) => seed < 3 || round < 2)));
  expect(findings.notes.join(' ')).toContain('not all of 3 seeds have finished round 2, 3');
});

test('arms of one training a round are refused', () => {
  expect(() => opened({ kind: 'particles' }, ['test-0/imp/1'])).toThrow(/imp trains once a round/);
});

test('where no round is so sparse that claims are made, a note says so', () => {
  const notes = (from: number) => {
    const open = opened({ kind: 'particles', from }, SWAMP);
    return open.read(resultsOf(given(open))).notes.join();
  };
  expect(notes(0.9)).toContain(
    'No claims about swamp(2): no network that is looked at is 90.0 % sparse or sparser.',
  );
  expect(notes(0.78)).not.toContain('No claims');
});
