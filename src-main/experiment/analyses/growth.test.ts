import { expect, test } from 'vitest';
import type { Figure, FigureOf } from '../../contract/figures.ts';
import { evaluate, evaluation, opened, resultsOf } from './analysis.fixture.ts';

const EXPERIMENT = {
  arms: [
    'imp',
    { kind: 'swamp', particles: 1 },
    { kind: 'swamp', particles: 4 },
    { kind: 'swamp-plus', particles: 4, cost: 0.6 },
    { kind: 'multi-sgd', particles: 4 },
  ],
  sparsity: { kind: 'explicit', sparsities: [0.5, 0.8, 0.9] },
};

const SLUGS = ['imp', 'swamp-1', 'swamp-4', 'swamp-plus-4-0.6'];
const RUNS = SLUGS.flatMap((slug) => [1, 2, 3].map((seed) => `test-0/${slug}/${seed}`));

/**
 * Gains over IMP by arm and seed; rounds differ by a point each. SWAMP+ has one particle before round 3: there its jobs are
 * those of SWAMP(1), and averaged over rounds 2 and 3 it gains 0.008, 0.009 and 0.01.
 */
const GAINS: Readonly<Record<string, readonly number[]>> = {
  imp: [0, 0, 0],
  'swamp-1': [0.001, -0.001, 0.003],
  'swamp-4': [0.01, 0.012, 0.011],
  'swamp-plus-4-0.6': [0.015, 0.019, 0.017],
};

function findings(runs: readonly string[] = RUNS) {
  const open = opened({ kind: 'growth' }, runs, { 'test-0': EXPERIMENT });
  const plan = open.plans.get('test-0');
  if (!plan) throw new Error('no plan');
  const given = evaluate(plan, ({ slug, seed }, { role, round }) => {
    // The first particle of round 3 is that of SWAMP(1) as well.
    const single = slug.startsWith('swamp-plus') && (round < 3 || role === 'evaluate-particle');
    const gains = GAINS[single ? 'swamp-1' : slug];
    return evaluation(0.6 + 0.02 * seed - 0.01 * round + (gains?.[seed - 1] ?? 0));
  });
  return { open, plan, ...open.read(resultsOf(given)) };
}

function figure<Kind extends Figure['kind']>(
  figures: readonly Figure[],
  kind: Kind,
  id: string,
): FigureOf<Kind> {
  const found = figures.find((each) => each.id === id);
  if (found?.kind !== kind)
    throw new Error(`no ${kind} ${id} among ${figures.map((each) => each.id).join()}`);
  return found as FigureOf<Kind>;
}

test('accuracy averaged over the rounds from 78 % on, against N; other arms are yardsticks', () => {
  const { open, figures } = findings();
  expect(open.plan.jobs).toEqual([]);
  const { series } = figure(figures, 'lines', 'averaged');
  expect(series.map(({ label, dashed = false }) => [label, dashed])).toEqual([
    ['swamp(N)', false],
    ['imp', true],
    ['swamp+(4; 60 % of the cost)', true],
  ]);
  // Rounds 2 and 3 of seeds 1 to 3: 0.6 + 0.04 − 0.025.
  expect(series[0]?.points.map(({ x }) => x)).toEqual([1, 4]);
  expect(series[0]?.points[0]?.y).toBeCloseTo(0.615 + 0.001, 12);
  expect(series[0]?.points[1]?.y).toBeCloseTo(0.615 + 0.011, 12);
  expect(series[1]?.points.map(({ y }) => y)).toEqual([series[1]?.points[0]?.y, series[1]?.points[0]?.y]);
});

test('a line a round', () => {
  const { figures } = findings();
  const { series } = figure(figures, 'lines', 'by-round-swamp');
  expect(series.map(({ label }) => label)).toEqual([
    'round 0 (0.0 %)',
    'round 1 (50.0 %)',
    'round 2 (80.0 %)',
    'round 3 (90.0 %)',
  ]);
  expect(series[1]?.points[1]?.y).toBeCloseTo(0.63 + 0.011, 12);
});

test('whether accuracy grows is the paired difference of the largest and the smallest N', () => {
  const { claims } = findings();
  // 0.009, 0.013 and 0.008: mean 0.01, deviation 0.0026458.
  expect(claims[0]?.text).toContain('swamp(4) is better than swamp(1)');
  expect(claims[0]?.value).toBeCloseTo(0.01, 12);
  expect(claims[0]?.low).toBeCloseTo(0.01 - (4.30265273 * Math.sqrt(7e-6)) / Math.sqrt(3), 8);
  expect(claims[0]?.verdict).toBe('shown');
});

test('SWAMP+: the share of the gain and of the training', () => {
  const { figures, claims, notes, plan } = findings();
  const [row = []] = figure(figures, 'table', 'swamp-plus').rows;
  expect(row[0]).toBe('swamp+(4; 60 % of the cost)');
  expect(row[1]).toBe('swamp(4)');
  expect(row[4]).toBeCloseTo(0.027 / 0.033, 12);
  // Three rounds of one particle and one of four: 7 of 16 trainings, and a ticket each.
  const train = plan.jobs.find(({ spec }) => spec.kind === 'train-particle')?.spec;
  const ticket = plan.jobs.find(({ spec }) => spec.kind === 'train-ticket')?.spec;
  if (train?.kind !== 'train-particle' || ticket?.kind !== 'train-ticket') throw new Error('no training');
  const steps = train.recipe.epochs * Math.floor(7200 / train.recipe.batch);
  expect(row[7]).toBeCloseTo((ticket.iterations + 7 * steps) / (ticket.iterations + 16 * steps), 9);
  expect(claims.map(({ verdict }) => verdict)).toEqual(['shown', 'shown', 'shown']);
  expect(claims[2]?.value).toBeCloseTo(0.009 - 0.011 / 2, 12);
  expect(notes[0]).toMatch(/^swamp\+\(4; 60 % of the cost\) keeps 81\.8 % of the gain of swamp\(4\) \(/);
});

test('cost is training up to the last round, of all arms', () => {
  const { figures } = findings();
  const { rows } = figure(figures, 'table', 'growth');
  expect(rows.map((row) => row[0])).toEqual(['imp', 'swamp(1)', 'swamp(4)', 'swamp+(4; 60 % of the cost)']);
  expect(rows[0]?.[7]).toBe(1);
  expect(rows[1]?.[7]).toBe(1);
  expect(Number(rows[2]?.[7])).toBeGreaterThan(3.5);
  const { series, better } = figure(figures, 'scatter', 'against-cost');
  expect(better).toBe('more');
  expect(series.map(({ points }) => points[0]?.x)).toEqual(rows.map((row) => row[6]));
});

test('multi-sgd is a family of its own: its one number makes no line', () => {
  const { figures } = findings([...RUNS, 'test-0/multi-sgd-4/1']);
  expect(figure(figures, 'lines', 'averaged').series.at(-1)).toMatchObject({
    label: 'multi-sgd(4)',
    dashed: true,
  });
});

test('one number of particles is refused, and rounds that are not shared', () => {
  expect(() => findings(['test-0/imp/1', 'test-0/swamp-4/1'])).toThrow(
    /no arm is there with different numbers/,
  );
  expect(() => findings(['test-0/swamp-1/1@1', 'test-0/swamp-4/1@3'])).toThrow(/no round in common/);
});

test('runs of one seed that hold out different images are no pair: refused', () => {
  const runs = ['test-0/swamp-1/1', 'test-0/swamp-4/1', 'other-0/imp/1'];
  const experiments = { 'test-0': EXPERIMENT, 'other-0': { ...EXPERIMENT, split: 'b' } };
  expect(() => opened({ kind: 'growth' }, runs, experiments)).toThrow(
    /hold out different images.*seed 1 is no pair/,
  );
});
