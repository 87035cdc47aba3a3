import { describe, expect, it } from 'vitest';
import { withStatistics } from '../statistics/complete.ts';
import { measured, type GivenArm } from '../statistics/fixtures.ts';
import { comparisonCsv } from './csv.ts';
import { differencesCsv, differencesHeader } from './differences-csv.ts';
import { comparisonHtml } from './html.ts';
import { comparisonText } from './sections.ts';
import { isWithBaseline } from './statistics.ts';

const imp: GivenArm = {
  arm: 'imp',
  test: { 1: [0.6, 0.6, 0.6], 2: [0.6, 0.6, 0.6], 3: [0.6, 0.6, 0.6] },
};
const swamp: GivenArm = {
  arm: 'swamp(2)',
  // Differences in the last round, 80 %: 1, 2 and 3 points, so that t · deviation / √n = 4.30265 / √3.
  test: { 1: [0.6, 0.6, 0.61], 2: [0.6, 0.6, 0.62], 3: [0.6, 0.6, 0.63] },
  particles: [
    { test: 0.6, validation: 0.6 },
    { test: 0.5, validation: 0.5 },
  ],
  ensemble: 0.65,
};
const three = withStatistics(measured([imp, swamp]));
const one = withStatistics(
  measured([
    { ...imp, test: { 1: [0.6, 0.6, 0.6] } },
    { ...swamp, test: { 1: [0.6, 0.6, 0.61] } },
  ]),
);
const wide = { width: 1000 };

describe('comparisonText', () => {
  it('has differences with deviation, interval and seeds', () => {
    const text = comparisonText(three, wide);
    expect(text).toMatch(/^swamp\(2\) − imp +\+2\.00 +1\.00 +−0\.48 to \+4\.48 +3$/m);
    expect(text).toMatch(/^swamp\(2\): average − mean particle +\+7\.00 +1\.00/m);
    expect(text).toMatch(/^swamp\(2\): average − best particle +\+2\.00 +1\.00/m);
    expect(text).toMatch(/^swamp\(2\): ensemble − average +\+3\.00 +1\.00/m);
    expect(text).toMatch(/^ +2 +80\.0 +200 +\+2\.00 \[−0\.48, \+4\.48\]$/m);
  });

  it('says that one seed is one, and shows no interval', () => {
    const text = comparisonText(one, wide);
    expect(text).toContain('One seed: there is no interval');
    expect(text).toMatch(/^swamp\(2\) − imp +\+1\.00$/m);
    expect(text).not.toContain('interval of the mean');
  });

  it('shows NLL in nats and what the validation says', () => {
    const text = comparisonText(three, { ...wide, metric: 'nll', split: 'validation' });
    expect(text).toContain('Differences of validation NLL, in nats');
    expect(text).toMatch(/^swamp\(2\) − imp +−0\.040 +0\.020 +−0\.090 to \+0\.010 +3$/m);
  });

  it('names the smallest network of each arm, and how to export it', () => {
    const text = comparisonText(three, wide);
    expect(text).toMatch(
      /^swamp\(2\) +2 +80\.0 +200 .* 60\.00 +62\.00 +62\.00 +1: 2, 2: 2, 3: 2 +given-0000\/swamp\(2\)\/3 --round 2$/m,
    );
    expect(text).toContain('Dense is round 0 of imp.');
  });

  it('says that an ensemble is exported member by member', () => {
    const ensemble = { ...swamp, arm: 'imp-ensemble(2)', kind: 'imp-ensemble' };
    const text = comparisonText(withStatistics(measured([imp, ensemble])), wide);
    expect(text).toMatch(/^imp-ensemble\(2\) .* given-0000\/imp-ensemble\(2\)\/3 --round 2 --member 0 … 1$/m);
    expect(text).toMatch(/^imp .* --round 2$/m);
  });

  it('says why no smallest network is chosen, and where no difference is averaged', () => {
    const none = withStatistics(measured([{ ...imp, validation: null }]));
    expect(comparisonText(none, wide)).toContain('no validation split');
    expect(comparisonText(withStatistics(measured([imp, swamp]), { from: 0.9 }), wide)).toContain(
      'No two arms have a round from 90.0 % sparsity on',
    );
  });

  it('writes all tables as Markdown and LaTeX', () => {
    const markdown = comparisonText(three, { format: 'markdown' });
    expect(markdown).toContain('| difference | mean | deviation | 95 % interval | seeds |');
    expect(markdown).toContain('| swamp(2) − imp | +2.00 | 1.00 | −0.48 to +4.48 | 3 |');
    expect(markdown.match(/^\| -/gm)).toHaveLength(4);
    const latex = comparisonText(three, { format: 'latex' });
    expect(latex.match(/\\begin\{table\}/g)).toHaveLength(4);
    expect(new Set(latex.match(/\\label\{[^}]+\}/g)).size).toBe(4);
    expect(latex).toContain('swamp(2) $-$ imp & +2.00 & 1.00 & $-$0.48 to +4.48 & 3 \\\\');
  });
});

describe('differencesCsv', () => {
  it('has every difference, split and metric, averaged ones without a round', () => {
    const rows = differencesCsv(three).trimEnd().split('\r\n');
    expect(rows[0]).toBe(differencesHeader.join(','));
    // The pair and three of the particles, each in three rounds and averaged, on two splits, in three metrics.
    expect(rows.length - 1).toBe(4 * 4 * 2 * 3);
    expect(rows.every((row) => row.split(',').length === differencesHeader.length)).toBe(true);
    const averaged = rows.find((row) => row.startsWith('swamp(2) − imp,,0.8,test,accuracy,'));
    const [mean, deviation, low, high, confidence, seeds] = averaged?.split(',').slice(5).map(Number) ?? [];
    expect(mean).toBeCloseTo(0.02, 12);
    expect(deviation).toBeCloseTo(0.01, 12);
    expect(low).toBeCloseTo(0.02 - 0.0248414, 6);
    expect(high).toBeCloseTo(0.02 + 0.0248414, 6);
    expect([confidence, seeds]).toEqual([0.95, 3]);
  });

  it('leaves interval and deviation of one seed empty', () => {
    expect(differencesCsv(one)).toMatch(/swamp\(2\) − imp,,0\.8,test,accuracy,0\.01\d*,,,,0\.95,1\r\n/);
  });
});

describe('several experiments', () => {
  const common = { data: 'd', splits: { 1: 'x', 2: 'y', 3: 'z' } };
  const several = withStatistics({
    ...measured(
      [
        { ...imp, arm: 'imp a', kind: 'imp', experiment: 'a-1' },
        { ...imp, arm: 'imp b', kind: 'imp', experiment: 'b-2', sparsities: [0, 0.3, 0.795] },
        { ...swamp, arm: 'swamp(2) b', kind: 'swamp', experiment: 'b-2', sparsities: [0, 0.3, 0.795] },
      ],
      [
        { ...common, experiment: 'a-1', settings: { 'model.hidden': '[30]' } },
        {
          ...common,
          experiment: 'b-2',
          settings: { 'model.hidden': '[60]' },
          denominator: { words: 'kernels', weights: 2000 },
        },
      ],
    ),
    experiment: 'a-1 b-2',
    denominator: { words: 'kernels', weights: 0 },
  });

  it('stand side by side by sparsity, with the settings that differ', () => {
    const text = comparisonText(several, wide);
    expect(text).toMatch(/^a-1 +\[30\]$/m);
    expect(text).toContain('1,000 in a-1, 2,000 in b-2');
    expect(text).toContain('side by side by sparsity');
    expect(text).toMatch(/^sparsity % +imp a/m);
    expect(text).toMatch(/^ +30\.0 +– +60\.00/m);
    // Its own denominator: 20.5 % of 2,000.
    expect(text).toMatch(/^swamp\(2\) b +2 +79\.5 +410 /m);
    expect(text).toContain('swamp(2) b is level with imp b within the interval (+2.00 points');
  });

  it('are compared with the baseline of their own experiment by its label', () => {
    const armsOf = (experiment: string): GivenArm[] =>
      [imp, swamp, { ...swamp, arm: 'swamp(4)' }].map(({ arm, ...rest }) => ({
        ...rest,
        arm: `${arm} ${experiment}`,
        label: arm,
        kind: arm.replace(/\W.*/, ''),
        experiment,
      }));
    const experiments = ['a', 'b'].map((experiment) => ({ ...common, experiment }));
    const both = measured([...armsOf('a'), ...armsOf('b')], experiments);
    const shown = (baseline: string, of = both): string[] => {
      const comparison = withStatistics(of, { baseline });
      return comparison.pairs
        .filter((pair) => isWithBaseline(comparison, pair))
        .map((pair) => `${pair.arm} − ${pair.baseline}`);
    };
    expect(shown('swamp(4) a')).toEqual([
      'imp a − swamp(4) a',
      'swamp(2) a − swamp(4) a',
      'imp b − swamp(4) a',
      'swamp(2) b − swamp(4) a',
      'swamp(4) b − swamp(4) a',
      'imp b − swamp(4) b',
      'swamp(2) b − swamp(4) b',
    ]);
    // Of another setting: only where there is no choice.
    const less = (arm: string) => ({ ...both, arms: both.arms.filter((each) => each.arm !== arm) });
    expect(shown('swamp(2) a', less('swamp(2) b'))).toContain('imp b − swamp(4) b');
    const wider = both.arms.map((each) =>
      each.arm === 'swamp(2) a' ? { ...each, arm: 'swamp(8) a', label: 'swamp(8)' } : each,
    );
    expect(shown('swamp(8) a', { ...both, arms: wider }).filter((name) => !name.endsWith(' a'))).toEqual([]);
  });

  it('make a page, and rows that tell their experiment', () => {
    const page = comparisonHtml(several);
    for (const text of ['Settings that differ.', 'a-1, b-2']) expect(page.includes(text), text).toBe(true);
    const rows = comparisonCsv({ ...several, arms: several.arms.slice(0, 1) }).split('\r\n');
    expect(rows[0]).toMatch(/,experiment$/);
    expect(rows[1]).toMatch(/,a-1$/);
  });
});
