import { describe, expect, it } from 'vitest';
import { streamFor } from '../random/random.ts';
import { dot, rademacher, traceOf } from './hutchinson.ts';

const probe = (index: number, length: number): Float32Array =>
  rademacher(streamFor({ seed: 1, purpose: 'probe', particle: index }), length);

describe('a probe', () => {
  it('is of ones of either sign, as many of each as chance has it', () => {
    const signs = probe(0, 100_000);
    expect(signs.every((sign) => Math.abs(sign) === 1)).toBe(true);
    expect(Math.abs(signs.reduce((sum, sign) => sum + sign, 0))).toBeLessThan(4 * Math.sqrt(100_000));
  });

  it('has signs that know nothing of their neighbours, nor of the next probe’s', () => {
    const [one, next] = [probe(0, 65_536), probe(1, 65_536)];
    for (const shift of [1, 7, 31, 32, 64])
      expect(Math.abs(dot(one.subarray(shift), one.subarray(0, one.length - shift)))).toBeLessThan(4 * 256);
    expect(Math.abs(dot(one, next))).toBeLessThan(4 * 256);
  });

  it('begins alike, however long it is', () => {
    expect(probe(3, 70)).toEqual(probe(3, 1000).subarray(0, 70));
  });

  it('has golden values: a change here changes every stored trace', () => {
    expect([...probe(0, 40)].map((sign) => (sign > 0 ? '+' : '−')).join('')).toMatchInlineSnapshot(
      `"−−+++−++−++−−−−−++−+−+−−−−−++−+++++++−++"`,
    );
  });
});

describe('the trace', () => {
  /** Symmetric, with much beside the diagonal. */
  const matrix = Array.from({ length: 40 }, (_, row) =>
    Float64Array.from({ length: 40 }, (_, column) => Math.cos(row * column) + (row === column ? row : 0)),
  );
  const trace = matrix.reduce((sum, row, at) => sum + (row[at] as number), 0);
  const estimate = (from: number, probes: number) =>
    traceOf(
      Array.from({ length: probes }, (_, at) => {
        const signs = probe(from + at, 40);
        return dot(
          signs,
          matrix.map((row) => dot(row, signs)),
        );
      }),
    );

  it('lies within its error bars as often as it should', () => {
    let [within, total] = [0, 0];
    for (let from = 0; from < 4000; from += 20, total++) {
      const { mean, standardError } = estimate(from, 20);
      // Student's t of 19 degrees of freedom, 95 %.
      if (Math.abs(mean - trace) <= 2.093 * (standardError ?? NaN)) within++;
    }
    expect(within / total).toBeGreaterThan(0.91);
    expect(within / total).toBeLessThan(0.99);
  });

  it('has the variance that theory gives: twice the squares beside the diagonal', () => {
    let squares = 0;
    for (const [row, values] of matrix.entries())
      for (const [column, value] of values.entries()) if (row !== column) squares += 2 * value ** 2;
    const { mean, standardError } = estimate(0, 4000);
    expect(Math.abs(mean - trace)).toBeLessThan(4 * Math.sqrt(squares / 4000));
    expect((standardError ?? NaN) / Math.sqrt(squares / 4000)).toBeCloseTo(1, 1);
  });

  it('of a diagonal matrix is exact with one probe, and one says nothing of its error', () => {
    const signs = probe(0, 40);
    const product = dot(
      signs,
      signs.map((sign, at) => sign * at),
    );
    expect(traceOf([product])).toEqual({ mean: (39 * 40) / 2, standardError: null });
  });
});
