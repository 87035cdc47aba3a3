import { expect, test } from 'vitest';
import { ConfigError, DataError } from '../contract/errors.ts';
import type { ExperimentId } from '../contract/ids.ts';
import { describeDraft, readDraft, type Draft } from './draft.ts';
import { problemOf } from './draft-problems.ts';
import { catalog } from './catalog.ts';
import { parseConfig } from './config.ts';
import { presets } from './presets.ts';
import { prepareStored, type Prepared } from './studio.ts';

const good = {
  name: 'draft',
  dataset: { kind: 'digits' },
  model: { kind: 'lenet', hidden: [20] },
  recipe: { epochs: 2 },
  sparsity: { kind: 'geometric', fraction: 0.5, rounds: 2 },
  arms: [
    'imp',
    {
      kind: 'swamp',
      particles: [
        { from: 0, particles: 1 },
        { from: 0.6, particles: 4 },
      ],
    },
  ],
};
const id = 'draft-1' as ExperimentId;

function stored(): Prepared {
  return prepareStored(parseConfig(good), {
    dataset: { title: 'digits', digest: 'd'.repeat(64), shape: [28, 28, 1], classes: 10, test: 2000 },
    splits: { 1: { digest: '1'.repeat(64), training: 7200, validation: 800 } },
    precision: 'float32',
    backend: 'tensorflow-cpu',
    threads: 1,
    workers: 1,
  });
}

function read(raw: unknown, mode: Draft['mode'] = { kind: 'new' }): ReturnType<typeof describeDraft> {
  const draft = { raw, mode };
  return describeDraft(draft, readDraft(draft, stored));
}

test('a draft says what it means: configuration, rounds, trainings of each arm', () => {
  const told = read(good);
  expect(told.problems).toEqual([]);
  expect(told.config).toEqual(parseConfig(good));
  expect(told.rounds).toEqual([
    { round: 0, sparsity: 0 },
    { round: 1, sparsity: 0.5 },
    { round: 2, sparsity: 0.75 },
  ]);
  expect(told.arms.map(({ label, trainings }) => [label, trainings])).toEqual([
    ['imp', [1, 1, 1]],
    ['swamp(1, 4 from 60 %)', [1, 1, 4]],
  ]);
});

test('problems stand beside their fields; what can be read is told all the same', () => {
  const told = read({
    ...good,
    model: { kind: 'lenet', hidden: [0] },
    arms: ['imp', { kind: 'swamp', particles: 0 }],
    colour: 1,
  });
  expect(told.problems.map(({ path }) => path)).toEqual([
    ['colour'],
    ['model', 'hidden', 0],
    ['arms', 1, 'particles'],
  ]);
  expect(told.problems[1]?.message).toMatch(/0 is out of range/);
  expect(told.config).toBeNull();
  expect(told.rounds).toHaveLength(3);
  expect(told.arms).toMatchObject([{ index: 0, label: 'imp', trainings: [1, 1, 1] }]);
});

test('lists of choices make several experiments', () => {
  const told = read({ ...good, recipe: { learningRate: [0.1, 0.05], epochs: 2 } });
  expect(told.variants).toEqual([
    { name: 'draft-learningRate-0.1', choices: { 'recipe.learningRate': 0.1 } },
    { name: 'draft-learningRate-0.05', choices: { 'recipe.learningRate': 0.05 } },
  ]);
  expect(told.config).toBeNull();
  expect(read({ ...good, engine: ['cpu', 'wasm'] }).problems).toMatchObject([{ path: ['engine'] }]);
});

test('a fork tells what differs', () => {
  const mode = { kind: 'fork', from: id } as const;
  expect(read({ ...good, name: 'other', recipe: { epochs: 3 } }, mode)).toMatchObject({
    problems: [],
    changes: [{ path: 'recipe.epochs', before: '2', after: '3' }],
  });
});

test('an extension only adds', () => {
  const mode = { kind: 'extend', experiment: id } as const;
  expect(read({ ...good, seeds: [1, 2] }, mode)).toMatchObject({
    problems: [],
    changes: [{ path: 'seeds', before: '[1]', after: '[1,2]' }],
  });
  expect(read(good, mode).problems).toMatchObject([{ path: [], message: /nothing to add/ }]);
  expect(read({ ...good, recipe: { epochs: 3 }, seeds: [1, 2] }, mode).problems).toMatchObject([
    { path: ['recipe', 'epochs'], message: /2 → 3: imp would be another/, hint: /Fork/ },
  ]);
  expect(read({ ...good, recipe: { epochs: [2, 3] } }, mode).problems).toMatchObject([
    { path: ['recipe', 'epochs'], message: /several experiments/ },
  ]);
});

test.each([
  [{}, ['dataset', 'model', 'arms', 'name']],
  [null, [undefined]],
  [{ ...good, arms: 'imp' }, ['arms']],
])('half of a draft never throws: %j', (raw, fields) => {
  const paths = read(raw).problems.map(({ path }) => path[0]);
  expect(new Set(paths)).toEqual(new Set(fields));
});

test('errors that name a field first stand beside it', () => {
  expect(problemOf(new ConfigError('sparsity: round 3 would leave 0', 'fewer'))).toEqual({
    path: ['sparsity'],
    message: 'round 3 would leave 0',
    hint: 'fewer',
  });
  expect(
    problemOf(
      new DataError('dataset.path /x: there is no such folder', 'Point --set dataset.path=DIR at it.'),
    ),
  ).toEqual({
    path: ['dataset', 'path'],
    message: '/x: there is no such folder',
    hint: 'Point --set dataset.path=DIR at it.',
  });
  expect(problemOf(new ConfigError('model is wrong', ''))).toMatchObject({
    path: [],
    message: 'model is wrong',
  });
  expect(problemOf(new ConfigError('file.ts: no', ''), ['dataset'])).toMatchObject({ path: ['dataset'] });
  expect(() => problemOf(new TypeError('a fault of ours'))).toThrow(TypeError);
});

test('the catalogue has every kind with a schema, and presets that can be read', () => {
  const { presets: told, ...entries } = catalog();
  for (const list of [entries.datasets, entries.models, entries.arms, entries.sparsities, entries.criteria])
    for (const { kind, schema } of list)
      expect(schema).toMatchObject({ properties: { kind: { const: kind } } });
  expect(told.map(({ name }) => name)).toEqual([...presets.keys()]);
  expect(read(told.find(({ name }) => name === 'demo')?.config).problems).toEqual([]);
});
