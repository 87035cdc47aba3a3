import { describe, expect, it } from 'vitest';
import {
  bytes,
  columns,
  count,
  duration,
  fixed,
  flops,
  percent,
  points,
  sparsityPercent,
  truncate,
  visibleWidth,
  wrap,
} from './format.ts';

describe('numbers', () => {
  it('writes percent, points and sparsity', () => {
    expect(percent(0.672)).toBe('67.2 %');
    expect(percent(Number.NaN)).toBe('NaN');
    expect(points(-0.83)).toBe('0.8 points');
    expect(fixed(-0.001, 1)).toBe('0.0');
    expect([0, 0.5, 0.9902, 1].map(sparsityPercent)).toEqual(['0 %', '50.0 %', '99.02 %', '100.0 %']);
  });

  it('groups thousands', () => {
    expect([0, 999, 1000, 1234567].map(count)).toEqual(['0', '999', '1,000', '1,234,567']);
  });

  it.each([
    [0, '0 FLOP'],
    [999, '999 FLOP'],
    [1000, '1 kFLOP'],
    [1_234_000, '1.23 MFLOP'],
    [45_600_000_000, '45.6 GFLOP'],
    [7.891e14, '789 TFLOP'],
  ])('writes %d FLOP', (value, text) => {
    expect(flops(value)).toBe(text);
  });

  it('writes bytes', () => {
    expect([0, 1500, 263_000_000].map(bytes)).toEqual(['0 B', '1.50 kB', '263 MB']);
  });

  it.each([
    [0.42, '0.4 s'],
    [12, '12 s'],
    [59.6, '1 min'],
    [200, '3 min 20 s'],
    [7500, '2 h 05 min'],
    [273_600, '3 d 4 h'],
    [Number.NaN, '–'],
  ])('writes %d s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

describe('text', () => {
  const bold = '\u001b[1mbold\u001b[22m';
  it('pads columns by what is seen', () => {
    expect(
      columns(
        [
          ['a', bold],
          ['bbb', 'x'],
        ],
        ['left', 'right'],
      ),
    ).toEqual([`a    ${bold}`, 'bbb     x']);
  });

  it('cuts to a width and closes colours', () => {
    expect(truncate('abcdef', 4)).toBe('abc…');
    expect(truncate('abcd', 4)).toBe('abcd');
    expect(visibleWidth(truncate(`${bold} and more`, 6))).toBe(6);
    expect(truncate(`${bold} and more`, 3)).toBe('\u001b[1mbo…\u001b[0m');
    expect(truncate('abc', 0)).toBe('');
  });

  it('wraps at spaces', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('', 7)).toEqual([]);
  });
});
