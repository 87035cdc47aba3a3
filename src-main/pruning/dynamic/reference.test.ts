import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { layOut } from '../../contract/parameters.ts';
import { fullMask, perLayerAlive } from '../mask.ts';
import { chooseMask, reachableCount } from '../scopes/registry.ts';
import { cubicAlive } from './cubic.ts';

// Numbers of e2e/verify/dynamic_reference.py.
const { erk, cubic } = JSON.parse(
  readFileSync(new URL('../../../e2e/verify/fixtures/dynamic.json', import.meta.url), 'utf8'),
) as {
  erk: { shapes: Record<string, number[]>; alive: number; counts: Record<string, number> }[];
  cubic: { start: number; end: number; progress: number; alive: number }[];
};

const layoutOf = (shapes: Record<string, number[]>) =>
  layOut(
    Object.entries(shapes).map(([name, shape]) => ({ name, shape, role: 'kernel', classifier: false })),
    false,
  );

test.each(erk)('ERK: weights of every layer, $alive in all', ({ shapes, alive, counts }) => {
  const layout = layoutOf(shapes);
  const scores = new Float32Array(layout.total).map((_, at) => Math.sin(at * 12.9898));
  const mask = chooseMask({ kind: 'erk' }, { scores, mask: fullMask(layout), layout, alive });
  expect(Object.fromEntries(perLayerAlive(mask, layout))).toEqual(counts);
});

test.each(cubic)('the cubic from $start to $end at $progress', ({ start, end, progress, alive }) => {
  expect(cubicAlive({ start, end }, progress)).toBe(alive);
});

test('a sparsity that would leave a layer nothing is refused, naming the layer', () => {
  const layout = layoutOf({ large: [1000, 1000], small: [2, 1] });
  const erkCount = (alive: number): number => reachableCount({ kind: 'erk' }, alive, layout);
  expect(erkCount(4000)).toBe(4000);
  expect(() => erkCount(300)).toThrow(/of 300 of 1000002 weights, ERK densities would leave small none/);
});
