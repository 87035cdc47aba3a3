import { describe, expect, test } from 'vitest';
import { prunableOf } from '../../pruning/mask.ts';
import { pseudoRandom } from '../../training/fixtures.ts';
import { masked, opened, resultsOf, type Opened } from './analysis.fixture.ts';
import { figure } from './figure.fixture.ts';

const RUNS = ['imp/1', 'imp/2', 'imp/3', 'swamp-2/1', 'swamp-2/2', 'swamp-2/3'].map((run) => `test-0/${run}`);

/** Masks at random, of as many weights as are planned; every one drawn by itself. */
function drawn(open: Opened) {
  let seed = 0;
  return masked(open, ({ spec }) => {
    const { layout } = open.plan;
    const random = pseudoRandom(++seed);
    const mask = new Uint8Array(layout.total).fill(1);
    const places = prunableOf(layout).flatMap(({ offset, size }) =>
      Array.from({ length: size }, (_, at) => offset + at),
    );
    const shuffled = places
      .map((place) => ({ place, order: random() }))
      .sort((a, b) => a.order - b.order)
      .map(({ place }) => place);
    const alive = 'alive' in spec ? spec.alive : 0;
    for (const place of shuffled.slice(alive)) mask[place] = 0;
    return mask;
  });
}

/** Jaccard by sets, not by counts. */
function jaccard(a: Uint8Array, b: Uint8Array, open: Opened): number {
  const alive = (mask: Uint8Array): Set<number> =>
    new Set(
      prunableOf(open.plan.layout).flatMap(({ offset, size }) =>
        Array.from({ length: size }, (_, at) => offset + at).filter((place) => mask[place] === 1),
      ),
    );
  const [one, other] = [alive(a), alive(b)];
  const common = [...one].filter((place) => other.has(place)).length;
  return common / new Set([...one, ...other]).size;
}

describe('runs of two arms and three seeds', () => {
  const open = opened({ kind: 'masks' }, RUNS);
  const { masks, given } = drawn(open);
  const findings = open.read(resultsOf(given));
  const plan = open.plans.get('test-0');
  const maskOf = (slug: string, seed: number, round: number): Uint8Array => {
    const run = plan?.runs.find((each) => each.slug === slug && each.seed === seed);
    const link = run?.links.find((each) => each.role === 'prune' && each.round === round - 1);
    return masks.get(link?.job as never) as Uint8Array;
  };

  test('one job a run over its rounds, and one a round over the runs', () => {
    expect(
      open.plan.jobs.filter(({ spec }) => spec.kind === 'overlap').map(({ inputs }) => inputs.length),
    ).toEqual([3, 3, 3, 3, 3, 3, 6, 6, 6]);
  });

  test('overlap of two arms is the mean over seeds of intersection over union', () => {
    const { series } = figure(findings, 'lines', 'overlap');
    const pair = series.find(({ label }) => label === 'imp and swamp(2), same seed');
    for (const [at, round] of [1, 2, 3].entries()) {
      const values = [1, 2, 3].map((seed) =>
        jaccard(maskOf('imp', seed, round), maskOf('swamp-2', seed, round), open),
      );
      expect(pair?.points[at]?.y).toBeCloseTo(values.reduce((a, b) => a + b) / 3, 12);
      expect(pair?.points[at]?.low).toBeLessThan(Math.min(...values) + 0.2);
      expect(pair?.points[at]?.low).toBeDefined();
    }
  });

  test('pairs of seeds are not independent: no interval', () => {
    const { series } = figure(findings, 'lines', 'overlap');
    const between = series.find(({ label }) => label === 'imp between seeds');
    const values = [
      [1, 2],
      [1, 3],
      [2, 3],
    ].map(([a = 0, b = 0]) => jaccard(maskOf('imp', a, 3), maskOf('imp', b, 3), open));
    expect(between?.points[2]?.y).toBeCloseTo(values.reduce((a, b) => a + b) / 3, 12);
    expect(between?.points[2]).not.toHaveProperty('low');
  });

  test('chance at equal sparsity is d / (2 − d)', () => {
    const { series } = figure(findings, 'lines', 'overlap');
    const chance = series.find(({ label }) => label === 'chance, same sparsity');
    expect(chance?.dashed).toBe(true);
    for (const [at, density] of [0.5, 0.25, 0.125].entries())
      expect(chance?.points[at]?.y).toBeCloseTo(density / (2 - density), 12);
  });

  test('random masks have no more in common than chance: the claim stays open', () => {
    expect(findings.claims).toHaveLength(1);
    expect(findings.claims[0]).toMatchObject({ verdict: 'open', interval: '95 % interval over 3 seeds' });
    expect(Math.abs(findings.claims[0]?.value ?? 1)).toBeLessThan(0.15);
  });

  test('the heat map of a round holds every pair', () => {
    const heat = figure(findings, 'heat', 'between');
    expect(heat.title).toContain('round 3');
    expect(heat.rows.names).toEqual([
      'imp, seed 1',
      'imp, seed 2',
      'imp, seed 3',
      'swamp(2), seed 1',
      'swamp(2), seed 2',
      'swamp(2), seed 3',
    ]);
    expect(heat.values[1]?.[1]).toBe(1);
    expect(heat.values[1]?.[5]).toBeCloseTo(jaccard(maskOf('imp', 2, 3), maskOf('swamp-2', 3, 3), open), 12);
    expect(heat.values[5]?.[1]).toBe(heat.values[1]?.[5]);
  });

  test('density of a layer is its mean over seeds; round 0 is dense', () => {
    const heat = figure(findings, 'heat', 'density-imp');
    expect(heat.columns.names).toEqual(['0 (0.0 %)', '1 (50.0 %)', '2 (75.0 %)', '3 (87.5 %)']);
    for (const [layer, { offset, size }] of prunableOf(open.plan.layout).entries()) {
      const alive = [1, 2, 3].map(
        (seed) =>
          maskOf('imp', seed, 2)
            .subarray(offset, offset + size)
            .filter((bit) => bit === 1).length / size,
      );
      expect(heat.values[layer]?.[0]).toBe(1);
      expect(heat.values[layer]?.[2]).toBeCloseTo(alive.reduce((a, b) => a + b) / 3, 12);
    }
  });

  test('masks that were drawn anew are not parts of those before', () => {
    const heat = figure(findings, 'heat', 'rounds-imp');
    expect(heat.about).toContain('weights that were pruned come back');
  });
});

test('nested masks of all arms share one heat map: the ratio of their weights', () => {
  const open = opened({ kind: 'masks' }, RUNS);
  const { layout } = open.plan;
  const places = prunableOf(layout).flatMap(({ offset, size }) =>
    Array.from({ length: size }, (_, at) => offset + at),
  );
  const { given } = masked(open, ({ spec }) => {
    const mask = new Uint8Array(layout.total).fill(1);
    for (const place of places.slice('alive' in spec ? spec.alive : 0)) mask[place] = 0;
    return mask;
  });
  const findings = open.read(resultsOf(given));
  const heats = findings.figures.filter(({ id }) => id.startsWith('rounds-'));
  expect(heats).toHaveLength(1);
  expect(figure(findings, 'heat', 'rounds-imp').values).toEqual([
    [1, 0.5, 0.25],
    [0.5, 1, 0.5],
    [0.25, 0.5, 1],
  ]);
});

test('a layer pruned to nothing is told, with the rounds and runs', () => {
  const open = opened({ kind: 'masks' }, ['test-0/imp/1']);
  const last = prunableOf(open.plan.layout).at(-1);
  if (!last) throw new Error('no layer');
  const { given } = masked(open, ({ spec }) => {
    const mask = new Uint8Array(open.plan.layout.total).fill(1);
    if ('alive' in spec && spec.alive < 40) mask.fill(0, last.offset, last.offset + last.size);
    return mask;
  });
  const findings = open.read(resultsOf(given));
  const { rows } = figure(findings, 'table', 'collapse');
  expect(rows.map((row) => [row[0], row[1], row[4]])).toEqual([
    ['imp', 2, last.name],
    ['imp', 3, last.name],
  ]);
  expect(findings.notes[0]).toContain('2 masks leave nothing of a layer');
});

test('masks of different shapes are refused in words, each run’s own densities shown', () => {
  const open = opened({ kind: 'masks' }, ['test-0/imp/1', 'wide-0/imp/1'], {
    'test-0': {},
    'wide-0': { model: { kind: 'lenet', hidden: [8, 4] } },
  });
  const findings = open.read(resultsOf(new Map()));
  const words = figure(findings, 'words', 'between');
  expect(words.text).toContain('different shapes');
  expect(words.hint).not.toBe('');
  expect(open.plan.jobs.every(({ inputs, spec }) => spec.kind !== 'overlap' || inputs.length === 3)).toBe(
    true,
  );
});

test('the first member of an ensemble has the masks of IMP and counts once', () => {
  const open = opened({ kind: 'masks' }, ['test-0/imp/1', 'test-0/imp-ensemble-2/1'], {
    'test-0': { arms: ['imp', { kind: 'imp-ensemble', members: 2 }] },
  });
  const { given } = drawn(open);
  const findings = open.read(resultsOf(given));
  expect(figure(findings, 'heat', 'between').rows.names).toEqual(['imp', 'imp-ensemble(2) member 1']);
  expect(findings.notes.join()).toContain('imp-ensemble(2) member 0 has the masks of imp');
});

test('a round that no two runs prune in is refused', () => {
  expect(() => opened({ kind: 'masks', round: 9 }, RUNS)).toThrow(
    /round: no two of these runs have a mask in round 9/,
  );
});

test('what is not done yet is said, not drawn', () => {
  const open = opened({ kind: 'masks' }, RUNS);
  const findings = open.read(resultsOf(new Map()));
  expect(figure(findings, 'words', 'density-imp').text).not.toBe('');
  expect(findings.claims).toEqual([]);
  expect(findings.notes.at(-1)).toBe('9 of 9 comparisons of masks are not done yet.');
});
