import { expect, test } from 'vitest';
import { ConfigError } from '../../contract/errors.ts';
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

test.each([
  [{ kind: 'geometric', fraction: 0, rounds: 3 }, /sparsity\.fraction.*given: 0/],
  [{ kind: 'geometric', fraction: 1, rounds: 3 }, /sparsity\.fraction.*given: 1/],
  [{ kind: 'geometric', fraction: 0.2 }, /sparsity\.rounds/],
  [{ kind: 'geometric', fraction: 0.2, rounds: 2.5 }, /sparsity\.rounds.*given: 2\.5/],
  [{ kind: 'explicit', sparsities: [0.5, 0.4] }, /round 2 has 0\.4 after 0\.5/],
  [{ kind: 'explicit', sparsities: [0.5, 0.5] }, /round 2 has 0\.5 after 0\.5/],
  [{ kind: 'explicit', sparsities: [] }, /sparsity\.sparsities/],
  [{ kind: 'explicit', sparsities: [0.5, 1] }, /sparsity\.sparsities\.1.*given: 1/],
  [{ kind: 'cubic' }, /there is no 'cubic'/],
])('%j is refused', (spec, message) => {
  expect(() => aliveCounts(spec, 1000)).toThrow(ConfigError);
  expect(() => aliveCounts(spec, 1000)).toThrow(message);
});
