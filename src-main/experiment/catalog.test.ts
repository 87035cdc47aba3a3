import { expect, test } from 'vitest';
import { catalog } from './catalog.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Options of an entry, those inside of others too, as a form shows them. */
function optionsOf({ properties = {} }: Schema, within = ''): { name: string; option: Schema }[] {
  return Object.entries(properties as Readonly<Record<string, Schema>>)
    .filter(([key]) => key !== 'kind')
    .flatMap(([key, option]) => [
      { name: `${within}${key}`, option },
      ...optionsOf(option, `${within}${key}.`),
    ]);
}

const { arms, sparsities, criteria, scopes } = catalog();
const entries = [...arms, ...sparsities, ...criteria, ...scopes];

test.each(entries)('every option of $kind has a label and a help text', ({ schema }) => {
  for (const { name, option } of optionsOf(schema)) {
    expect(option['title'], name).toMatch(/\S/);
    expect(option['description'], name).toMatch(/\S.*\.$/);
  }
});

test('options of one name that are different settings have different labels', () => {
  const labels = (key: string): Record<string, unknown> =>
    Object.fromEntries(
      entries.flatMap(({ kind, schema }) =>
        optionsOf(schema).flatMap(({ name, option }) => (name === key ? [[kind, option['title']]] : [])),
      ),
    );
  expect(labels('every')).toEqual({
    gmp: 'pruned every',
    set: 'mask updated every',
    rigl: 'mask updated every',
    dpf: 'mask updated every',
    'rigl-swamp': 'mask updated every',
    'dpf-swamp': 'mask updated every',
  });
  expect(labels('swa.every')['rigl-swamp']).toBe('snapshots every');
  expect(labels('fraction')).toEqual({
    geometric: 'pruned each round',
    set: 'replaced at an update',
    rigl: 'replaced at an update',
    'rigl-swamp': 'replaced at an update',
  });
});
