import { expect, test } from 'vitest';
import type { Figure } from '../../contract/figures.ts';
import { prunableOf } from '../../pruning/mask.ts';
import { evaluate, evaluation, masked, opened, resultsOf, type Opened } from './analysis.fixture.ts';
import { figure } from './figure.fixture.ts';

/** LeNet 16 − 6 − 4 − 2 prunes its two hidden layers. */
const FLOPS = { hidden: 2 * (16 * 6 + 6 * 4), others: 2 * 4 * 2 + 6 + 4 + 2 + 6 + 4 };

const RUNS = ['test-0/imp/1', 'test-0/imp/2', 'test-0/imp-ensemble-2/1', 'test-0/imp-ensemble-2/2'];
const EXPERIMENT = { 'test-0': { arms: ['imp', { kind: 'imp-ensemble', members: 2 }] } };

/** Results of everything: sizes and times by the seed of their task and the round. */
function given(open: Opened) {
  const plan = open.plans.get('test-0');
  if (!plan) throw new Error('no plan');
  // Of both hidden layers the same share stays, as nearly as counts allow.
  const { given: results } = masked(open, ({ spec }) => {
    const mask = new Uint8Array(plan.layout.total).fill(1);
    const share = 'alive' in spec ? spec.alive / plan.layout.prunable : 1;
    for (const { offset, size } of prunableOf(plan.layout))
      mask.fill(0, offset + Math.round(share * size), offset + size);
    return mask;
  });
  for (const [key, value] of evaluate(plan, ({ kind }) => evaluation(kind === 'imp' ? 0.6 : 0.65)))
    results.set(key, value);
  for (const { key, spec, inputs } of open.plan.jobs) {
    if (spec.kind === 'size') {
      const pruned = inputs.some(({ name }) => name === 'mask');
      const one = (value: number) => [pruned ? value / 2 : value];
      results.set(key, {
        series: {
          dense: [600],
          bitmap: one(700),
          indices: one(800),
          file: [900],
          zlib: one(500),
          zstd: one(400),
        },
      });
    }
    if (spec.kind === 'latency') results.set(key, { series: { 'ms-1': [3, 1, 2], 'ms-500': [30, 10, 20] } });
  }
  return results;
}

/** A row of the table by its columns' names. */
function row(figures: readonly Figure[], arm: string, round: number): Record<string, unknown> {
  const { columns, rows } = figure(figures, 'table', 'cost');
  const found = rows.find((each) => each[0] === arm && each[1] === round) ?? [];
  return Object.fromEntries(columns.map(({ label }, at) => [label, found[at]]));
}

test('a job a network and round; the first member of an ensemble is IMP’s network and weighed once', () => {
  const open = opened({ kind: 'cost' }, RUNS, EXPERIMENT);
  const own = open.plan.jobs.filter(({ key }) => open.plan.own?.includes(key));
  // Four rounds of two seeds of two networks; times of the first and the last round.
  expect(own.filter(({ spec }) => spec.kind === 'size')).toHaveLength(16);
  expect(own.filter(({ spec }) => spec.kind === 'latency')).toHaveLength(8);
  expect(own).toHaveLength(24);
});

test('inference: pruned weights are free, ensembles count all networks', () => {
  const open = opened({ kind: 'cost' }, RUNS, EXPERIMENT);
  const { figures } = open.read(resultsOf(given(open)));
  const dense = FLOPS.hidden + FLOPS.others;
  expect(row(figures, 'imp', 0)).toMatchObject({ 'Inference, dense': dense, 'Inference, sparse': dense });
  expect(row(figures, 'imp', 1)['Inference, sparse']).toBeCloseTo(FLOPS.hidden / 2 + FLOPS.others, 9);
  expect(row(figures, 'imp-ensemble(2)', 1)['Inference, sparse']).toBeCloseTo(
    FLOPS.hidden + 2 * FLOPS.others,
    9,
  );
});

test('training: three passes a step, rounds add up, dense and by the masks', () => {
  const open = opened({ kind: 'cost' }, ['test-0/imp/1'], EXPERIMENT);
  const { figures } = open.read(resultsOf(given(open)));
  const [rounds = 0, batch, steps] = [1, 128, Math.floor(7200 / 128)];
  const plan = open.plans.get('test-0');
  const train = plan?.jobs.find(({ spec }) => spec.kind === 'train-particle')?.spec;
  const ticket = plan?.jobs.find(({ spec }) => spec.kind === 'train-ticket')?.spec;
  if (train?.kind !== 'train-particle' || ticket?.kind !== 'train-ticket') throw new Error('no training');
  expect(train.recipe.batch).toBe(batch);
  const passes = 3 * batch * train.recipe.epochs * steps;
  const warm = 3 * batch * ticket.iterations;
  const dense = FLOPS.hidden + FLOPS.others;
  const one = row(figures, 'imp', rounds);
  expect(one['Training, dense']).toBeCloseTo((warm + 2 * passes) * dense, 3);
  expect(one['Training, sparse']).toBeCloseTo(
    (warm + passes) * dense + passes * (FLOPS.hidden / 2 + FLOPS.others),
    3,
  );
});

test('bytes and times: sums over networks, medians and quartiles, means over seeds', () => {
  const open = opened({ kind: 'cost' }, RUNS, EXPERIMENT);
  const { figures, notes } = open.read(resultsOf(given(open)));
  expect(row(figures, 'imp', 3)).toMatchObject({
    'Dense float32': 600,
    'Values and bitmap': 350,
    zstd: 200,
    'Batch of 1, median': 2,
    'Batch of 500, median': 20,
    Seeds: 2,
  });
  expect(row(figures, 'imp-ensemble(2)', 3)).toMatchObject({ zstd: 400, 'Batch of 500, median': 40 });
  expect(row(figures, 'imp', 2)['Batch of 1, median']).toBeNull();
  expect(notes.join(' ')).toContain('machine (CPU, TensorFlow 2.21.0)');
  expect(notes.join(' ')).toContain('latency does not fall with sparsity');
});

test('fronts: accuracy against each cost, more is better, rounds by name', () => {
  const open = opened({ kind: 'cost' }, RUNS, EXPERIMENT);
  const { figures } = open.read(resultsOf(given(open)));
  expect(figures.filter(({ kind }) => kind === 'scatter').map(({ id }) => id)).toEqual([
    'accuracy-inference',
    'accuracy-training',
    'accuracy-training-sparse',
    'accuracy-bytes',
    'accuracy-compressed',
    'accuracy-latency-1',
    'accuracy-latency-500',
  ]);
  const { series, better } = figure(figures, 'scatter', 'accuracy-compressed');
  expect(better).toBe('more');
  expect(series[0]?.points.map(({ x, name }) => [x, name])).toEqual([
    [400, 'round 0'],
    [200, 'round 1'],
    [200, 'round 2'],
    [200, 'round 3'],
  ]);
  expect(figure(figures, 'scatter', 'accuracy-latency-1').series[0]?.points.map(({ name }) => name)).toEqual([
    'round 0',
    'round 3',
  ]);
});

test('without times there is nothing about them; another measurement is another job', () => {
  const none = opened({ kind: 'cost', latency: 'none' }, RUNS, EXPERIMENT);
  expect(none.plan.jobs.some(({ spec }) => spec.kind === 'latency')).toBe(false);
  const { figures, notes } = none.read(resultsOf(given(none)));
  expect(figures.some(({ id }) => id.startsWith('accuracy-latency'))).toBe(false);
  expect(notes.join(' ')).not.toContain('latency');
  const keys = (measurement: number) =>
    opened({ kind: 'cost', measurement }, RUNS, EXPERIMENT).plan.jobs.flatMap(({ key, spec }) =>
      spec.kind === 'latency' ? [key] : [],
    );
  expect(keys(1)).toEqual(keys(1));
  expect(new Set([...keys(1), ...keys(2)]).size).toBe(16);
});

test('before anything is measured figures say so', () => {
  const open = opened({ kind: 'cost' }, RUNS, EXPERIMENT);
  const { figures, notes } = open.read(resultsOf(new Map()));
  expect(figure(figures, 'words', 'accuracy-bytes').text).not.toBe('');
  expect(notes.join(' ')).toContain('24 of 24 jobs are not done yet');
});
