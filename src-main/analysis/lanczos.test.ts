import { describe, expect, it } from 'vitest';
import { streamFor, uniform } from '../random/random.ts';
import { Lanczos, type LanczosState, type Vector } from './lanczos.ts';

/** Q·diag(values)·Qᵀ of a Q that looks random: Householder's reflections one after another. */
function withEigenvalues(eigenvalues: readonly number[], reflections = 6) {
  const n = eigenvalues.length;
  const stream = streamFor({ seed: 3, purpose: 'probe' });
  const mirrors = Array.from({ length: Math.min(n, reflections) }, () => {
    const vector = Float64Array.from({ length: n }, () => uniform(stream) - 0.5);
    const norm = Math.hypot(...vector);
    return vector.map((value) => value / norm);
  });
  const reflect = (x: Float64Array, order: readonly Float64Array[]): Float64Array => {
    for (const mirror of order) {
      const along = x.reduce((sum, value, at) => sum + value * (mirror[at] as number), 0);
      x = x.map((value, at) => value - 2 * along * (mirror[at] as number));
    }
    return x;
  };
  return (vector: Vector): Float64Array => {
    const turned = reflect(Float64Array.from(vector), mirrors);
    return reflect(
      turned.map((value, at) => value * (eigenvalues[at] as number)),
      mirrors.toReversed(),
    );
  };
}

function draw(dimension: number, seed = 1) {
  return (index: number): Float64Array => {
    const stream = streamFor({ seed, purpose: 'probe', particle: index });
    return Float64Array.from({ length: dimension }, () => uniform(stream) - 0.5);
  };
}

function search(
  eigenvalues: readonly number[],
  { count = 3, steps = 200, tolerance = 1e-8, seed = 1 } = {},
): Lanczos<Float64Array> {
  const dimension = eigenvalues.length;
  const lanczos = new Lanczos({ dimension, count, steps, tolerance, draw: draw(dimension, seed) });
  const multiply = withEigenvalues(eigenvalues);
  for (let vector = lanczos.next; vector; vector = lanczos.next) lanczos.advance(multiply(vector));
  return lanczos;
}

const spectrum = (n: number): number[] => Array.from({ length: n }, (_, at) => Math.sin(at) * 3);

describe('the largest eigenvalues', () => {
  it('of a matrix with a few that stand out, in far fewer products than it has rows', () => {
    const lanczos = search([...spectrum(400), 100, 40, 12, -60]);
    expect(lanczos.found.converged).toBe(true);
    expect(lanczos.steps).toBeLessThan(40);
    for (const [at, value] of [100, 40, 12].entries()) expect(lanczos.found.values[at]).toBeCloseTo(value, 6);
  });

  it('have errors that hold, whenever the search is cut off', () => {
    const eigenvalues = [...spectrum(200), 10, 9, 8.9];
    for (const steps of [3, 5, 10, 20]) {
      const { values, errors } = search(eigenvalues, { steps }).found;
      for (const [at, value] of values.entries()) {
        const nearest = Math.min(...eigenvalues.map((each) => Math.abs(each - value)));
        expect(nearest).toBeLessThanOrEqual((errors[at] as number) + 1e-10);
      }
    }
    const cut = search(eigenvalues, { steps: 5 });
    expect(cut.steps).toBe(5);
    expect(cut.found.converged).toBe(false);
  });

  it('by size and sign: the largest negative ones are last', () => {
    const { values } = search([-5, -4, -100, -7, -20, -30], { count: 3 }).found;
    expect(values).toEqual([-4, -5, -7].map((value) => expect.closeTo(value, 9) as number));
  });

  it('that occur several times are found as often, where the space is small enough to be exhausted', () => {
    const { found, steps } = search([5, 5, 5, 2, 2, -1], { count: 4 });
    expect(found.values).toEqual([5, 5, 5, 2].map((value) => expect.closeTo(value, 9) as number));
    expect(steps).toBe(6);
  });

  it('that occur several times in a large space: at least once', () => {
    const { found } = search([...spectrum(300), 20, 20, 15], { count: 2 });
    expect(found.values[0]).toBeCloseTo(20, 6);
    expect([15, 20]).toContain(Math.round((found.values[1] as number) * 1e6) / 1e6);
  });

  it('of zeros are zero, after as many products as are asked for', () => {
    const { found, steps } = search(
      Array.from({ length: 50 }, () => 0),
      { count: 3 },
    );
    expect(found).toEqual({ values: [0, 0, 0], errors: [0, 0, 0], converged: true });
    expect(steps).toBe(3);
  });

  it.each([0, 1, 2])('of a space of %i rows are no more than it has', (n) => {
    const eigenvalues = [7, -2].slice(0, n);
    const { found, steps } = search(eigenvalues, { count: 5 });
    expect(found.values).toEqual(eigenvalues.map((value) => expect.closeTo(value, 12) as number));
    expect(found.errors).toEqual(eigenvalues.map(() => 0));
    expect(found.converged).toBe(true);
    expect(steps).toBe(n);
  });

  it('within 1 % do not need as many products as exact ones', () => {
    const eigenvalues = [...spectrum(300), 8, 7, 6];
    const rough = search(eigenvalues, { tolerance: 0.01 });
    expect(rough.steps).toBeLessThan(search(eigenvalues).steps);
    for (const [at, value] of [8, 7, 6].entries())
      expect(Math.abs((rough.found.values[at] as number) / value - 1)).toBeLessThan(0.01);
  });
});

describe('a search', () => {
  const eigenvalues = [...spectrum(100), 9, 8];

  it('goes on from its state to the same bits', () => {
    const whole = search(eigenvalues);
    const multiply = withEigenvalues(eigenvalues);
    const dimension = eigenvalues.length;
    const options = { dimension, count: 3, steps: 200, tolerance: 1e-8, draw: draw(dimension) };
    let state: LanczosState<Float64Array> | undefined;
    for (;;) {
      // Killed after every product.
      const lanczos = new Lanczos(options, state && structuredClone(state));
      const { next } = lanczos;
      if (!next) {
        expect(lanczos.found).toEqual(whole.found);
        expect(lanczos.steps).toBe(whole.steps);
        return;
      }
      lanczos.advance(multiply(next));
      state = lanczos.state;
    }
  });

  it('takes single precision, with vectors of that kind', () => {
    const dimension = eigenvalues.length;
    const lanczos = new Lanczos({
      ...{ dimension, count: 2, steps: 100, tolerance: 1e-4 },
      draw: (index) => Float32Array.from(draw(dimension)(index)),
    });
    const multiply = withEigenvalues(eigenvalues);
    for (let vector = lanczos.next; vector; vector = lanczos.next) {
      expect(vector).toBeInstanceOf(Float32Array);
      lanczos.advance(Float32Array.from(multiply(vector)));
    }
    for (const [at, value] of [9, 8].entries())
      expect(Math.abs((lanczos.found.values[at] as number) / value - 1)).toBeLessThan(1e-6);
  });

  it('refuses products that are not finite', () => {
    const lanczos = new Lanczos({ dimension: 2, count: 1, steps: 2, tolerance: 0.1, draw: draw(2) });
    expect(() => lanczos.advance(Float64Array.of(NaN, 1))).toThrow('not finite');
  });
});
