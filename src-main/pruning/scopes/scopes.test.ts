import { describe, expect, test } from 'vitest';
import { layOut, type Parameter } from '../../contract/parameters.ts';
import { aliveCount, fullMask, perLayerAlive } from '../mask.ts';
import { layerCounts } from './by-layer.ts';
import { chooseMask, layerDensities, reachableCount } from './registry.ts';

const kernel = (name: string, shape: number[]): Parameter => ({
  name,
  shape,
  role: 'kernel',
  classifier: false,
});
/** A stem of 3 channels, which groups of 4 cannot divide; a convolution; a dense layer. */
const layout = layOut(
  [kernel('a/kernel', [3, 3, 3, 2]), kernel('b/kernel', [3, 3, 8, 4]), kernel('c/kernel', [16, 10])],
  false,
);
const scores = Float32Array.from({ length: layout.total }, (_, at) => Math.abs(Math.sin(12.9898 * (at + 1))));
const full = fullMask(layout);

describe('global', () => {
  test('keeps the largest scores of all layers, and is the default', () => {
    const mask = chooseMask(undefined, { scores, mask: full, layout, alive: 100 });
    const least = Math.min(...scores.filter((_, at) => mask[at] === 1));
    expect(scores.filter((_, at) => mask[at] === 0).every((score) => score <= least)).toBe(true);
    expect(chooseMask({ kind: 'global' }, { scores, mask: full, layout, alive: 100 })).toEqual(mask);
  });
});

describe('uniform', () => {
  test('every layer keeps its share, and the sum is exact', () => {
    const alive = Math.round(0.37 * layout.prunable);
    const mask = chooseMask({ kind: 'uniform' }, { scores, mask: full, layout, alive });
    expect(aliveCount(mask, layout)).toBe(alive);
    const sizes = new Map(layout.parameters.map(({ name, size }) => [name, size]));
    for (const [name, count] of perLayerAlive(mask, layout))
      expect(Math.abs(count - (alive / layout.prunable) * (sizes.get(name) ?? 0))).toBeLessThan(1);
  });

  test('the next mask lies in the one before, down to one weight', () => {
    let mask = full;
    for (let alive = layout.prunable - 1; alive >= 1; alive -= 7) {
      const next = chooseMask({ kind: 'uniform' }, { scores, mask, layout, alive });
      expect(aliveCount(next, layout)).toBe(alive);
      expect(next.every((bit, at) => bit <= (mask[at] ?? 0))).toBe(true);
      mask = next;
    }
  });

  test('layers that a given mask has emptied leave their share to the others', () => {
    const mask = full.slice();
    for (const { name, offset, size } of layout.parameters)
      if (name === 'c/kernel') mask.fill(0, offset, offset + size - 5);
    const next = chooseMask({ kind: 'uniform' }, { scores, mask, layout, alive: 250 });
    expect(aliveCount(next, layout)).toBe(250);
    expect(perLayerAlive(next, layout).get('c/kernel')).toBe(5);
  });
});

test.each([{ kind: 'uniform' }, { kind: 'erk' }, { kind: 'n-m', m: 4 }])(
  'the densities that $kind tells are those of its masks',
  (scope) => {
    const alive = reachableCount(scope, Math.round(0.5 * layout.prunable), layout);
    const share = layerDensities(scope, layout)(alive);
    const mask = chooseMask(scope, { scores, mask: full, layout, alive });
    const kept = perLayerAlive(mask, layout);
    for (const layer of layout.parameters)
      expect(Math.abs((kept.get(layer.name) ?? NaN) - share(layer) * layer.size)).toBeLessThan(1);
    expect(new Set(layout.parameters.map(share)).size > 1).toBe(scope.kind !== 'uniform');
  },
);

test('where scores decide, every layer is taken to have the same density', () => {
  const share = layerDensities(undefined, layout)(100);
  for (const layer of layout.parameters) expect(share(layer)).toBeCloseTo(100 / layout.prunable, 12);
});

test.each(['global', 'uniform', 'erk', 'n-m'])(
  '%s refuses a score that is not a number, naming its layer',
  (kind) => {
    const alive = reachableCount({ kind }, Math.round(0.5 * layout.prunable), layout);
    for (const { name, offset } of layout.parameters) {
      const broken = scores.slice();
      broken[offset + 3] = NaN;
      const choose = (mask = full) => chooseMask({ kind }, { scores: broken, mask, layout, alive });
      expect(choose).toThrow(`The score of weight 3 of ${name} is not a number`);
    }
  },
);

test('n-m does not look at the scores of what is pruned already', () => {
  const whole = 3 * 3 * 3 * 2;
  const alive = whole + (3 * 3 * 8 * 4 + 16 * 10) / 2;
  const spec = { kind: 'n-m' };
  const mask = chooseMask(spec, { scores, mask: full, layout, alive });
  const broken = scores.map((score, at) => (mask[at] === 0 ? NaN : score));
  expect(chooseMask(spec, { scores: broken, mask, layout, alive })).toEqual(mask);
});

describe('counts of layers', () => {
  test('rounded down, the rest to those that lose most', () => {
    const layers = [2.6, 3.7, 1.7].map((wanted) => ({ wanted, most: 10 }));
    expect(layerCounts(layers, 8)).toEqual([2, 4, 2]);
    expect(layerCounts(layers, 7)).toEqual([2, 4, 1]);
  });

  test('never more than there are, never less than none', () => {
    expect(
      layerCounts(
        [
          { wanted: 9, most: 2 },
          { wanted: 1, most: 20 },
        ],
        10,
      ),
    ).toEqual([2, 8]);
    expect(
      layerCounts(
        [
          { wanted: 5, most: 5 },
          { wanted: 5, most: 5 },
        ],
        3,
      ),
    ).toHaveLength(2);
    expect(
      layerCounts(
        [
          { wanted: 5, most: 5 },
          { wanted: 0, most: 5 },
        ],
        3,
      ),
    ).toEqual([3, 0]);
    expect(() => layerCounts([{ wanted: 5, most: 5 }], 6)).toThrow(/6 weights are to stay, but only 5/);
  });
});

describe('n-m', () => {
  const spec = { kind: 'n-m', m: 4 };
  const grouped = 3 * 3 * 8 * 4 + 16 * 10;
  const whole = 3 * 3 * 3 * 2;

  test.each([1, 2, 3])('%i of 4 inputs of every output stay, the largest scores', (n) => {
    const alive = reachableCount(spec, Math.round((n / 4) * layout.prunable), layout);
    expect(alive).toBe(whole + (grouped * n) / 4);
    const mask = chooseMask(spec, { scores, mask: full, layout, alive });
    expect(aliveCount(mask, layout)).toBe(alive);
    // By hand, from the definition: inputs in steps of 4, for each place of the kernel and each output.
    for (const { name, shape, offset } of layout.parameters) {
      if (name === 'a/kernel') continue;
      const [places, inputs, outputs] =
        shape.length === 4 ? [9, shape[2] ?? 0, shape[3] ?? 0] : [1, shape[0] ?? 0, shape[1] ?? 0];
      for (let place = 0; place < places; place++)
        for (let first = 0; first < inputs; first += 4)
          for (let output = 0; output < outputs; output++) {
            const group = [0, 1, 2, 3].map((at) => offset + (place * inputs + first + at) * outputs + output);
            const kept = group.filter((at) => mask[at] === 1);
            expect(kept).toHaveLength(n);
            const best = group.toSorted((x, y) => (scores[y] ?? 0) - (scores[x] ?? 0)).slice(0, n);
            expect(new Set(kept)).toEqual(new Set(best));
          }
    }
  });

  test('the next mask lies in the one before', () => {
    const at = (n: number): number => whole + (grouped * n) / 4;
    const half = chooseMask(spec, { scores, mask: full, layout, alive: at(2) });
    const fewer = chooseMask(spec, {
      scores: scores.map((score) => -score),
      mask: half,
      layout,
      alive: at(1),
    });
    expect(aliveCount(fewer, layout)).toBe(at(1));
    expect(fewer.every((bit, index) => bit <= (half[index] ?? 0))).toBe(true);
  });

  test('sparsities that groups cannot have are refused, with those they can', () => {
    const refused = (): number => reachableCount(spec, Math.round(0.8 * layout.prunable), layout);
    expect(refused).toThrow(/prunes 19\.92 %, which groups of 4 weights cannot/);
    expect(refused).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('[0.25, 0.5, 0.75]') as string }),
    );
    expect(() => reachableCount({ kind: 'n-m', m: 7 }, 100, layout)).toThrow(/no layer.*7 divides/);
    expect(() => reachableCount({ kind: 'n-m', m: 1 }, 100, layout)).toThrow(/scope\.m/);
  });

  test('a mask that has too few in some groups is refused', () => {
    const mask = full.slice();
    const dense = layout.parameters.find(({ name }) => name === 'c/kernel');
    mask.fill(0, dense?.offset, (dense?.offset ?? 0) + (dense?.size ?? 0));
    expect(() => chooseMask(spec, { scores, mask, layout, alive: whole + grouped / 2 })).toThrow(
      /groups of 4 weights would keep/,
    );
  });
});
