import { describe, expect, it } from 'vitest';
import {
  collinear,
  connectivityHeat,
  costTable,
  findingsFixture,
  manyLines,
  traces,
} from './figures/fixtures.ts';
import { findingsFiles, findingsMarkdown, findingsText } from './findings.ts';

const about = { title: 'Connectivity', subjects: 'swamp(4), seed <1>' };
const few = { ...findingsFixture, figures: [connectivityHeat(4), traces(), costTable(), collinear] };

describe('findings', () => {
  it('leave pictures, numbers, claims and pages', async () => {
    const files = await findingsFiles(about, few);
    expect(files.map(({ name }) => name)).toEqual([
      'barriers.svg',
      'barriers.csv',
      'trace.svg',
      'trace.csv',
      'cost.csv',
      'claims.csv',
      'findings.md',
      'findings.html',
    ]);
    const page = files.at(-1)?.text ?? '';
    expect(page).toContain('seed &#60;1&#62;');
    expect(page).not.toContain('<script');
    expect(page.match(/data:image\/svg\+xml;base64,/g)).toHaveLength(4);
  });

  it('are a page of Markdown whose pictures stand beside it', () => {
    const text = findingsMarkdown(about, few);
    expect(text).toContain('# Connectivity\n\nOf swamp(4), seed \\<1>.');
    expect(text).toContain('](barriers.svg)');
    expect(text).toContain('| swamp(8) above swamp(4) | open | +0.40 points | – |');
    expect(text).toContain('through them. Choose three that differ');
    expect(text).not.toContain('](cost.svg)');
  });

  it('are a text no wider than the terminal', () => {
    const text = findingsText({ ...few, figures: [...few.figures, manyLines()] }, { width: 90 });
    expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(90);
    expect(text).toContain('Sparsity, %');
    expect(text.endsWith('Batch norm was re-estimated at every place.')).toBe(true);
  });

  it('thin what is long for a terminal, and say so', () => {
    const long = traces();
    const [first] = long.series;
    const points = Array.from({ length: 200 }, (_, x) => ({ x: x / 1000, y: x }));
    const text = findingsText({ figures: [{ ...long, bars: undefined, series: first ? [{ ...first, points }] : [] }], claims: [], notes: [] }); // prettier-ignore
    expect(text).toContain('One row in 4 of 200; the CSV file has all.');
    expect(text.split('\n').length).toBeLessThan(60);
  });

  it('of nothing are next to nothing', async () => {
    const none = { figures: [], claims: [], notes: [] };
    expect(findingsText(none)).toBe('');
    expect((await findingsFiles(about, none)).map(({ name }) => name)).toEqual([
      'findings.md',
      'findings.html',
    ]);
  });
});
