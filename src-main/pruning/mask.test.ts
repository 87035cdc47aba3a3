import { describe, expect, test } from 'vitest';
import { DataError } from '../contract/errors.ts';
import { layOut } from '../contract/parameters.ts';
import {
  aliveCount,
  applyMask,
  fullMask,
  maskFromTensors,
  maskToTensors,
  perLayerAlive,
  sparsity,
} from './mask.ts';

const layout = layOut(
  [
    { name: 'b/kernel', shape: [2, 3], role: 'kernel', classifier: false },
    { name: 'b/bias', shape: [3], role: 'bias', classifier: false },
    { name: 'a/kernel', shape: [4], role: 'kernel', classifier: false },
    { name: 'z/kernel', shape: [3, 2], role: 'kernel', classifier: true },
  ],
  false,
);
// a/kernel 0–3, b/bias 4–6, b/kernel 7–12, z/kernel 13–18

test('the full mask is alive everywhere; only prunable weights are counted', () => {
  const mask = fullMask(layout);
  expect(mask).toHaveLength(19);
  expect(aliveCount(mask, layout)).toBe(10);
  expect(sparsity(mask, layout)).toBe(0);
});

test('sparsity is pruned / prunable, and each layer its count', () => {
  const mask = fullMask(layout);
  for (const i of [0, 7, 8, 9]) mask[i] = 0;
  expect(sparsity(mask, layout)).toBe(0.4);
  expect([...perLayerAlive(mask, layout)]).toEqual([
    ['a/kernel', 3],
    ['b/kernel', 3],
  ]);
});

test('masked weights are +0, whatever they were', () => {
  const weights = Float32Array.from([-1, Infinity, NaN, -0, 2]);
  applyMask(weights, Uint8Array.from([0, 0, 0, 0, 1]));
  expect([...weights].map((value) => Object.is(value, 0))).toEqual([true, true, true, true, false]);
  expect(weights[4]).toBe(2);
});

test('vectors of another length are refused', () => {
  expect(() => applyMask(new Float32Array(3), new Uint8Array(4))).toThrow(RangeError);
  expect(() => aliveCount(new Uint8Array(4), layout)).toThrow(/4 elements.*19/);
});

describe('stored masks', () => {
  const mask = fullMask(layout);
  for (const i of [1, 2, 12]) mask[i] = 0;

  test('have one tensor for each prunable layer and read back the same', () => {
    const tensors = maskToTensors(mask, layout);
    expect([...tensors.keys()]).toEqual(['mask/a/kernel', 'mask/b/kernel']);
    expect(tensors.get('mask/b/kernel')).toMatchObject({ dtype: 'U8', shape: [2, 3] });
    expect(maskFromTensors(tensors, layout)).toEqual(mask);
  });

  test('may lie among other tensors', () => {
    const tensors = new Map<string, { shape: readonly number[]; data: Uint8Array }>(
      maskToTensors(mask, layout),
    );
    tensors.set('b/bias', { shape: [3], data: new Uint8Array(12) });
    expect(maskFromTensors(tensors, layout)).toEqual(mask);
  });

  test.each([
    ['missing layer', (t: Map<string, unknown>) => t.delete('mask/a/kernel'), 'no mask for a/kernel'],
    [
      'other shape',
      (t: Map<string, unknown>) => t.set('mask/b/kernel', { shape: [3, 2], data: new Uint8Array(6) }),
      'mask of b/kernel is [3,2], the layer [2,3]',
    ],
    [
      'other bytes',
      (t: Map<string, unknown>) =>
        t.set('mask/a/kernel', { shape: [4], data: Uint8Array.from([1, 0, 7, 1]) }),
      'holds 7',
    ],
    [
      'unprunable layer',
      (t: Map<string, unknown>) => t.set('mask/z/kernel', { shape: [3, 2], data: new Uint8Array(6) }),
      'mask/z/kernel is for a layer',
    ],
  ])('that do not fit the model are refused: %s', (_case, spoil, message) => {
    const tensors = maskToTensors(mask, layout);
    spoil(tensors);
    expect(() => maskFromTensors(tensors, layout)).toThrow(DataError);
    expect(() => maskFromTensors(tensors, layout)).toThrow(message);
  });
});
