import { expect, test } from 'vitest';
import { evaluate, evaluation, opened, resultsOf, type GivenExperiment } from './analysis.fixture.ts';
import { figure } from './figure.fixture.ts';

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

function findings(
  runs: readonly string[] = RUNS,
  experiments: Readonly<Record<string, GivenExperiment>> = { 'test-0': EXPERIMENT },
  gained = GAINS,
) {
  const open = opened({ kind: 'growth' }, runs, experiments);
  const [plan] = open.plans.values();
  if (!plan) throw new Error('no plan');
  const given = [...open.plans.values()].flatMap((each) => [
    ...evaluate(each, ({ slug, seed }, { role, round }) => {
      // The first particle of round 3 is that of SWAMP(1) as well.
      const single = slug.startsWith('swamp-plus') && (round < 3 || role === 'evaluate-particle');
      const gains = gained[single ? 'swamp-1' : slug];
      return evaluation(0.6 + 0.02 * seed - 0.01 * round + (gains?.[seed - 1] ?? 0));
    }),
  ]);
  return { open, plan, ...open.read(resultsOf(new Map(given))) };
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

const LONGER = { ...EXPERIMENT, recipe: { epochs: 20 } };

test('arms that differ in more than N are no family: refused, telling what differs', () => {
  const experiments = { 'a-0': EXPERIMENT, 'b-0': LONGER };
  expect(() => findings(['a-0/swamp-1/1', 'b-0/swamp-4/1'], experiments)).toThrow(
    'and the same settings (swamp(1) with recipe.epochs 10; swamp(4) with recipe.epochs 20)',
  );
});

test('of two experiments with other settings, each is a family', () => {
  const runs = ['a-0/swamp-1/1', 'b-0/swamp-4/1', 'a-0/swamp-4/1', 'b-0/swamp-1/1'];
  const { figures, claims, notes } = findings(runs, { 'a-0': EXPERIMENT, 'b-0': LONGER });
  const { series } = figure(figures, 'lines', 'averaged');
  expect(series.map(({ label, points }) => [label, points.map(({ name }) => name)])).toEqual([
    ['swamp(N) of a-0', ['swamp(1) of a-0', 'swamp(4) of a-0']],
    ['swamp(N) of b-0', ['swamp(1) of b-0', 'swamp(4) of b-0']],
  ]);
  expect(claims.map(({ text }) => text.split(':')[1]?.split(',')[0])).toEqual([
    ' swamp(4) of a-0 is better than swamp(1) of a-0',
    ' swamp(4) of b-0 is better than swamp(1) of b-0',
  ]);
  expect(notes).toEqual([expect.stringContaining('different settings are not held against each other')]);
});

test('of two experiments with the same settings but other jobs, arms of one experiment go together', () => {
  const runs = ['a-0/swamp-1/1', 'b-0/swamp-4/1', 'a-0/swamp-4/1', 'b-0/swamp-1/1'];
  const { claims, notes } = findings(runs, { 'a-0': EXPERIMENT, 'b-0': { ...EXPERIMENT, threads: 1 } });
  expect(claims.map(({ text }) => text)).toEqual([
    expect.stringContaining('swamp(4) of a-0 is better than swamp(1) of a-0'),
    expect.stringContaining('swamp(4) of b-0 is better than swamp(1) of b-0'),
  ]);
  expect(notes).toEqual([]);
});

test('seeds, and arms, that are spread over experiments of the same settings go together', () => {
  const runs = ['a-0/swamp-1/1', 'b-0/swamp-1/2', 'c-0/swamp-4/1', 'c-0/swamp-4/2'];
  const { claims, notes } = findings(runs, {
    'a-0': EXPERIMENT,
    'b-0': { ...EXPERIMENT, name: 'b', seeds: [2], threads: 1, engine: 'cpu' },
    'c-0': { ...EXPERIMENT, name: 'c', arms: [{ kind: 'swamp', particles: 4 }] },
  });
  expect(claims).toHaveLength(1);
  expect(claims[0]).toMatchObject({
    text: 'accuracy grows with N: swamp(4) is better than swamp(1), averaged over sparse rounds',
    interval: '95 % interval over 2 seeds',
  });
  expect(notes).toEqual([]);
});

test('SWAMP+ is held against IMP and SWAMP of its settings alone', () => {
  const ids = ['a-0/swamp-1/1', 'a-0/swamp-4/1', 'a-0/swamp-plus-4-0.6/1'];
  const experiments = { 'a-0': EXPERIMENT, 'b-0': LONGER };
  const { figures, notes } = findings(['b-0/imp/1', ...ids], experiments);
  expect(figures.map(({ id }) => id)).not.toContain('swamp-plus');
  expect(notes.join()).toContain('imp with recipe.epochs 20; swamp(1), swamp(4)');
  const both = findings(['b-0/imp/1', 'b-0/swamp-4/1', 'a-0/imp/1', ...ids], experiments);
  const { rows } = figure(both.figures, 'table', 'swamp-plus');
  expect(rows.map((row) => row[1])).toEqual(['swamp(4) of a-0']);
  expect(both.claims.map(({ text }) => text).join()).toContain(
    'swamp+(4; 60 % of the cost) is better than imp of a-0',
  );
});

test('the whole gain is that of the same SWA phase', () => {
  const late = { kind: 'swamp', particles: 4, swa: { start: 0.75 } };
  const experiments = { 'test-0': { ...EXPERIMENT, arms: [late, ...EXPERIMENT.arms] } };
  const { figures } = findings(['test-0/swamp-4-start0.75/1', ...RUNS], experiments);
  expect(figure(figures, 'table', 'swamp-plus').rows.map((row) => row[1])).toEqual(['swamp(4)']);
  // SWAMP+ has no SWAMP of its own phase here.
  const without = RUNS.filter((run) => !run.includes('/swamp-4/'));
  const other = [...without, 'test-0/swamp-4-start0.75/1', 'test-0/swamp-8/1'];
  const more = [late, { kind: 'swamp', particles: 8 }, ...EXPERIMENT.arms];
  const { figures: left } = findings(other, { 'test-0': { ...EXPERIMENT, arms: more } });
  expect(left.map(({ id }) => id)).not.toContain('swamp-plus');
});

test('the share of one seed has no interval as there is one seed', () => {
  const { notes } = findings(RUNS.filter((run) => run.endsWith('/1')));
  expect(notes[0]).toBe(
    'swamp+(4; 60 % of the cost) keeps 80.0 % of the gain of swamp(4) (one seed: no interval) at 44.1 % of its training.',
  );
});

test('of no gain there is no share, and no claim', () => {
  const worse = { ...GAINS, 'swamp-4': [-0.01, -0.012, -0.011], 'swamp-plus-4-0.6': [-0.02, -0.019, -0.017] };
  const { figures, claims, notes } = findings(RUNS, { 'test-0': EXPERIMENT }, worse);
  expect(figure(figures, 'table', 'swamp-plus').rows[0]?.slice(4, 7)).toEqual([null, null, null]);
  expect(claims.map(({ text }) => text).join()).not.toContain('half');
  expect(notes).toEqual(['swamp(4) gains nothing over imp, so there is no share of it to keep.']);
});

test('training is counted to the last round that accuracies are averaged over', () => {
  const shared = findings(['test-0/imp/1@2', 'test-0/swamp-1/1', 'test-0/swamp-4/1']);
  const { rows } = figure(shared.figures, 'table', 'growth');
  expect(rows.slice(0, 2).map((row) => row[7])).toEqual([1, 1]);
});
