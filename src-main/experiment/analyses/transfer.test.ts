import { expect, test } from 'vitest';
import type { FigureOf } from '../../contract/figures.ts';
import type { JobKey } from '../../contract/ids.ts';
import { evaluate, evaluation, opened, resultsOf, type Given, type Opened } from './analysis.fixture.ts';

const RUNS = ['imp/1', 'imp/2', 'imp/3', 'swamp-2/1', 'swamp-2/2', 'swamp-2/3'].map((run) => `test-0/${run}`);

/** Own accuracies, and transfers that lie by 0.01 · seed above IMP's. */
function given(open: Opened): Map<JobKey, Given> {
  const plan = open.plans.get('test-0');
  if (!plan) throw new Error('no plan');
  const results = evaluate(plan, ({ kind }) => evaluation(kind === 'imp' ? 0.6 : 0.65));
  for (const { key, spec } of open.plan.jobs)
    if (spec.kind === 'evaluate' && !results.has(key))
      results.set(key, { evaluation: evaluation(0.6 + 0.01 * spec.task.split.seed) });
  return results;
}

const kinds = (open: Opened): string[] => {
  const own = new Set(open.plan.own);
  return open.plan.jobs.filter(({ key }) => own.has(key)).map(({ spec }) => spec.kind);
};

test('one training and its evaluation a pruned round and seed; the dense round is the run’s own', () => {
  const open = opened({ kind: 'transfer' }, RUNS);
  expect(kinds(open).filter((kind) => kind === 'train-particle')).toHaveLength(9);
  expect(kinds(open).filter((kind) => kind === 'evaluate')).toHaveLength(9);
  expect(kinds(open)).toHaveLength(18);
});

test('the first run’s arm trains: SWAMP under the masks of IMP takes all its particles', () => {
  const open = opened({ kind: 'transfer', rounds: [2] }, ['test-0/swamp-2/1', 'test-0/imp/1']);
  expect(kinds(open)).toEqual(['train-particle', 'train-particle', 'average', 'evaluate']);
});

test('accuracy beside both runs’ own, differences paired by seed, claims', () => {
  const open = opened({ kind: 'transfer' }, RUNS);
  const { figures, claims } = open.read(resultsOf(given(open)));
  const lines = figures[0] as FigureOf<'lines'>;
  expect(lines.series.map(({ label }) => label)).toEqual([
    'imp, masks of its own',
    'imp under masks of swamp(2)',
    'swamp(2)',
  ]);
  expect(lines.series.map(({ points }) => points[0]?.y)).toEqual([0.6, 0.6, 0.65]);
  expect(lines.series[1]?.points[3]?.y).toBeCloseTo(0.62, 12);
  const gain = (figures[1] as FigureOf<'lines'>).series[0];
  expect(gain?.points[3]?.y).toBeCloseTo(0.02, 12);
  expect(gain?.points[3]?.low).toBeCloseTo(0.02 - (4.30265273 * 0.01) / Math.sqrt(3), 8);
  expect(claims.map(({ text }) => text)).toEqual([
    'training as imp under the masks of swamp(2) does better than under its own from 87.5 % sparsity on',
    'swamp(2) does better than training as imp under its masks from 87.5 % sparsity on',
  ]);
  expect(claims[0]).toMatchObject({ verdict: 'open', interval: '95 % interval over 3 seeds' });
  expect(claims[1]?.value).toBeCloseTo(0.03, 12);
  expect(claims[1]?.verdict).toBe('shown');
});

test('what is not trained yet is said in words', () => {
  const open = opened({ kind: 'transfer', rounds: [2, 3] }, RUNS);
  const { figures, claims } = open.read(resultsOf(new Map()));
  expect(figures).toHaveLength(1);
  expect(figures[0]?.kind).toBe('words');
  expect(claims).toEqual([]);
});

test('two runs of one arm: masks of another seed, and that is noted', () => {
  const open = opened({ kind: 'transfer', rounds: [3] }, ['test-0/imp/1', 'test-0/imp/2']);
  expect(kinds(open)).toEqual(['train-particle', 'evaluate']);
  const { notes, figures } = open.read(resultsOf(given(open)));
  expect(figures[0]?.title).toBe('imp, seed 1 under masks of imp, seed 2');
  expect(notes.join()).toContain('The masks are of another seed');
});

test('masks of another sparsity are trained under, but no difference is taken', () => {
  const open = opened({ kind: 'transfer', rounds: [2] }, ['test-0/imp/1', 'other-0/imp/1'], {
    'test-0': {},
    'other-0': { sparsity: { kind: 'geometric', fraction: 0.3, rounds: 3 } },
  });
  const results = given(open);
  for (const [key, value] of evaluate(open.plans.get('other-0') ?? open.plan, () => evaluation(0.5)))
    if (!results.has(key)) results.set(key, value);
  const { figures, claims, notes } = open.read(resultsOf(results));
  expect(figures[1]?.kind).toBe('words');
  expect(claims).toEqual([]);
  expect(notes.join()).toContain('differ in sparsity');
});

test.each<[string, string[], Record<string, Record<string, unknown>>, RegExp]>([
  ['one run', ['test-0/imp/1'], { 'test-0': {} }, /2 to 100, not at 1/],
  [
    'one arm',
    ['test-0/imp/1', 'test-0/imp/2', 'test-0/imp/3'],
    { 'test-0': {} },
    /all of these runs are of imp/,
  ],
  [
    'shapes',
    ['test-0/imp/1', 'wide-0/imp/1'],
    { 'test-0': {}, 'wide-0': { model: { kind: 'lenet', hidden: [8, 4] } } },
    /do not fit/,
  ],
  [
    'denominators',
    ['test-0/imp/1', 'whole-0/imp/1'],
    { 'test-0': {}, 'whole-0': { pruneClassifier: true } },
    /all kernels but the classifier.*do not fit|do not fit.*all kernels but the classifier/,
  ],
  [
    'ensembles',
    ['test-0/imp/1', 'test-0/imp-ensemble-2/1'],
    { 'test-0': { arms: ['imp', { kind: 'imp-ensemble', members: 2 }] } },
    /is an ensemble of 2 networks/,
  ],
  [
    'splits',
    ['test-0/imp/1', 'test-0/swamp-2/1', 'other-0/swamp-2/1'],
    { 'test-0': {}, 'other-0': { split: 'b', name: 'other' } },
    /other-0\/swamp-2\/1 hold out different images for validation, so seed 1 is no pair/,
  ],
])('%s: refused in words', (_what, runs, experiments, words) => {
  expect(() => opened({ kind: 'transfer' }, runs, experiments)).toThrow(words);
});

test('a member of an ensemble gives its masks where it is named', () => {
  const open = opened({ kind: 'transfer' }, ['test-0/imp/1', 'test-0/imp-ensemble-2/1@3:1'], {
    'test-0': { arms: ['imp', { kind: 'imp-ensemble', members: 2 }] },
  });
  expect(kinds(open)).toEqual(['train-particle', 'evaluate']);
});

test('members are taken in the rounds in which they are named, and stand in the words', () => {
  const experiments = { 'test-0': { arms: ['imp', { kind: 'imp-ensemble', members: 2 }] } };
  const ensemble = 'test-0/imp-ensemble-2/1';
  const open = opened(
    { kind: 'transfer' },
    ['test-0/imp/1', `${ensemble}@2:1`, `${ensemble}@3:0`],
    experiments,
  );
  // Member 0 is IMP itself, whose own training is no work; member 1 is trained under in round 2.
  expect(kinds(open)).toEqual(['train-particle', 'evaluate']);
  expect(open.plan.jobs.find(({ key }) => open.plan.own?.includes(key))?.spec).toMatchObject({ round: 2 });
  expect(open.read(resultsOf(given(open))).figures[0]?.title).toBe(
    'imp under masks of imp-ensemble(2) members 0, 1',
  );
  expect(() =>
    opened({ kind: 'transfer' }, ['test-0/imp/1', `${ensemble}@3:0`, `${ensemble}@3:1`], experiments),
  ).toThrow(/is an ensemble of 2 networks, each with masks of its own/);
});

test('where no round is so sparse that claims are made, a note says so', () => {
  const notes = (from: number) => {
    const open = opened({ kind: 'transfer', from }, RUNS);
    return open.read(resultsOf(given(open))).notes.join();
  };
  expect(notes(0.9)).toContain(
    'No claims about imp under masks of swamp(2): no network that is looked at is 90.0 % sparse or sparser.',
  );
  expect(notes(0.78)).not.toContain('No claims');
});
