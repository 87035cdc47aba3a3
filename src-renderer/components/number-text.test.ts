import { describe, expect, it } from 'vitest';
import { numberOf, numberText, stepped } from './number-text.ts';

describe('numberOf', () => {
  it('reads whole numbers, fractions and exponents', () => {
    expect(numberOf(' 12 ')).toBe(12);
    expect(numberOf('.5')).toBe(0.5);
    expect(numberOf('1.')).toBe(1);
    expect(numberOf('-2.5e-4')).toBe(-0.00025);
  });

  it('gives back what is half-typed or no number', () => {
    for (const text of ['1e-', '-', '0x10', '1,5', 'ten', 'Infinity', '1e999'])
      expect(numberOf(text)).toBe(text);
  });

  it('says nothing of an empty text', () => {
    expect(numberOf('  ')).toBeNull();
  });

  it('takes percent as fractions, without noise', () => {
    expect(numberOf('7', 100)).toBe(0.07);
    expect(numberText(0.07, 100)).toBe('7');
    expect(numberText(0.29, 100)).toBe('29');
  });
});

describe('stepped', () => {
  it('stays within bounds and without noise', () => {
    expect(stepped(0.1, 0.2, 0, 1)).toBe(0.3);
    expect(stepped(0.9, 0.2, 0, 1)).toBe(1);
    expect(stepped(null, 1, 0, 10)).toBe(1);
  });

  it('does nothing to a text that is no number', () => {
    expect(stepped('1e-', 1, 0, 10)).toBeNull();
  });
});
