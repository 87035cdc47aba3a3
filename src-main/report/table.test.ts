import { describe, expect, it } from 'vitest';
import { Comparison } from '../contract/compare.ts';
import { comparisonFixture, diverge, imp, level, swamp, type FixtureArm } from './fixtures.ts';
import { comparisonTable, tableContent } from './table.ts';

const three = comparisonFixture({ seeds: [1, 2, 3] });

describe('fixtures', () => {
  it('are comparisons as the contract has them', () => {
    expect(Comparison.parse(comparisonFixture())).toEqual(comparisonFixture());
    expect(Comparison.parse(three)).toEqual(three);
    expect(three.arms.map((arm) => arm.rounds.length)).toEqual([8, 8, 8]);
  });
});

describe('comparisonTable', () => {
  it('has a row a round, a column an arm and the denominator in its caption', () => {
    const lines = comparisonTable(comparisonFixture()).split('\n');
    expect(lines.join(' ')).toContain('Sparsity is of 266,200 weights: conv and dense kernels.');
    const header = lines.findIndex((line) => line.startsWith('round'));
    expect(lines[header]).toMatch(/imp +imp-ensemble\(2\) +swamp\(4\)/);
    expect(lines.slice(header + 1)).toHaveLength(8);
    expect(lines[header + 4]).toMatch(/^ +3 +78\.4 +57,499 +\d\d\.\d\d /);
  });

  it('keeps figures under each other and within the width', () => {
    for (const width of [80, 100, 120]) {
      const lines = comparisonTable(three, { width }).split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
      const places = lines.filter((line) => /^ +\d/.test(line)).map((line) => line.indexOf('±'));
      expect(new Set(places).size).toBe(1);
    }
  });

  it('continues below where the arms do not fit', () => {
    const arms = Array.from({ length: 7 }, (_, n): FixtureArm => ({ ...swamp, arm: `swamp(${n + 1})` }));
    const text = comparisonTable(comparisonFixture({ arms, seeds: [1, 2] }), { width: 80 });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text.match(/^round/gm)?.length).toBeGreaterThan(1);
    for (const { arm } of arms) expect(text).toContain(arm);
  });

  it('has a row an arm where arms are too many to be read across', () => {
    const arms = Array.from({ length: 9 }, (_, n): FixtureArm => ({ ...swamp, arm: `swamp(${n + 1})` }));
    const comparison = comparisonFixture({ arms: [{ ...imp, rounds: [0, 1] }, ...arms], rounds: 3 });
    const across = tableContent({ ...comparison, arms: comparison.arms.slice(0, 8) });
    const turned = tableContent(comparison);
    expect(turned.leading).toEqual(['arm']);
    expect(turned.heads).toEqual(['0.0 %', '40.0 %', '64.0 %']);
    expect(turned.rows.map(({ leading }) => leading)).toEqual(comparison.arms.map(({ arm }) => [arm]));
    // The same figures, the other way round.
    expect(across.heads).toEqual(comparison.arms.slice(0, 8).map(({ arm }) => arm));
    for (const [arm] of across.heads.entries())
      expect(turned.rows[arm]?.cells.map(({ text }) => text)).toEqual(
        across.rows.map(({ cells }) => cells[arm]?.text),
      );
    for (const round of [0, 1, 2]) expect(turned.rows.some(({ cells }) => cells[round]?.best)).toBe(true);
    const text = comparisonTable(comparison);
    const flowing = text.replaceAll(/\s+/g, ' ');
    expect(flowing).toContain('* best of the column.');
    expect(flowing).toContain('Columns are rounds, by sparsity; weights left: 266,200 · 159,720 · 95,832.');
    expect(text).toMatch(/^imp +\d\d\.\d\d/m);
    expect(text).toMatch(/^imp .* – *$/m);
  });

  it('tells rounds of one sparsity apart by their number', () => {
    const arms = Array.from({ length: 9 }, (_, n): FixtureArm => ({ ...swamp, arm: `swamp(${n + 1})` }));
    const comparison = comparisonFixture({ arms, rounds: 2 });
    const level = {
      ...comparison,
      arms: comparison.arms.map((arm) => ({
        ...arm,
        rounds: arm.rounds.map((round) => ({ ...round, sparsity: 0.5, remaining: 0.5 })),
      })),
    };
    expect(tableContent(level).heads).toEqual(['0: 50.0 %', '1: 50.0 %']);
  });

  it('marks the best, ties included, and prints it bold only in colour', () => {
    const tie = comparisonFixture({ arms: [imp, level(swamp, 0)], noise: 0, rounds: 1 });
    expect(comparisonTable(tie).match(/\d\*/g)).toHaveLength(2);
    expect(comparisonTable(tie)).not.toContain('\u001b');
    expect(comparisonTable(tie, { colour: true })).toContain('\u001b[1m64.00*\u001b[22m');
  });

  it('takes the lowest for NLL and ECE', () => {
    const better = comparisonFixture({ arms: [imp, level(swamp, 5)], noise: 0, rounds: 1 });
    for (const metric of ['nll', 'ece'] as const) {
      const row = comparisonTable(better, { metric }).split('\n').at(-1) ?? '';
      expect(row.trimEnd()).toMatch(/\*$/);
    }
  });

  it('shows missing rounds and what is not a number as such, never as best', () => {
    const arms = [imp, { ...swamp, rounds: [0, 1] }];
    const text = comparisonTable(diverge(comparisonFixture({ arms, rounds: 3 }), 'imp', 1));
    const rows = text.split('\n').slice(-3);
    expect(rows[1]).toMatch(/NaN +\d/);
    expect(rows[2]).toMatch(/–$/);
    expect(text).not.toMatch(/(NaN|–)\*/);
  });

  it('writes Markdown with the best in bold', () => {
    const text = comparisonTable(three, { format: 'markdown' });
    expect(text).toContain('| round | sparsity % | weights left | imp | imp-ensemble(2) | swamp(4) |');
    expect(text).toMatch(/\| \*\*\d\d\.\d\d ± \d\.\d\d\*\* \|/);
    expect(text.split('\n').filter((line) => line.startsWith('|'))).toHaveLength(10);
  });

  it('writes LaTeX with specials escaped', () => {
    const odd = comparisonFixture({ arms: [{ ...imp, arm: 'a_b & 50 % → #1' }, swamp] });
    const text = comparisonTable(odd, { format: 'latex' });
    expect(text).toContain('a\\_b \\& 50 \\% $\\to$ \\#1');
    expect(text).toContain('\\begin{tabular}{rrrrr}');
    expect(text).toMatch(/\\textbf\{\d\d\.\d\d\}/);
    expect(comparisonTable(three, { format: 'latex' })).toContain('$\\pm$');
  });
});
