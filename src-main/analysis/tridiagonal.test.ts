import { describe, expect, it } from 'vitest';
import { tridiagonalEigen } from './tridiagonal.ts';

/** The recurrence of the characters of T − λ: how many eigenvalues lie below λ (Sturm). */
function below(diagonal: readonly number[], beside: readonly number[], lambda: number): number {
  let count = 0;
  let q = 1;
  for (const [at, value] of diagonal.entries()) {
    const before = at === 0 ? 0 : (beside[at - 1] as number) ** 2;
    q = value - lambda - before / (q === 0 ? Number.MIN_VALUE : q);
    if (q < 0) count++;
  }
  return count;
}

describe('eigenvalues of a symmetric tridiagonal matrix', () => {
  it.each([1, 2, 3, 10, 100])('of second differences, n = %i: 2 − 2cos(kπ/(n+1))', (n) => {
    const { values, last } = tridiagonalEigen(
      Array.from({ length: n }, () => 2),
      Array.from({ length: n - 1 }, () => -1),
    );
    const angle = (at: number): number => ((n - at) * Math.PI) / (n + 1);
    for (const [at, value] of values.entries()) {
      expect(value).toBeCloseTo(2 - 2 * Math.cos(angle(at)), 12);
      // Components of the unit eigenvectors are sines.
      const component = Math.sqrt(2 / (n + 1)) * Math.abs(Math.sin(angle(at) * n));
      expect(Math.abs(last[at] as number)).toBeCloseTo(component, 12);
    }
  });

  it('of any kind lie where Sturm’s count says, largest first', () => {
    let state = 12345;
    const random = (): number => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return state / 0x3fffffff - 1;
    };
    for (const n of [2, 5, 17, 60]) {
      const diagonal = Array.from({ length: n }, () => 10 ** (4 * random()) * Math.sign(random()));
      const beside = Array.from({ length: n - 1 }, () => random() * 3);
      const { values } = tridiagonalEigen(diagonal, beside);
      const size = Math.max(...values.map(Math.abs)) * 1e-11;
      for (const [at, value] of values.entries()) {
        expect(below(diagonal, beside, value - size)).toBeLessThanOrEqual(n - 1 - at);
        expect(below(diagonal, beside, value + size)).toBeGreaterThanOrEqual(n - at);
      }
    }
  });

  it('of blocks, equal ones, zeros and nothing', () => {
    expect(tridiagonalEigen([], [])).toEqual({ values: [], last: [] });
    expect(tridiagonalEigen([0, 0, 0], [0, 0]).values).toEqual([0, 0, 0]);
    expect(tridiagonalEigen([3, -1, 3], [0, 0])).toMatchObject({ values: [3, 3, -1], last: [0, 1, 0] });
    // Two blocks of the same: the last row sees the lower one alone.
    const { values, last } = tridiagonalEigen([1, 1, 1, 1], [1, 0, 1]);
    expect(values.map((value) => Math.round(value * 1e12) / 1e12)).toEqual([2, 2, 0, 0]);
    const squares = [last.slice(0, 2), last.slice(2)].map((pair) => pair.reduce((sum, v) => sum + v * v, 0));
    for (const square of squares) expect(square).toBeCloseTo(0.5, 12);
  });
});
