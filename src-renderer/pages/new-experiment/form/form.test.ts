import { expect, test } from 'vitest';
import { merged } from './effective.ts';
import { isSame, withValue } from './paths.ts';
import { fieldsOf, type Field, type FieldKind } from './schema.ts';
import { choicesIn, parseText, textOf } from './values.ts';
import { nameOf } from './words.ts';

const number: FieldKind = { type: 'number', whole: false, range: '' };
const list: FieldKind = { type: 'list', of: 'number' };
const words: FieldKind = { type: 'text' };
const json: FieldKind = { type: 'json' };
const mixed: FieldKind = { type: 'mixed', words: ['epoch'] };

test('what a schema holds becomes fields, forms that nobody knows become JSON', () => {
  const fields = fieldsOf({
    type: 'object',
    required: ['kind', 'rounds'],
    properties: {
      kind: { type: 'string', const: 'x' },
      rounds: { type: 'integer', minimum: 0, maximum: 1000 },
      fraction: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1, default: 0.2 },
      flip: { type: 'boolean', default: false },
      fit: { type: 'string', enum: ['cover', 'fill'] },
      channels: { anyOf: [{ const: 3 }, { const: 1 }], default: 3 },
      hidden: { type: 'array', items: { type: 'integer' } },
      every: { anyOf: [{ type: 'string', const: 'epoch' }, { type: 'integer' }] },
      particles: {
        anyOf: [
          { type: 'integer' },
          { type: 'array', items: { type: 'object', properties: { from: {}, particles: {} } } },
        ],
      },
      swa: { type: 'object', properties: { start: { type: 'number' } }, additionalProperties: false },
      schedule: { type: 'object', properties: { kind: { type: 'string' } }, additionalProperties: {} },
      strange: { not: {} },
    },
  });
  expect(Object.fromEntries(fields.map(({ key, kind }) => [key, kind.type]))).toEqual({
    rounds: 'number',
    fraction: 'number',
    flip: 'switch',
    fit: 'choice',
    channels: 'choice',
    hidden: 'list',
    every: 'mixed',
    particles: 'particles',
    swa: 'group',
    schedule: 'spec',
    strange: 'json',
  });
  expect(fields[0]).toMatchObject({ required: true, kind: { whole: true, range: '0 … 1000' } });
  expect(fields[1]).toMatchObject({ fallback: 0.2, required: false, kind: { range: 'above 0, below 1' } });
});

test('a setting has the name that its schema gives it: one key may be several settings', () => {
  const schema = { properties: { every: { type: 'integer', title: 'pruned every', description: 'ΔT.' } } };
  expect(fieldsOf(schema)).toMatchObject([{ title: 'pruned every', about: 'ΔT.' }]);
  expect(nameOf(fieldsOf(schema)[0] as Field)).toBe('pruned every');
  const plain = fieldsOf({ properties: { every: { type: 'integer' }, trainingImages: {} } });
  expect(plain.map(nameOf)).toEqual(['snapshots every', 'training images']);
});

test.each([
  ['', number, undefined],
  ['0.1', number, 0.1],
  ['1e-4', number, 1e-4],
  ['.5', number, 0.5],
  // On their way to a number: the host says what is wrong, nothing is lost.
  ['1e', number, '1e'],
  ['-', number, '-'],
  ['0,', number, '0,'],
  ['16, 32', number, [16, 32]],
  ['300, 100', list, [300, 100]],
  ['300', list, [300]],
  ['300, 100; 100', list, [[300, 100], [100]]],
  ['[[300, 100], [100]]', list, [[300, 100], [100]]],
  ['epoch', mixed, 'epoch'],
  ['200', mixed, 200],
  ['32; 16', mixed, [32, 16]],
  ['a, b', words, 'a, b'],
  ['{"a": 1}', json, { a: 1 }],
  ['{"a":', json, '{"a":'],
])('%j is read', (text, kind, value) => {
  expect(parseText(text, kind)).toEqual(value);
});

test('a value is written as it can be typed again', () => {
  for (const [value, kind] of [
    [0.0001, number],
    [[16, 32], number],
    [[300, 100], list],
    [[[300, 100], [100]], list],
    ['epoch', mixed],
    [[24, 32], mixed],
  ] as [unknown, FieldKind][])
    expect(parseText(textOf(value, kind), kind)).toEqual(value);
});

test('a list counts as choices only where one value belongs', () => {
  expect(choicesIn([16, 32], number)).toEqual([16, 32]);
  expect(choicesIn([300, 100], list)).toBeNull();
  expect(choicesIn([[300, 100], [100]], list)).toHaveLength(2);
});

test('a setting taken out takes objects that are empty then with it', () => {
  const raw = { recipe: { optimizer: { momentum: 0.9 } }, arms: ['imp', 'dense'] };
  expect(withValue(raw, ['recipe', 'optimizer', 'momentum'], undefined)).toEqual({ arms: ['imp', 'dense'] });
  expect(withValue(raw, ['arms', 0], undefined)).toMatchObject({ arms: ['dense'] });
  expect(withValue(raw, ['arms', 1, 'particles'], 2)).toMatchObject({ arms: ['imp', { particles: 2 }] });
});

test('defaults lie under what is given, of another kind nothing of them', () => {
  const defaults = { epochs: 160, schedule: { kind: 'step', milestones: [80] } };
  expect(merged(defaults, { epochs: 10 })).toEqual({
    epochs: 10,
    schedule: { kind: 'step', milestones: [80] },
  });
  expect(merged(defaults, { schedule: { kind: 'cosine' } })).toEqual({
    epochs: 160,
    schedule: { kind: 'cosine' },
  });
  expect(isSame({ a: 1, b: [{ c: 2 }] }, { b: [{ c: 2 }], a: 1 })).toBe(true);
  expect(isSame({ a: 1 }, { a: 1, b: undefined })).toBe(false);
});
