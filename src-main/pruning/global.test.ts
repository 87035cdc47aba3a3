import { expect, test } from 'vitest';
import { ConfigError, ExitCode } from '../contract/errors.ts';
import { layOut } from '../contract/parameters.ts';
import { scoreWeights } from './criteria/registry.ts';
import { pruneGlobally } from './global.ts';
import { aliveCount, fullMask } from './mask.ts';

const layout = layOut(
  [
    { name: 'a', shape: [5], role: 'kernel', classifier: false },
    { name: 'b', shape: [2], role: 'bias', classifier: false },
    { name: 'c', shape: [5], role: 'kernel', classifier: false },
  ],
  false,
);
/** Scores of a, then of c. */
const scores = (a: number[], c: number[]): Float32Array => Float32Array.from([...a, -9, -9, ...c]);
const kept = (a: number[], c: number[], alive: number): string =>
  pruneGlobally(scores(a, c), fullMask(layout), layout, alive).join('');

test('keeps the largest across layers and never touches what may not be pruned', () => {
  expect(kept([1, 9, 2, 8, 3], [7, 4, 6, 5, 0], 4)).toBe('01010' + '11' + '10100');
});

test('ties go to the earlier weight, and the count is exact', () => {
  expect(kept([1, 1, 1, 1, 1], [1, 1, 1, 1, 1], 7)).toBe('11111' + '11' + '11000');
  expect(kept([0, 2, 0, 1, 0], [1, 1, 2, 1, 0], 4)).toBe('01010' + '11' + '10100');
});

test('zeros of both signs are equal', () => {
  expect(kept([-0, 0, -0, 0, -0], [0, 0, 0, 0, 0], 3)).toBe('11100' + '11' + '00000');
});

test('negative scores are ranked by value, down to infinities', () => {
  expect(kept([-1, -2, -3, -0.5, 0], [-Infinity, Infinity, 1e-45, -1e-45, -1e38], 5)).toBe(
    '00011' + '11' + '01110',
  );
  expect(kept([-1, -2, -3, -0.5, 0], [-Infinity, Infinity, 1e-45, -1e-45, -1e38], 9)).toBe(
    '11111' + '11' + '01111',
  );
});

test('scores that differ in the last bit are told apart', () => {
  const next = Math.fround(1 + 2 ** -23);
  expect(kept([1, next, 1, 1, 1], [1, 1, next, 1, 1], 3)).toBe('11000' + '11' + '00100');
});

test('what was pruned stays pruned, whatever its score', () => {
  const mask = fullMask(layout);
  mask[1] = 0;
  mask[9] = 0;
  const values = scores([1, 9, 2, 8, 3], [7, 4, 6, 5, 0]);
  values[1] = NaN; // not read
  expect(pruneGlobally(values, mask, layout, 3).join('')).toBe('00010' + '11' + '10010');
});

test('all and none', () => {
  expect(kept([1, 9, 2, 8, 3], [7, 4, 6, 5, 0], 10)).toBe('111111111111');
  expect(kept([1, 9, 2, 8, 3], [7, 4, 6, 5, 0], 0)).toBe('00000' + '11' + '00000');
});

test('NaN is refused, naming the layer', () => {
  expect(() => kept([1, 2, 3, 4, 5], [1, 2, 3, NaN, 5], 3)).toThrow('weight 3 of c is not a number');
  expect(() => kept([1, 2, 3, 4, 5], [1, 2, 3, NaN, 5], 3)).toThrow(
    expect.objectContaining({ exitCode: ExitCode.job }) as Error,
  );
});

test('keeping more than are alive is refused', () => {
  expect(() => kept([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], 11)).toThrow(ConfigError);
  expect(() => kept([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], 2.5)).toThrow('2.5');
});

test('agrees with sorting on 200,000 weights with many ties', () => {
  const size = 200_000;
  const large = layOut([{ name: 'w', shape: [size], role: 'kernel', classifier: false }], false);
  const weights = Float32Array.from(
    { length: size },
    (_, i) => Math.round(Math.sin(i * 12.9898) * 3000) / 1000,
  );
  const magnitudes = scoreWeights({ kind: 'magnitude' }, { weights, layout: large });
  const mask = pruneGlobally(magnitudes, fullMask(large), large, 63_211);
  expect(aliveCount(mask, large)).toBe(63_211);
  const ranking = Array.from(weights.keys()).sort(
    (a, b) => Math.abs(weights[b] ?? 0) - Math.abs(weights[a] ?? 0) || a - b,
  );
  const expected = new Uint8Array(size);
  for (const i of ranking.slice(0, 63_211)) expected[i] = 1;
  expect(Buffer.compare(mask, expected)).toBe(0);
});

test('a criterion that does not exist is refused with the known ones', () => {
  const inputs = { weights: new Float32Array(12), layout };
  expect(() => scoreWeights({ kind: 'gradient' }, inputs)).toThrow(
    expect.objectContaining({ hint: 'Known kinds: magnitude.' }) as Error,
  );
});
