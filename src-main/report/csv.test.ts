import { describe, expect, it } from 'vitest';
import { comparisonCsv, csvHeader } from './csv.ts';
import { comparisonFixture, diverge, imp, swamp } from './fixtures.ts';

describe('comparisonCsv', () => {
  it('has one row a measurement', () => {
    const text = comparisonCsv(comparisonFixture({ arms: [imp, swamp], rounds: 2, seeds: [1, 2] }));
    const rows = text.trimEnd().split('\r\n');
    expect(rows[0]).toBe(csvHeader.join(','));
    // imp: itself and one particle; swamp: itself, four particles, an ensemble; each on two splits.
    expect(rows.length - 1).toBe(2 * 2 * 2 * (2 + 6));
    expect(rows.every((row) => row.split(',').length === csvHeader.length)).toBe(true);
    expect(text.endsWith('\r\n')).toBe(true);
  });

  it('leaves out a split that does not exist and what is not a number', () => {
    const text = comparisonCsv(
      diverge(comparisonFixture({ arms: [imp], rounds: 1, validation: false, noise: 0 }), 'imp', 0),
    );
    expect(text).toContain('imp,imp,0,0,1,534400,271524000000,1,test,,,,arm,');
    expect(text).not.toMatch(/NaN/);
  });

  it.each([
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['two\nlines', '"two\nlines"'],
    ['=1+1', "'=1+1"],
    ['@x', "'@x"],
    ['-x,y', '"\'-x,y"'],
  ])('quotes %j and disarms formulas', (arm, expected) => {
    const text = comparisonCsv(comparisonFixture({ arms: [{ ...imp, arm }], rounds: 1 }));
    expect(text).toContain(`\r\n${expected},imp,`);
  });
});
