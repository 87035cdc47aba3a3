import { expect, test } from 'vitest';
import { layOut, type Parameter } from '../contract/parameters.ts';
import { networkBytes } from './bytes.ts';

const tensor = (name: string, shape: number[], role: Parameter['role'] = 'kernel'): Parameter => ({
  name,
  shape,
  role,
  classifier: false,
});
const layout = layOut([tensor('a', [3, 7]), tensor('b', [7], 'bias'), tensor('c', [70_000, 1])], false);

test('a dense network is larger with bits or indices than without', () => {
  expect(networkBytes(layout, [21, 70_000], 4)).toEqual({
    dense: 4 * (21 + 7 + 70_000 + 4),
    bitmap: 4 * (21 + 7 + 70_000 + 4) + 3 + 8750,
    indices: 4 * (21 + 7 + 70_000 + 4) + 2 * 21 + 4 * 70_000,
  });
});

test('pruned weights take nothing but their bit; indices of large tensors take four bytes', () => {
  expect(networkBytes(layout, [5, 100], 0)).toEqual({
    dense: 4 * 70_028,
    bitmap: 4 * (5 + 7 + 100) + 3 + 8750,
    indices: 6 * 5 + 4 * 7 + 8 * 100,
  });
});
