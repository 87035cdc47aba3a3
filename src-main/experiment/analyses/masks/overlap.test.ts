import { describe, expect, test } from 'vitest';
import type { Findings } from '../../../contract/figures.ts';
import type { PlannedJob } from '../../../contract/job.ts';
import { prunableOf } from '../../../pruning/mask.ts';
import { pseudoRandom } from '../../../training/fixtures.ts';
import { masked, opened, resultsOf, type Opened } from '../analysis.fixture.ts';
import { figure } from '../figure.fixture.ts';

/** Masks at random, of as many weights as are planned; every one drawn by itself from `support`. */
function drawn(
  open: Opened,
  support: (layer: { offset: number; size: number }) => number = ({ size }) => size,
) {
  let seed = 0;
  const { layout } = open.plan;
  const places = prunableOf(layout).flatMap((layer) =>
    Array.from({ length: support(layer) }, (_, at) => layer.offset + at),
  );
  return masked(open, ({ spec }: PlannedJob) => {
    const random = pseudoRandom(++seed);
    const mask = new Uint8Array(layout.total).fill(1);
    for (const { offset, size } of prunableOf(layout)) mask.fill(0, offset, offset + size);
    const shuffled = places.map((place) => ({ place, order: random() })).sort((a, b) => a.order - b.order);
    const alive = 'alive' in spec ? spec.alive : places.length;
    for (const { place } of shuffled.slice(0, alive)) mask[place] = 1;
    return mask;
  });
}

function findingsOf(open: Opened): Findings {
  return open.read(resultsOf(drawn(open).given));
}

const series = (findings: Findings, label: string) =>
  figure(findings, 'lines', 'overlap').series.find((each) => each.label === label);

/** Jaccard that chance gives two masks of a density. */
const chance = (density: number): number => density / (2 - density);

describe('runs of two schedules', () => {
  const runs = ['test-0/imp/1', 'test-0/swamp-2/1', 'slow-0/imp/1', 'slow-0/swamp-2/1'];
  const schedule = (rounds: number) => ({ sparsity: { kind: 'geometric', fraction: 0.3, rounds } });
  const findings = findingsOf(
    opened({ kind: 'masks' }, runs, { 'test-0': {}, 'slow-0': { name: 'slow', ...schedule(3) } }),
  );

  test('are compared where both masks are as sparse alone', () => {
    const { values, rows, about } = figure(findings, 'heat', 'between');
    expect(rows.names[0]).toMatch(/^imp, .*\(87\.5 %\)$/);
    expect(rows.names[2]).toMatch(/^imp, .*\(65\.8 %\)$/);
    expect(about).toContain('masks of different sparsities are not compared');
    expect(values.map((row) => row.map((value) => value !== null))).toEqual([
      [true, true, false, false],
      [true, true, false, false],
      [false, false, true, true],
      [false, false, true, true],
    ]);
  });

  test('have the chance of each sparsity beside them', () => {
    const points = series(findings, 'chance, same sparsity')?.points ?? [];
    expect(points).toHaveLength(6);
    for (const { x, y } of points) expect(y).toBeCloseTo(chance(1 - x), 12);
    expect(points.map(({ x }) => x)).toEqual(points.map(({ x }) => x).toSorted((a, b) => a - b));
  });

  test('are drawn by layer for each sparsity', () => {
    const [dense, sparse] = ['overlap-by-layer', 'overlap-by-layer-2'].map((id) =>
      figure(findings, 'bars', id),
    );
    expect([dense?.about, sparse?.about]).toEqual([
      'At 65.8 % sparsity; means over pairs.',
      'At 87.5 % sparsity; means over pairs.',
    ]);
    expect(dense?.series).toHaveLength(2);
    expect(dense?.series[0]?.label).toContain('slow-0');
  });
});

test('by layer counts the last round that all have', () => {
  const runs = ['test-0/imp/1', 'test-0/swamp-2/1', 'short-0/imp/2', 'short-0/swamp-2/2'];
  const sparsity = { kind: 'geometric', fraction: 0.5, rounds: 2 };
  const open = opened({ kind: 'masks' }, runs, { 'test-0': {}, 'short-0': { name: 'short', sparsity } });
  expect(figure(findingsOf(open), 'bars', 'overlap-by-layer').title).toBe('Overlap by layer in round 2');
});

test('what a given mask fixes of both is no agreement', () => {
  const experiments = { 'test-0': { start: { mask: '/m.npz' } } };
  const open = opened({ kind: 'masks' }, ['test-0/imp/1', 'test-0/swamp-2/1'], experiments);
  const half = ({ size }: { size: number }): number => size / 2;
  const { given, masks } = drawn(open, half);
  const findings = open.read(resultsOf(given));
  const points = series(findings, 'chance, same sparsity')?.points ?? [];
  // 60 of 120 weights are left by the mask that is given: of these every mask has twice its density.
  expect(points.map(({ name }) => name)).toEqual(['round 0', 'round 1', 'round 2', 'round 3']);
  for (const { x, y } of points) expect(y).toBeCloseTo(chance(2 * (1 - x)), 12);
  const made = (open.plans.get('test-0')?.runs ?? []).flatMap(({ seed, links }) => {
    const link = links.find(({ role, round }) => role === 'prune' && round === 0);
    const mask = link && masks.get(link.job);
    return seed === 1 && mask ? [mask] : [];
  });
  let [common, either] = [0, 0];
  for (const layer of prunableOf(open.plan.layout)) {
    const [a = NaN, b = NaN] = made.map((mask) =>
      mask.subarray(layer.offset, layer.offset + layer.size).reduce((sum, bit) => sum + bit, 0),
    );
    const expected = (a * b) / half(layer);
    common += expected;
    either += a + b - expected;
  }
  expect(series(findings, 'chance, layers as dense')?.points[1]?.y).toBeCloseTo(common / either, 12);
});

describe('claims', () => {
  const both = (at: string): string[] => [`test-0/imp/${at}`, `test-0/swamp-2/${at}`];
  const gainsOf = (findings: Findings): number[] => {
    const pair = series(findings, 'imp and swamp(2), same seed')?.points ?? [];
    const layers = series(findings, 'chance, layers as dense')?.points ?? [];
    return pair.map(({ y }, at) => (y ?? NaN) - (layers[at]?.y ?? NaN));
  };

  test('average seeds that have all the rounds', () => {
    const alone = findingsOf(opened({ kind: 'masks', from: 0.5 }, both('1')));
    const [value = NaN] = [gainsOf(alone).reduce((a, b) => a + b) / 3];
    expect(alone.claims[0]?.value).toBeCloseTo(value, 12);
    const open = opened({ kind: 'masks', from: 0.5 }, [...both('1'), ...both('2@1')]);
    const { claims } = findingsOf(open);
    expect(claims).toHaveLength(1);
    expect(claims[0]).toMatchObject({ interval: 'one seed: no interval' });
    expect(claims[0]?.value).toBeCloseTo(value, 12);
  });

  test('do not mix seeds', () => {
    const { claims } = findingsOf(opened({ kind: 'masks', from: 0.5 }, [...both('1@1'), ...both('2@2')]));
    expect(claims).toEqual([]);
  });

  test('that there can be none is noted', () => {
    const { claims, notes } = findingsOf(opened({ kind: 'masks', from: 0.9 }, both('1')));
    expect(claims).toEqual([]);
    expect(notes).toContain('No claims: no network that is looked at is 90.0 % sparse or sparser.');
    expect(findingsOf(opened({ kind: 'masks' }, both('1'))).notes.join()).not.toContain('No claims');
    // Of one run there is nothing to claim.
    expect(findingsOf(opened({ kind: 'masks', from: 0.9 }, ['test-0/imp/1'])).notes.join()).not.toContain(
      'No claims',
    );
  });
});

describe('ensembles', () => {
  const experiments = { 'test-0': { arms: ['imp', { kind: 'imp-ensemble', members: 2 }] } };

  test('whose first member has the masks of IMP keep their own family', () => {
    const runs = ['imp/1', 'imp/2', 'imp-ensemble-2/1', 'imp-ensemble-2/2'].map((run) => `test-0/${run}`);
    const findings = findingsOf(opened({ kind: 'masks' }, runs, experiments));
    const labels = figure(findings, 'lines', 'overlap').series.map(({ label }) => label);
    expect(labels).toContain('members of imp-ensemble(2)');
    const members = series(findings, 'members of imp-ensemble(2)')?.points.map(({ y }) => y);
    expect(members).toEqual(series(findings, 'imp and imp-ensemble(2), same seed')?.points.map(({ y }) => y));
    expect(findings.claims.map(({ text }) => text)).toEqual([
      'masks of imp and imp-ensemble(2), same seed, have more in common than chance from 87.5 % sparsity on',
      'masks of the members of imp-ensemble(2) have more in common than chance from 87.5 % sparsity on',
    ]);
  });

  test('give the members of a round that are named in it', () => {
    const rounds = (runs: string[]): number[] =>
      opened({ kind: 'masks' }, runs, experiments).plan.jobs.flatMap(({ spec, inputs }) =>
        spec.kind === 'overlap' ? [inputs.length] : [],
      );
    expect(rounds(['test-0/imp-ensemble-2/1@1:0', 'test-0/imp-ensemble-2/1@2:1'])).toEqual([]);
    expect(rounds(['test-0/imp-ensemble-2/1@1:0', 'test-0/imp-ensemble-2/1@1:1'])).toEqual([2]);
  });
});
