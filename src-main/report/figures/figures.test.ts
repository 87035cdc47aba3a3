import { describe, expect, it } from 'vitest';
import { Findings, type Figure } from '../../contract/figures.ts';
import { gridText } from '../grid.ts';
import { optionSvg } from '../svg.ts';
import { claimsCsv, claimsGrid, claimsText } from './claims.ts';
import {
  calibration,
  collinear,
  connectivityHeat,
  corruptions,
  costTable,
  figureFixtures,
  findingsFixture,
  fronts,
  gains,
  holedSurface,
  hugeAndTiny,
  lossSurface,
  manyArms,
  manyLines,
  onePoint,
  traces,
} from './fixtures.ts';
import { front } from './front.ts';
import { placeLabels } from './labels.ts';
import { looksOf, seriesLooks } from './looks.ts';
import { figurePicture } from './picture.ts';
import { inkOn, luminance, rampColour } from './ramp.ts';
import {
  figureCsv,
  figureGrid,
  figureHeight,
  figureNotes,
  figureOption,
  figureScales,
  figureSummary,
} from './registry.ts';

type Series = Readonly<Record<string, unknown>>;
const seriesOf = (figure: Figure, choice = {}): readonly Series[] =>
  (figureOption(figure, { theme: 'light', ...choice })?.['series'] ?? []) as readonly Series[];
const withId = (all: readonly Series[], id: string): Series | undefined =>
  all.find((one) => one['id'] === id);
const lines = (text: string): string[] => text.split('\r\n').filter((line) => line !== '');

describe('every figure', () => {
  it('is one that an analysis may give', () => {
    expect(() => Findings.parse(findingsFixture)).not.toThrow();
  });

  it('is drawn, written and said in both themes', async () => {
    for (const figure of figureFixtures) {
      for (const theme of ['light', 'dark'] as const) {
        const picture = figurePicture(figure, { theme, width: 720 });
        expect(picture === null).toBe(figure.kind === 'table' || figure.kind === 'words');
        if (!picture) continue;
        const svg = await optionSvg(picture.option, picture);
        expect(svg).toContain('</svg>');
        expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      }
      expect(figureSummary(figure)).not.toMatch(/NaN|undefined|Infinity/);
      expect(figureCsv(figure)).not.toMatch(/NaN|undefined|Infinity/);
      for (const width of [300, 720, 1100]) expect(Number.isFinite(figureHeight(figure, width))).toBe(true);
    }
  });

  it('says which axes can be logarithmic', () => {
    expect(figureScales(traces()).map(({ axis, canLog }) => [axis, canLog])).toEqual([['x', true], ['y', true]]); // prettier-ignore
    expect(figureScales(onePoint()).every(({ canLog }) => !canLog)).toBe(true);
    expect(figureScales(connectivityHeat())).toMatchObject([{ axis: 'value', scale: 'linear' }]);
    expect(figureScales(costTable())).toEqual([]);
  });
});

describe('lines and points', () => {
  it('keep the places of points, missing ones too', () => {
    const data = withId(seriesOf(calibration()), 'line:1')?.['data'] as [number, number | null][];
    expect(data[1]?.[1]).toBeNull();
    expect(data).toHaveLength(13);
  });

  it('draw bars around few points and bands around many', () => {
    const ids = seriesOf(traces()).map(({ id }) => id);
    expect(ids).toContain('interval:0');
    expect(figureNotes(traces())).toEqual(['Bars: 95 % interval over 32 probes.']);
  });

  it('say which values a logarithmic axis has no place for', () => {
    expect(figureNotes(hugeAndTiny())).toEqual([
      '1 value of Training at or below zero: no place on a logarithmic axis.',
      '1 value of Value at or below zero: no place on a logarithmic axis.',
      '1 point has no value.',
    ]);
    expect(figureNotes(hugeAndTiny(), { scales: { x: 'linear', y: 'linear' } })).toEqual([
      '1 point has no value.',
    ]);
  });

  it('leave out what is hidden, and fit what is left', () => {
    const shown = seriesOf(traces(), { hidden: new Set(['imp']) });
    expect(withId(shown, 'line:0')).toBeUndefined();
    expect(withId(shown, 'line:1')).toBeDefined();
  });

  it('tell the pointer name, value and interval', () => {
    const told: unknown[] = [];
    const option = figureOption(traces(), { theme: 'light', tip: (...all) => told.push(all) });
    const { formatter } = option?.['tooltip'] as { formatter: (at: unknown) => unknown };
    formatter([{ seriesId: 'line:1', dataIndex: 2 }]);
    expect(told).toEqual([
      [
        'round 2: Sparsity 59.0 %',
        [{ label: 'swamp(4)', value: expect.stringMatching(/^441 \[410\.\d, 471\.\d\]$/) as string, colour: expect.any(String) as string }], // prettier-ignore
        '95 % interval over 32 probes',
      ],
    ]);
  });

  it('have a front of points that no other beats', () => {
    const points = [
      { x: 1, y: 5 },
      { x: 2, y: 4 },
      { x: 2, y: 6 },
      { x: 3, y: 6 },
      { x: 4, y: 9 },
    ];
    expect(front(points, 'more')).toEqual([points[0], points[2], points[4]]);
    expect(front(points, 'less')).toEqual([points[0], points[1]]);
    expect(front([], 'more')).toEqual([]);
  });

  it('have points on the front that are equal', () => {
    const points = [
      { x: 1, y: 5, name: 'swamp(1)' },
      { x: 1, y: 5, name: 'swamp+' },
      { x: 1, y: 4, name: 'imp' },
      { x: 2, y: 5, name: 'dearer' },
      { x: 2, y: 6, name: 'better' },
    ];
    expect(front(points, 'more').map(({ name }) => name)).toEqual(['swamp(1)', 'swamp+', 'better']);
    expect(front(points.slice(0, 2), 'less')).toHaveLength(2);
  });

  it('mark the front in picture, table and words', () => {
    const figure = fronts(['imp', 'swamp(4)'], 3);
    expect(withId(seriesOf(figure), 'front')).toMatchObject({ step: 'end' });
    expect(figureGrid(figure)?.heads.at(-1)).toBe('best for its cost');
    expect(figureSummary(figure)).toContain('Best for their cost: ');
    expect(withId(seriesOf({ ...figure, better: undefined }), 'front')).toBeUndefined();
  });
});

describe('bars', () => {
  it('begin at zero and leave a gap for a missing one', () => {
    const option = figureOption(gains(), { theme: 'light' });
    expect(withId(seriesOf(gains()), 'bar:0')?.['data']).toEqual([1.5, 1.7, null, -0.4]);
    const { min, max } = figureOption(corruptions(), { theme: 'light' })?.['yAxis'] as {
      min: number;
      max: number;
    };
    expect([min, max]).toEqual([0, 80]);
    expect((option?.['yAxis'] as { min: number }).min).toBeLessThan(-1.1);
    expect(figureNotes(gains()).at(-1)).toBe('1 bar has no value.');
  });
});

describe('a heat map', () => {
  it('has a series a row, with the missing cells in their places', () => {
    const row = withId(seriesOf(connectivityHeat()), 'row:3');
    expect((row?.['data'] as [number, number | null][])[3]).toEqual([3, null]);
    expect(figureNotes(connectivityHeat())).toEqual(['10 cells have no value.']);
  });

  it('has colours whose lightness goes one way, in both themes', () => {
    const light = (theme: 'light' | 'dark', share: number): number =>
      luminance((rampColour(share, theme).match(/\d+/g) ?? []).map(Number));
    const steps = Array.from({ length: 21 }, (_, index) => index / 20);
    for (const theme of ['light', 'dark'] as const) {
      const found = steps.map((share) => light(theme, share));
      const sorted = [...found].sort((a, b) => (theme === 'light' ? b - a : a - b));
      expect(found).toEqual(sorted);
      expect(new Set(found).size).toBe(21);
    }
  });

  it('has writing that can be read on every colour', () => {
    for (const theme of ['light', 'dark'] as const) {
      for (let share = 0; share <= 1; share += 0.05) {
        const ground = luminance((rampColour(share, theme).match(/\d+/g) ?? []).map(Number));
        const ink = inkOn(share, theme) === '#ffffff' ? 1 : 0;
        expect((Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05)).toBeGreaterThan(4.5);
      }
    }
  });
});

describe('a surface', () => {
  it('says its marks and extremes, and how much is missing', () => {
    const rows = figureGrid(lossSurface())?.rows.map(({ leading }) => leading[0]);
    expect(rows).toEqual(['particle 1', 'particle 2', 'particle 3', 'average', 'smallest of the grid', 'largest of the grid']); // prettier-ignore
    expect(figureNotes(holedSurface())).toEqual(['21 places have no value.']);
  });

  it('writes grid, marks and ways as CSV', () => {
    const rows = lines(figureCsv(lossSurface(5)));
    expect(rows[0]).toBe('what,label,Distance from particle 1 towards particle 2,Distance across,Loss');
    expect(rows.filter((row) => row.startsWith('grid,'))).toHaveLength(25);
    expect(rows.filter((row) => row.startsWith('mark,'))).toHaveLength(4);
    expect(rows.at(-1)).toBe('path,triangle,0,0,');
  });

  it('puts names beside their points where nothing else is', () => {
    const box = { x: 0, y: 0, width: 200, height: 200 };
    const dots: [number, number][] = [[190, 100], [20, 20], [30, 20]]; // prettier-ignore
    const points = dots.map((at) => ({ label: 'particle', at }));
    const [edge, left, right] = placeLabels(points, { box, dots, lines: [] });
    expect(edge?.align).toBe('right');
    expect(left?.y === right?.y && left?.align === right?.align).toBe(false);
  });
});

describe('looks', () => {
  it('are the same for an arm in every figure, and never those of an arm beside it', () => {
    const looks = looksOf(findingsFixture, 'light');
    expect([...looks.keys()]).toEqual(expect.arrayContaining(['imp', 'swamp(4)', 'rigl(0.9)']));
    const beside = seriesLooks(
      [{ label: 'swamp(4)', arm: 'swamp(4)' }, { label: 'two dense networks' }],
      { theme: 'light', looks },
      'grey',
    );
    expect(beside[0]?.colour).toBe(looks.get('swamp(4)')?.colour);
    expect(beside[1]?.colour).not.toBe(beside[0]?.colour);
  });

  it('tell the series of one arm apart', () => {
    const made = seriesLooks(
      ['particles', 'average', 'ensemble'].map((label) => ({ label, arm: 'swamp(4)' })),
      { theme: 'dark' },
      'grey',
    );
    expect(new Set(made.map(({ colour }) => colour)).size).toBe(1);
    expect(new Set(made.map(({ symbol }) => symbol)).size).toBe(3);
    expect(new Set(made.map(({ line }) => String(line))).size).toBe(3);
  });

  it('tell many arms apart by colour and symbol', () => {
    const made = seriesLooks(manyArms.map((arm) => ({ label: arm, arm })), { theme: 'light' }, 'grey'); // prettier-ignore
    expect(new Set(made.map(({ colour, symbol }) => `${colour} ${symbol}`)).size).toBe(manyArms.length);
  });

  it('name many lines in a legend, few at their ends', () => {
    expect(figureOption(manyLines(), { theme: 'light' })?.['legend']).toMatchObject({ type: 'scroll' });
    expect(figureOption(traces(), { theme: 'light' })?.['legend']).toEqual({ show: false });
    const paper = figurePicture(manyLines(), { theme: 'light', width: 720 });
    expect(paper?.option['legend']).toMatchObject({ type: 'plain' });
    expect(paper?.height).toBeGreaterThan(figureHeight(manyLines(), 720) + 60);
  });
});

describe('tables and claims', () => {
  it('escape what a spreadsheet or a page would take for more than text', () => {
    expect(lines(figureCsv(costTable())).at(-1)).toBe('"\'=cmd|""evil"", yes",2500000,,,0.65');
    const grid = figureGrid(costTable());
    expect(grid && gridText(grid, { format: 'markdown', colour: false, width: 0, label: '' })).toContain('=cmd\\|"evil", yes | 2.50 MFLOP | – | – | 65.00'); // prettier-ignore
  });

  it('say a figure that cannot be drawn in words', () => {
    expect(figureOption(collinear, { theme: 'light' })).toBeNull();
    expect(figureGrid(collinear)).toBeNull();
    expect(figureCsv(collinear)).toBe('');
    expect(figureSummary(collinear)).toContain('no plane through them. Choose three');
  });

  it('say verdicts in words', () => {
    const { claims } = findingsFixture;
    expect(claimsGrid(claims).rows.map(({ cells }) => cells[0]?.text)).toEqual(['shown', 'not shown: the opposite is', 'open']); // prettier-ignore
    expect(claimsText(claims, 100)).toContain('41.2, 12.3 to 70.2 (95 % interval over 3 seeds)');
    expect(claimsText(claims, 60).split('\n').every((line) => line.length <= 60)).toBe(true); // prettier-ignore
    expect(lines(claimsCsv(claims)).at(-1)).toBe(
      'swamp(8) above swamp(4),open,points,0.004,,,one seed: no interval',
    );
  });
});
