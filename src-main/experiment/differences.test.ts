import { expect, it } from 'vitest';
import { parseConfig } from './config.ts';
import { settingText, settingsThatDiffer } from './differences.ts';

const config = (change: Record<string, unknown>) =>
  parseConfig({ name: 'a', dataset: 'digits', model: 'lenet', arms: ['imp', 'swamp'], ...change });

it('tells what differs, by path, in the order of the experiment file', () => {
  const rows = settingsThatDiffer([
    config({ recipe: { learningRate: 0.1 }, swa: { every: 'epoch' } }),
    config({
      name: 'b',
      recipe: { learningRate: 0.05, optimizer: { weightDecay: 1e-4 } },
      swa: { every: 8 },
    }),
    config({ seeds: [1, 2], model: { kind: 'lenet', hidden: [20] } }),
  ]);
  expect(rows).toEqual([
    { path: 'model.hidden', values: [[300, 100], [300, 100], [20]] },
    { path: 'recipe.optimizer.weightDecay', values: [0, 1e-4, 0] },
    { path: 'recipe.learningRate', values: [0.1, 0.05, 0.1] },
    { path: 'swa.every', values: ['epoch', 8, 'epoch'] },
    { path: 'seeds', values: [[1], [1], [1, 2]] },
  ]);
});

it('has nothing to tell of one configuration, of equal ones, and of names', () => {
  expect(settingsThatDiffer([])).toEqual([]);
  expect(settingsThatDiffer([config({})])).toEqual([]);
  expect(settingsThatDiffer([config({}), config({ name: 'b' })])).toEqual([]);
});

it('shows options that only some have', () => {
  const rows = settingsThatDiffer([config({}), config({ model: 'resnet', recipe: { epochs: 160 } })]);
  expect(rows.filter(({ path }) => path.startsWith('model.'))).toEqual([
    { path: 'model.kind', values: ['lenet', 'resnet'] },
    { path: 'model.hidden', values: [[300, 100], undefined] },
    { path: 'model.depth', values: [undefined, 20] },
    { path: 'model.width', values: [undefined, 16] },
  ]);
});

it('puts values in words', () => {
  expect(settingText('arms', config({}).arms)).toBe('imp, swamp(4)');
  expect(settingText('model.kind', 'resnet')).toBe('resnet');
  expect(settingText('model.hidden', [300, 100])).toBe('[300,100]');
  expect(settingText('recipe.learningRate', 0.05)).toBe('0.05');
  expect(settingText('model.depth', undefined)).toBe('–');
});
