import { describe, expect, it } from 'vitest';
import { axisDigits, sparsityLabel } from './axes.ts';
import { comparisonChart, particlesChart } from './charts.ts';
import { comparisonFixture, diverge, imp, swamp, type FixtureArm } from './fixtures.ts';
import { paletteOf } from './palette.ts';
import { comparisonSvg } from './svg.ts';

const one = comparisonFixture();
const three = comparisonFixture({ seeds: [1, 2, 3] });
const palette = paletteOf(one, 'light');
type Series = Readonly<Record<string, unknown>>;
const seriesOf = (chart: { readonly series: readonly Series[] }, id: string): Series | undefined =>
  chart.series.find((series) => series['id'] === id);

describe('comparisonChart', () => {
  it('is free of functions', () => {
    const chart = comparisonChart(three, palette);
    expect(JSON.parse(JSON.stringify(chart))).toEqual(chart);
  });

  it('shows accuracy in percent against remaining weights, falling on a log axis', () => {
    const chart = comparisonChart(one, palette);
    expect(chart.xAxis).toMatchObject({ type: 'log', inverse: true });
    const data = seriesOf(chart, 'line:0')?.['data'] as [number, number][];
    expect(data).toHaveLength(8);
    expect(data[1]?.[0]).toBeCloseTo(60, 3);
    expect(data[1]?.[1]).toBeCloseTo(100 * (one.arms[0]?.rounds[1]?.test.accuracy ?? 0), 2);
  });

  it('holds every point within its axes', () => {
    for (const x of ['remaining', 'inference', 'training'] as const) {
      for (const scale of ['log', 'linear'] as const) {
        for (const metric of ['accuracy', 'nll', 'ece'] as const) {
          const chart = comparisonChart(three, palette, { x, scale, metric });
          const xs = chart.xAxis as unknown as { min: number; max: number };
          const ys = chart.yAxis as unknown as { min: number; max: number };
          for (const arm of [0, 1, 2]) {
            const data = seriesOf(chart, `line:${arm}`)?.['data'] as [number, number][];
            for (const [px, py] of data) {
              expect(px).toBeGreaterThanOrEqual(xs.min);
              expect(px).toBeLessThanOrEqual(xs.max);
              expect(py).toBeGreaterThanOrEqual(ys.min);
              expect(py).toBeLessThanOrEqual(ys.max);
            }
          }
        }
      }
    }
  });

  it('draws bands only over several seeds, mean ± deviation', () => {
    expect(seriesOf(comparisonChart(one, palette), 'band:0')).toBeUndefined();
    const chart = comparisonChart(three, palette);
    const low = seriesOf(chart, 'low:2')?.['data'] as [number, number][];
    const band = seriesOf(chart, 'band:2')?.['data'] as [number, number][];
    const round = three.arms[2]?.rounds[3];
    const mean = 100 * (round?.test.accuracy ?? 0);
    const spread = 100 * (round?.testDeviation?.accuracy ?? 0);
    expect(low[3]?.[1]).toBeCloseTo(mean - spread, 3);
    expect(band[3]?.[1]).toBeCloseTo(2 * spread, 3);
  });

  it('draws intervals where they are asked for, and nothing where no bands are', () => {
    const chart = comparisonChart(three, palette, { band: 'interval' });
    const band = seriesOf(chart, 'band:2')?.['data'] as [number, number][];
    const deviation = 100 * (three.arms[2]?.rounds[3]?.testDeviation?.accuracy ?? 0);
    // 0.975 quantile of Student's t with 2 degrees of freedom, from tables.
    expect(band[3]?.[1]).toBeCloseTo((2 * 4.30265 * deviation) / Math.sqrt(3), 3);
    expect(seriesOf(comparisonChart(three, palette, { band: 'none' }), 'band:2')).toBeUndefined();
    expect(seriesOf(particlesChart(three, 'swamp(4)', palette), 'band:2')).toBeDefined();
  });

  it('leaves a gap where a value is not a number', () => {
    const chart = comparisonChart(diverge(one, 'imp', 3), palette);
    expect((seriesOf(chart, 'line:0')?.['data'] as [number, number | null][])[3]?.[1]).toBeNull();
  });

  it('survives comparisons without rounds', () => {
    expect(() => comparisonChart(comparisonFixture({ arms: [] }), palette)).not.toThrow();
    expect(() =>
      comparisonChart(comparisonFixture({ arms: [{ ...imp, rounds: [] }] }), palette),
    ).not.toThrow();
  });
});

describe('particlesChart', () => {
  it('shows every particle of every seed, their mean, the ensemble and the average', () => {
    const chart = particlesChart(three, 'swamp(4)', palette);
    expect(seriesOf(chart, 'particles:2')?.['data']).toHaveLength(8 * 3 * 4);
    for (const id of ['mean:2', 'ensemble:2', 'line:2']) {
      expect(seriesOf(chart, id)?.['data']).toHaveLength(8);
    }
  });

  it('does not draw an ensemble twice', () => {
    const chart = particlesChart(one, 'imp-ensemble(2)', palette);
    expect(chart.series.map((series) => series['name'])).toEqual(['members', 'mean member', 'ensemble']);
  });
});

describe('axisDigits', () => {
  it('gives the decimals of the labels', () => {
    expect([1, 2, 0.5, 0.05, 0.02].map(axisDigits)).toEqual([0, 0, 1, 2, 2]);
  });
});

describe('paletteOf', () => {
  it('gives each arm a colour of its own, and a kind the same one everywhere', () => {
    const single: FixtureArm = { ...swamp, arm: 'swamp(1)', particles: 1 };
    const two = comparisonFixture({ arms: [imp, single, swamp] });
    const [impColour, singleColour, swampColour] = paletteOf(two, 'light').arms;
    expect(new Set([impColour, singleColour, swampColour]).size).toBe(3);
    expect(impColour).toBe(palette.arms[0]);
    expect(swampColour).toBe(palette.arms[2]);
  });

  it.each(['light', 'dark'] as const)('keeps a contrast of 3 : 1 with the %s background', (theme) => {
    const arms = Array.from({ length: 7 }, (_, n): FixtureArm => ({ ...imp, arm: `${n}`, kind: `k${n}` }));
    const colours = paletteOf(comparisonFixture({ arms }), theme);
    for (const colour of colours.arms) {
      expect(contrast(colour, colours.background)).toBeGreaterThanOrEqual(3);
    }
    expect(contrast(colours.quiet, colours.background)).toBeGreaterThanOrEqual(4.5);
  });
});

describe('comparisonSvg', () => {
  it('draws a picture with title, denominator and arms', async () => {
    const svg = await comparisonSvg(three, { theme: 'dark', width: 800, height: 400 });
    expect(svg).toMatch(/^<svg[^>]+width="800"[^>]*height="400"/);
    for (const text of ['digits · lenet-300-100', '266,200', 'swamp(4)', 'dense'])
      expect(svg).toContain(text);
    expect(svg).not.toContain('NaN');
  });

  it('says what a band is, where there is one', async () => {
    expect(await comparisonSvg(three)).toContain('Bands: mean ± standard deviation (n−1) over 3 seeds.');
    expect(await comparisonSvg(three, { band: 'interval' })).toContain('95 % interval');
    expect(await comparisonSvg(one)).not.toContain('Bands');
  });
});

/** WCAG contrast of two `#rrggbb` colours. */
function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe('sparsityLabel', () => {
  it('says what is pruned, not what is left', () => {
    expect([100, 50, 20, 5, 1, 0.5, 0].map(sparsityLabel)).toEqual([
      'dense',
      '50 %',
      '80 %',
      '95 %',
      '99 %',
      '99.5 %',
      '100 %',
    ]);
  });
});

describe('an arm that is hidden', () => {
  it('is not drawn, and the axis fits the others', () => {
    const low: FixtureArm = { ...imp, arm: 'low', above: () => -30 };
    const comparison = comparisonFixture({ arms: [imp, low] });
    const all = comparisonChart(comparison, palette);
    const without = comparisonChart(comparison, palette, { hidden: new Set(['low']) });
    expect(seriesOf(all, 'line:1')).toBeDefined();
    expect(seriesOf(without, 'line:1')).toBeUndefined();
    expect(Number(without.yAxis['min'])).toBeGreaterThan(Number(all.yAxis['min']));
  });
});
