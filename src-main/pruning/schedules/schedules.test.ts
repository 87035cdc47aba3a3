import { expect, test } from 'vitest';
import { ConfigError } from '../../contract/errors.ts';
import { cubicAlive } from '../dynamic/cubic.ts';
import { aliveCounts } from './registry.ts';

test('geometric: 20 % of what is left by default, rounded half up, from all weights on', () => {
  expect(aliveCounts({ kind: 'geometric', rounds: 4 }, 1000)).toEqual([1000, 800, 640, 512, 410]);
  expect(aliveCounts({ kind: 'geometric', rounds: 0 }, 1000)).toEqual([1000]);
});

test('geometric: halves round up although binary fractions fall below them', () => {
  // 0.7² · 50 is 24.5, which float64 computes as 24.499999999999996.
  expect(aliveCounts({ kind: 'geometric', fraction: 0.3, rounds: 2 }, 50)).toEqual([50, 35, 25]);
});

test('explicit: round 0 is dense, then the list', () => {
  expect(aliveCounts({ kind: 'explicit', sparsities: [0.5, 0.9, 0.955] }, 1000)).toEqual([
    1000, 500, 100, 45,
  ]);
});

test('cubic: much at first, exact at both ends, rounded half up between', () => {
  // 100 + 900 · (1 − r/4)³: 479.6875, 212.5, 114.0625.
  expect(aliveCounts({ kind: 'cubic', end: 0.9, rounds: 4 }, 1000)).toEqual([1000, 480, 213, 114, 100]);
  expect(aliveCounts({ kind: 'cubic', end: 0.955, rounds: 1 }, 1000)).toEqual([1000, 45]);
  // (5/10)³ · 12 is 1.5.
  expect(aliveCounts({ kind: 'cubic', end: 0.5, rounds: 10 }, 24)[5]).toBe(14);
});

test('cubic: is that of gradual pruning, and goes on from a mask', () => {
  for (const [prunable, start] of [
    [265_200, 265_200],
    [76_720, 40_000],
  ] as const) {
    const counts = aliveCounts({ kind: 'cubic', end: 0.98, rounds: 20 }, prunable, start);
    const end = counts.at(-1) ?? NaN;
    expect([counts[0], end]).toEqual([start, Math.floor(0.02 * prunable + 0.5)]);
    expect(counts).toEqual(counts.map((_, round) => cubicAlive({ start, end }, round / 20)));
  }
});

test('cubic: must end above the sparsity of a mask', () => {
  const ends = (end: number) => () => aliveCounts({ kind: 'cubic', end, rounds: 3 }, 1000, 400);
  expect(ends(0.61)).not.toThrow();
  expect(ends(0.6)).toThrow(
    /sparsity\.end: 0\.6 leaves 400 of 1000 weights, the mask that is given only 400/,
  );
});

test.each([
  [{ kind: 'geometric', fraction: 0, rounds: 3 }, /sparsity\.fraction.*given: 0/],
  [{ kind: 'geometric', fraction: 1, rounds: 3 }, /sparsity\.fraction.*given: 1/],
  [{ kind: 'geometric', fraction: 0.2 }, /sparsity\.rounds/],
  [{ kind: 'geometric', fraction: 0.2, rounds: 2.5 }, /sparsity\.rounds.*given: 2\.5/],
  [{ kind: 'explicit', sparsities: [0.5, 0.4] }, /round 2 has 0\.4 after 0\.5/],
  [{ kind: 'explicit', sparsities: [0.5, 0.5] }, /round 2 has 0\.5 after 0\.5/],
  [{ kind: 'explicit', sparsities: [] }, /sparsity\.sparsities/],
  [{ kind: 'explicit', sparsities: [0.5, 1] }, /sparsity\.sparsities\.1.*given: 1/],
  [{ kind: 'cubic', rounds: 3 }, /sparsity\.end/],
  [{ kind: 'cubic', end: 1, rounds: 3 }, /sparsity\.end.*given: 1/],
  [{ kind: 'cubic', end: 0.9, rounds: 0 }, /sparsity\.rounds.*given: 0/],
  [{ kind: 'linear' }, /there is no 'linear'/],
])('%j is refused', (spec, message) => {
  expect(() => aliveCounts(spec, 1000)).toThrow(ConfigError);
  expect(() => aliveCounts(spec, 1000)).toThrow(message);
});
