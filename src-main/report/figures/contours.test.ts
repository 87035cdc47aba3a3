import { describe, expect, it } from 'vitest';
import { contoursOf, levelScale, levelsOf, type Ring } from './contours.ts';

const axis = [-2, -1, 0, 1, 2, 3];
const plane = { x: { label: 'x', values: axis }, y: { label: 'y', values: [0, 10, 20, 30] } };

function area(ring: Ring): number {
  return ring.reduce((sum, [x, y], index) => {
    const [nx = 0, ny = 0] = ring[(index + 1) % ring.length] ?? [];
    return sum + (x * ny - nx * y) / 2;
  }, 0);
}

/** Areas with their holes taken away, whichever way they turn. */
const total = (rings: readonly Ring[]): number => Math.abs(rings.reduce((sum, ring) => sum + area(ring), 0));

describe('levels', () => {
  it('are round and lie between the smallest and the largest value', () => {
    const levels = levelsOf([0.3, 1, 2.2], 'linear');
    expect(levels).toEqual([0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6, 1.8, 2]);
  });

  it('keep a ratio where the range is large', () => {
    expect(levelScale([0.3, 2], 'linear')).toBe('linear');
    expect(levelScale([0.3, 2], 'log')).toBe('log');
    expect(levelScale([0.3, 200], 'linear')).toBe('log');
    expect(levelScale([0, 200], 'log')).toBe('linear');
    expect(levelsOf([0.1, 1000], 'log')).toEqual([0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500]);
  });

  it('are even where few would keep a ratio, and the switch says so', () => {
    expect(levelScale([0.62, 0.66], 'log')).toBe('linear');
    expect(levelsOf([0.62, 0.66], 'log')).toEqual(levelsOf([0.62, 0.66], 'linear'));
    expect(levelScale([0.62, 2], 'log')).toBe('log');
  });

  it('are neither none nor too many, whatever the range', () => {
    for (const high of [1.01, 1.5, 3, 10, 100, 1e4, 1e9, 1e40]) {
      const levels = levelsOf([1, high], 'log');
      expect(levels.length).toBeGreaterThanOrEqual(3);
      expect(levels.length).toBeLessThanOrEqual(15);
      expect(levels).toEqual([...levels].sort((a, b) => a - b));
    }
  });

  it('are none where all values are the same, or there are none', () => {
    expect(levelsOf([2, 2, 2], 'linear')).toEqual([]);
    expect(levelsOf([], 'log')).toEqual([]);
  });
});

describe('contours', () => {
  it('are where the value is, in the numbers of the axes', () => {
    // The value is x itself.
    const values = plane.y.values.map(() => axis);
    const [base, level] = contoursOf({ ...plane, values }, [0.5]);
    expect(total(base?.area ?? [])).toBeCloseTo(5 * 30);
    expect(total(level?.area ?? [])).toBeCloseTo(2.5 * 30);
    expect(level?.lines.flat().every(([x]) => Math.abs(x - 0.5) < 1e-9)).toBe(true);
    expect(level?.lines.flat().map(([, y]) => y)).toEqual(expect.arrayContaining([0, 30]));
  });

  it('follow axes whose steps differ', () => {
    const x = { label: 'x', values: [0, 1, 10] };
    const [, level] = contoursOf({ ...plane, x, values: plane.y.values.map(() => [0, 1, 10]) }, [5.5]);
    expect(level?.lines.flat().every(([at]) => Math.abs(at - 5.5) < 1e-9)).toBe(true);
  });

  it('leave a hole where values are missing, without a line around it', () => {
    const values = plane.y.values.map((_, row) =>
      axis.map((x, column) => (row === 1 && column === 3 ? null : x)),
    );
    const [base, level] = contoursOf({ ...plane, values }, [-1.5]);
    expect(total(base?.area ?? [])).toBeLessThan(5 * 30);
    expect(base?.area).toHaveLength(2);
    expect(level?.lines.flat().every(([x]) => Math.abs(x + 1.5) < 1e-9)).toBe(true);
  });

  it('of nothing are none', () => {
    expect(contoursOf({ ...plane, values: plane.y.values.map(() => axis.map(() => null)) }, [])).toEqual([]);
    expect(contoursOf({ x: { label: 'x', values: [1] }, y: plane.y, values: [[1]] }, [])).toEqual([]);
  });

  it('of one value fill the plane', () => {
    const [base, ...others] = contoursOf(
      { ...plane, values: plane.y.values.map(() => axis.map(() => 7)) },
      [],
    );
    expect(total(base?.area ?? [])).toBeCloseTo(150);
    expect(others).toEqual([]);
  });
});
