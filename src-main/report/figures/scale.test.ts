import { describe, expect, it } from 'vitest';
import type { Axis } from '../../contract/figures.ts';
import { axisScale, figureAxis, logTicks, lost, scaleOf } from './scale.ts';

const axis = (unit: Axis['unit'], scale: Axis['scale'] = 'linear'): Axis => ({ label: 'A', unit, scale });

describe('a linear axis', () => {
  it('ends on round numbers around all values', () => {
    const { min, max, ticks, at, name } = axisScale(axis('share'), [0.612, 0.674, null], { ends: 'round' });
    expect([min, max]).toEqual([60, 68]);
    expect(ticks).toEqual([60, 62, 64, 66, 68]);
    expect([at(0.65), at(null), at(undefined)]).toEqual([65, null, null]);
    expect(name).toBe('A, %');
  });

  it('puts a single value into the middle of a range', () => {
    const { min, max } = axisScale(axis('number'), [50], { ends: 'exact' });
    expect([min, max]).toEqual([45, 55]);
    const zero = axisScale(axis('number'), [0, 0], { ends: 'round' });
    expect(zero.min).toBeLessThan(0);
    expect(zero.max).toBeGreaterThan(0);
  });

  it('shows no more than all of a share, and no less than none', () => {
    expect(axisScale(axis('share'), [1], { ends: 'round' })).toMatchObject({ max: 100 });
    expect(axisScale(axis('share'), [0.002], { ends: 'round' }).min).toBeGreaterThanOrEqual(0);
  });

  it('holds zero where lengths are compared', () => {
    expect(axisScale(axis('points'), [0.02, 0.03], { ends: 'round', zero: true }).min).toBe(0);
    expect(axisScale(axis('points'), [-0.02], { ends: 'round', zero: true }).max).toBe(0);
  });

  it('has whole ticks where things are counted', () => {
    expect(axisScale(axis('count'), [0, 1, 2, 3], { ends: 'exact' }).ticks).toEqual([0, 1, 2, 3]);
  });

  it('holds intervals, but is not flattened by one', () => {
    const near = axisScale(axis('number'), [10, 20], { ends: 'round', around: [8, 22] });
    expect([near.min, near.max]).toEqual([5, 25]);
    const wide = axisScale(axis('number'), [10, 20], { ends: 'round', around: [-1e6, 1e6] });
    expect(wide.min).toBeGreaterThanOrEqual(-20);
    expect(wide.max).toBeLessThanOrEqual(60);
  });

  it('exists without values', () => {
    expect(axisScale(axis('number', 'log'), [null], { ends: 'round' })).toMatchObject({
      scale: 'linear',
      min: 0,
      max: 1,
    });
  });
});

describe('a logarithmic axis', () => {
  it('has no place for zero', () => {
    const log = axis('number', 'log');
    const { at, scale, min } = axisScale(log, [0, 0.01, 100], { ends: 'padded' });
    expect(scale).toBe('log');
    expect([at(0), at(-1)]).toEqual([null, null]);
    expect(at(0.01)).toBeCloseTo(0.01);
    expect(min).toBeGreaterThan(0);
    expect(lost(log, [0, 0.01, 100, null])).toBe(1);
  });

  it('becomes linear where no value has a place on it', () => {
    expect(scaleOf(axis('number', 'log'), [0, -1, null])).toBe('linear');
    expect(lost(axis('number', 'log'), [0, -1])).toBe(0);
  });

  it('is offered where two values have a place on it', () => {
    expect(figureAxis('y', axis('number'), [0, 1]).canLog).toBe(false);
    expect(figureAxis('y', axis('number'), [2, 2]).canLog).toBe(false);
    expect(figureAxis('y', axis('number'), [1, 2]).canLog).toBe(true);
  });

  it('has few ticks on powers of ten over many of them, and even ones within one', () => {
    expect(logTicks(1, 100)).toEqual([1, 2, 5, 10, 20, 50, 100]);
    expect(logTicks(1e-3, 1e3)).toEqual([0.001, 0.01, 0.1, 1, 10, 100, 1000]);
    expect(logTicks(1e-9, 1e15).length).toBeLessThanOrEqual(12);
    expect(logTicks(61, 67).length).toBeGreaterThan(2);
  });

  it('draws sparsity by what is left, sparser to the right', () => {
    const { at, inverse, text, ticks, name } = axisScale(axis('sparsity', 'log'), [0, 0.5, 0.95], {
      ends: 'exact',
    });
    expect(inverse).toBe(true);
    expect([at(0), at(0.5), at(0.95), at(1)]).toEqual([100, 50, 5, null]);
    expect(ticks.map(text)).toEqual(['95 %', '90 %', '80 %', '50 %', 'dense']);
    expect(name).toBe('A');
  });

  it('knows a single sparsity', () => {
    const { max, ticks, text } = axisScale(axis('sparsity', 'log'), [0.36], { ends: 'exact' });
    expect(max).toBe(100);
    expect(ticks.map(text).filter((tick) => tick === 'dense')).toHaveLength(1);
  });
});
