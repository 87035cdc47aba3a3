import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../contract/errors.ts';
import { layOut } from '../../contract/parameters.ts';
import { aliveCount, fullMask, perLayerAlive, type Mask } from '../mask.ts';
import { cubicAlive } from './cubic.ts';
import { cosineFraction } from './drop-grow.ts';
import { openRule, type OpenRule } from './registry.ts';
import type { UpdateInputs } from './rule.ts';

const layout = layOut(
  [
    { name: 'a', shape: [2, 4], role: 'kernel', classifier: false },
    { name: 'b', shape: [3], role: 'bias', classifier: false },
    { name: 'c', shape: [2, 3], role: 'kernel', classifier: false },
  ],
  false,
);
const maskOf = (a: string, c: string): Mask => Uint8Array.from([...a, ...'111', ...c], Number);
const flat = (a: number[], c: number[]): Float32Array => Float32Array.from([...a, 9, 9, 9, ...c]);

/** The next mask at one step of a hundred, with what a case gives. */
function next(rule: OpenRule, given: Partial<UpdateInputs>): string {
  const mask = given.mask ?? fullMask(layout);
  const made = rule.next({
    iteration: 10,
    iterations: 100,
    weights: new Float32Array(layout.total),
    gradient: null,
    mask,
    first: fullMask(layout),
    layout,
    scope: undefined,
    alive: { start: 14, end: aliveCount(mask, layout) },
    draw: () => 0,
    ...given,
  });
  return made.join('');
}

describe('when a mask is updated', () => {
  test('every so many steps, before the share of the training is over', () => {
    const at = (options: object, iterations: number): number[] =>
      openRule({ kind: 'set', every: 10, ...options }).updates(iterations);
    expect(at({}, 80)).toEqual([10, 20, 30, 40, 50]);
    expect(at({}, 81)).toEqual([10, 20, 30, 40, 50, 60]);
    expect(at({ until: 1 }, 30)).toEqual([10, 20]);
  });

  test.each(['gmp', 'set', 'rigl', 'dpf'])('%s without any update is refused', (kind) => {
    const rule = openRule({ kind, every: 50, until: 0.5 });
    expect(rule.updates(102)).toEqual([50]);
    expect(() => rule.updates(100)).toThrow(ConfigError);
    expect(() => rule.updates(100)).toThrow(/every 50 steps until 0\.5 of 100 steps/);
  });

  test.each([
    [{ kind: 'rigl', every: 1 }, /rule\.every.*given: 1/],
    [{ kind: 'set', fraction: 1 }, /rule\.fraction.*given: 1/],
    [{ kind: 'gmp', until: 0 }, /rule\.until.*given: 0/],
    [{ kind: 'dpf', fraction: 0.3 }, /fraction/],
    [{ kind: 'snfs' }, /there is no 'snfs'/],
  ])('%j is refused', (spec, message) => {
    expect(() => openRule(spec)).toThrow(message);
  });
});

describe('counts of a rule that prunes', () => {
  /** By the list of all updates, as these rules are defined. */
  function byList({ kind, ramp }: { kind: string; ramp?: number }, rule: OpenRule, iterations: number) {
    const updates = rule.updates(iterations);
    const [first = NaN] = updates;
    const end = Math.floor((ramp ?? 0) * iterations + 0.5);
    const last =
      kind === 'gmp' ? (updates.at(-1) ?? NaN) : (updates.findLast((each) => each <= end) ?? first);
    return updates.map((iteration) => cubicAlive({ start: 1000, end: 37 }, iteration / last));
  }

  test.each(['gmp', 'dpf'])('%s: end with the last update, wherever it falls', (kind) => {
    for (const iterations of [17, 100, 351, 560])
      for (const every of [1, 3, 10, 16])
        for (const until of [0.25, 0.6, 1])
          for (const ramp of kind === 'dpf' ? [0.01, 0.25, 0.5, 1] : [undefined]) {
            const options = { kind, every, until, ...(ramp !== undefined && { ramp }) };
            if (every >= Math.floor(until * iterations + 0.5)) continue;
            const rule = openRule(options);
            const alive = { start: 1000, end: 37 };
            const counts = rule
              .updates(iterations)
              .map((iteration) => rule.count({ iteration, iterations, alive }));
            expect(counts, JSON.stringify([options, iterations])).toEqual(byList(options, rule, iterations));
          }
  });

  test.each(['gmp', 'dpf'])('%s: are had without going through all updates', (kind) => {
    const place = { iteration: 2, iterations: 1e15, alive: { start: 1000, end: 37 } };
    expect(openRule({ kind, every: 2 }).count(place)).toBe(1000);
  });
});

test('the cubic: exact at its ends, rounded half up between', () => {
  const counts = [0, 0.25, 0.5, 0.75, 1, 2].map((x) => cubicAlive({ start: 1000, end: 100 }, x));
  // 100 + 900 · (1 − x)³: 479.6875, 212.5, 114.0625.
  expect(counts).toEqual([1000, 480, 213, 114, 100, 100]);
});

test('the share that is replaced: all of it at first, half in the middle, none at the end', () => {
  expect([0, 50, 100].map((at) => cosineFraction(0.3, at, 100))).toEqual([0.3, 0.15, 0]);
});

describe('gmp', () => {
  const gmp = openRule({ kind: 'gmp', every: 10, until: 0.45 });
  const place = { iterations: 100, alive: { start: 14, end: 4 } };

  test('reaches the end with the last update', () => {
    expect(gmp.updates(100)).toEqual([10, 20, 30, 40]);
    // 4 + 10 · (1, 3/4, 1/2, 1/4, 0)³
    expect([10, 20, 30, 40].map((iteration) => gmp.count({ iteration, ...place }))).toEqual([8, 5, 4, 4]);
  });

  test('takes the smallest of the whole network, of equal ones the later, and what is pruned stays pruned', () => {
    const given = { weights: flat([8, -7, 1, 2, 0, 0, 9, 0], [-6, 5, 4, 3, 2, 1]), ...place };
    expect(next(gmp, { ...given, iteration: 10 })).toBe('11010010' + '111' + '111100');
    const mask = maskOf('01110010', '111100');
    expect(next(gmp, { ...given, mask, iteration: 40 })).toBe('01000010' + '111' + '110000');
  });

  test('compares within layers where the scope says so', () => {
    const given = { weights: flat([8, -7, 1, 2, 0, 0, 9, 0], [6, 5, 4, 3, 2, 1]), ...place, iteration: 20 };
    // 5 of 14: 2.86 and 2.14 weights.
    expect(next(gmp, { ...given, scope: { kind: 'uniform' } })).toBe('11000010' + '111' + '110000');
  });
});

describe('set and rigl', () => {
  const options = { every: 10, until: 1, fraction: 0.99 };
  // α/2 (1 + cos(π/10)) = 0.966: of four weights three go.
  const mask = maskOf('11110000', '111000');
  const weights = flat([1, -4, 2, 3, 0, 0, 0, 0], [1, -2, 3, 0, 0, 0]);

  test('rigl drops the smallest of each layer and grows where the gradient is largest', () => {
    const gradient = flat([0, 0, 0, 0, 1, -7, 5, 6], [0, 0, 0, 2, -3, 1]);
    // a keeps −4 and grows 5, 7, 6; c keeps 3 and grows two of three.
    expect(next(openRule({ kind: 'rigl', ...options }), { mask, weights, gradient })).toBe(
      '01000111' + '111' + '001110',
    );
  });

  test('what was dropped may grow again at once', () => {
    const gradient = flat([9, 0, 8, 0, 1, 0, 0, 0], [9, 9, 0, 0, 0, 0]);
    expect(next(openRule({ kind: 'rigl', ...options }), { mask, weights, gradient })).toBe(
      '11101000' + '111' + '111000',
    );
  });

  test('a layer that is whole stays whole, and among equal weights the later goes', () => {
    const whole = maskOf('11111111', '110000');
    const gradient = flat([0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 4]);
    // Of two equal weights floor(0.966 · 2) goes.
    const equal = { mask: whole, weights: flat([1, 1, 1, 1, 1, 1, 1, 1], [2, 2, 0, 0, 0, 0]), gradient };
    expect(next(openRule({ kind: 'rigl', ...options }), equal)).toBe('11111111' + '111' + '100001');
  });

  test('set grows at random: every choice of those not alive, each as often', () => {
    const one = openRule({ kind: 'set', ...options, fraction: 0.5 });
    const times = new Map<string, number>();
    let state = 1;
    const draw = (range: number): number => (state = (state * 48271) % 2147483647) % range;
    for (let at = 0; at < 600; at++) {
      // α/2 (1 + cos(π/10)) = 0.488: one of four goes, one of three.
      const made = next(one, { mask, weights, draw });
      times.set(made, (times.get(made) ?? 0) + 1);
    }
    // a drops its first, and one of five grows; c drops its first, and one of four grows.
    expect(times.size).toBe(5 * 4);
    for (const [made, count] of times) {
      expect(made).toMatch(/^.111....111.11...$/);
      expect(count).toBeGreaterThan(10);
      expect(count).toBeLessThan(60);
    }
  });

  test('every layer keeps its count', () => {
    const draw = (range: number): number => range - 1;
    const made = openRule({ kind: 'set', ...options }).next({
      ...{ iteration: 10, iterations: 100, weights, gradient: null, mask, first: mask, layout },
      ...{ scope: undefined, alive: { start: 7, end: 7 }, draw },
    });
    expect([...perLayerAlive(made, layout)]).toEqual([...perLayerAlive(mask, layout)]);
  });

  test('near the end nothing is replaced any more', () => {
    const late = {
      mask,
      weights,
      gradient: flat([9, 9, 9, 9, 9, 9, 9, 9], [9, 9, 9, 9, 9, 9]),
      iteration: 90,
    };
    expect(next(openRule({ kind: 'rigl', ...options }), late)).toBe(mask.join(''));
  });
});

describe('dpf', () => {
  const dpf = openRule({ kind: 'dpf', every: 10 });
  const place = { iterations: 100, alive: { start: 14, end: 4 } };

  test('rises in the first half, and is updated to the end', () => {
    const updates = dpf.updates(100);
    expect(updates).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90]);
    // 4 + 10 · (4/5, 3/5, 2/5, 1/5, 0, …)³
    expect(updates.map((iteration) => dpf.count({ iteration, ...place }))).toEqual([
      9, 6, 5, 4, 4, 4, 4, 4, 4,
    ]);
  });

  test('brings back what has grown, but not what the start has pruned', () => {
    const weights = flat([8, -7, 1, 2, 0, 0, 9, 0], [6, 5, 4, 3, 2, 1]);
    const given = { weights, mask: maskOf('00111111', '000111'), ...place, iteration: 60 };
    expect(next(dpf, given)).toBe('11000010' + '111' + '100000');
    const first = maskOf('01111111', '011111');
    expect(next(dpf, { ...given, first })).toBe('01000010' + '111' + '011000');
  });
});
