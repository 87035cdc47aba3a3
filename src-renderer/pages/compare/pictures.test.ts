import { describe, expect, it } from 'vitest';
import { comparisonFixture } from '../../../src-main/report/fixtures.ts';
import { paletteOf } from '../../../src-main/report/palette.ts';
import { chartCsv, chartSummary } from '../../charts/rows.ts';
import { forestOption } from './forest.ts';
import { parallelAxes, parallelOption } from './parallel.ts';
import { runResults } from './runs.ts';
import { tradeoffOption } from './tradeoff.ts';

const three = comparisonFixture({ seeds: [1, 2, 3] });
const palette = paletteOf(three, 'light');
const none = new Set<string>();
type Series = { readonly id: string; readonly name: string; readonly data: readonly unknown[] };
const seriesOf = (option: Readonly<Record<string, unknown>>): readonly Series[] =>
  option['series'] as readonly Series[];

describe('runs as wholes', () => {
  const runs = runResults(three);
  it('are every arm and seed once', () => {
    expect(runs).toHaveLength(9);
    expect(new Set(runs.map(({ run }) => run)).size).toBe(9);
  });
  it('average the rounds that differences are averaged over', () => {
    for (const { arm, seed, average } of runs) {
      const own = three.arms.find((each) => each.arm === arm);
      const values = own?.rounds
        .filter(({ sparsity }) => sparsity >= three.statistics.from)
        .map(({ seeds }) => 100 * (seeds.find((each) => each.seed === seed)?.test.accuracy ?? NaN));
      const sum = values?.reduce((a, b) => a + b, 0) ?? NaN;
      expect(average('accuracy', 'test')).toBeCloseTo(sum / (values?.length ?? 0), 9);
    }
  });
  it('cross the axes on which they differ', () => {
    const axes = parallelAxes(three, runs, 'test');
    expect(axes.slice(0, 2).map(({ name }) => name)).toEqual(['arm', 'seed']);
    const lines = seriesOf(parallelOption(three, palette, { runs, axes, hidden: new Set(['imp']) }));
    expect(lines.map(({ name }) => name)).toEqual(['imp-ensemble(2)', 'swamp(4)']);
    expect(lines.every(({ data }) => data.length === 3)).toBe(true);
    const alone = comparisonFixture();
    expect(parallelAxes(alone, runResults(alone), 'test').map(({ name }) => name)).not.toContain('seed');
  });
});

describe('the forest of differences', () => {
  it('has a row for each difference, in points', () => {
    const option = forestOption(three, palette, { metric: 'accuracy', split: 'test' });
    const means = seriesOf(option ?? {}).find(({ id }) => id === 'mean')?.data as {
      value: [number, number];
    }[];
    const first = three.pairs[0]?.average?.test.mean.accuracy ?? NaN;
    expect(means[0]?.value[0]).toBeCloseTo(100 * first, 9);
    expect(means.map(({ value }) => value[1])).toEqual(means.map((_, at) => at));
  });
  it('is left out where no round is sparse enough', () => {
    const short = comparisonFixture({ rounds: 2 });
    expect(forestOption(short, palette, { metric: 'accuracy', split: 'test' })).toBeNull();
  });
});

describe('the figures behind a picture', () => {
  const option = tradeoffOption(three, palette, {
    metric: 'accuracy',
    split: 'test',
    cost: 'weights',
    hidden: none,
  });
  it('are a row a point, without helping lines', () => {
    const lines = chartCsv(option).trimEnd().split('\r\n');
    expect(lines[0]).toBe('series,Weights left (ensembles in full),"Test accuracy, %"');
    expect(lines).toHaveLength(1 + three.arms.reduce((sum, { rounds }) => sum + rounds.length, 0));
    expect(lines.some((line) => line.startsWith('best for its cost'))).toBe(false);
  });
  it('are told in words', () => {
    expect(chartSummary(option)).toMatch(/^Test accuracy, % against Weights left.*imp: 8 points/);
    expect(chartSummary({ series: [] })).toBe('Nothing is drawn yet.');
  });
});
