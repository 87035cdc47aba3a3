import { describe, expect, it } from 'vitest';
import { axisUnit, columnOf, readable, tickText, valueText } from './units.ts';

describe('a number with its unit', () => {
  it('is read as people write it', () => {
    expect(valueText(0.67213, 'share')).toBe('67.21 %');
    expect(valueText(0.0000123, 'share')).toBe('0.0012 %');
    expect(valueText(0.99712, 'sparsity')).toBe('99.71 %');
    expect(valueText(0.008, 'points')).toBe('+0.80 points');
    expect(valueText(-0.008, 'points')).toBe('−0.80 points');
    expect(valueText(1234567, 'count')).toBe('1,234,567');
    expect(valueText(1234567, 'flops')).toBe('1.23 MFLOP');
    expect(valueText(45_210, 'bytes')).toBe('45.2 kB');
    expect(valueText(0.812, 'ms')).toBe('0.812 ms');
    expect(valueText(1530, 'ms')).toBe('1.53 s');
    expect(valueText(3.2e-7, 'number')).toBe('3.2e−7');
  });

  it('is a dash where there is none', () => {
    for (const value of [null, undefined, NaN, Infinity]) expect(valueText(value, 'share')).toBe('–');
  });

  it('has four digits', () => {
    expect(readable(1234.567)).toBe('1235');
    expect(readable(0)).toBe('0');
    expect(readable(-12345678)).toBe('−1.235e7');
  });
});

describe('numbers under each other', () => {
  const texts = (values: (number | null)[], unit: Parameters<typeof columnOf>[1]): string[] =>
    values.map(columnOf(values, unit).text);

  it('have the same decimals', () => {
    expect(texts([0.5, 0.12345, null], 'share')).toEqual(['50.00', '12.35', '–']);
    expect(texts([0.015, -0.002], 'points')).toEqual(['+1.50', '−0.20']);
    expect(texts([890.4, 1512], 'number')).toEqual(['890', '1512']);
    expect(texts([1.0243, 1.1812], 'number')).toEqual(['1.024', '1.181']);
    expect(texts([0.31, 113.04], 'number')).toEqual(['0.310', '113.040']);
  });

  it('are written one by one where they span many powers of ten', () => {
    expect(texts([1e-9, 7, 4.5e6], 'number')).toEqual(['1e−9', '7', '4.5e6']);
  });

  it('never hide a small one as zero', () => {
    expect(texts([0.5, 0.000001], 'share')).toEqual(['50.00', '1e−4']);
  });
});

describe('an axis', () => {
  it('has the unit of its largest value', () => {
    expect(axisUnit('flops', 2e6, 4e7)).toEqual({ factor: 1e-6, name: 'MFLOP', prefixed: false });
    expect(axisUnit('bytes', 2e3, 4.5e4)).toMatchObject({ factor: 1e-3, name: 'kB' });
    expect(axisUnit('ms', 1, 20_000)).toMatchObject({ factor: 1e-3, name: 's' });
  });

  it('says thousands and millions at its ticks where it spans many', () => {
    expect(axisUnit('flops', 12, 2e16)).toEqual({ factor: 1, name: 'FLOP', prefixed: true });
    expect(tickText(1e9, null, true)).toBe('1G');
  });

  it('writes ticks with the decimals of their step, huge and tiny ones as powers', () => {
    expect(tickText(0.2, 0.05)).toBe('0.20');
    expect(tickText(-3, 1)).toBe('−3');
    expect(tickText(0.001, null)).toBe('0.001');
    expect(tickText(1e-7, null)).toBe('10⁻⁷');
    expect(tickText(2e12, null)).toBe('2 × 10¹²');
    expect(tickText(0, 1)).toBe('0');
  });
});
