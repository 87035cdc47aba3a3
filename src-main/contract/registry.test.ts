import { expect, test } from 'vitest';
import { z } from 'zod';
import { ConfigError } from './errors.ts';
import { choose, registry } from './registry.ts';

const fruits = registry(
  {
    kind: 'apple',
    title: 'Apple',
    schema: z.strictObject({ kind: z.literal('apple'), weight: z.number().min(1).default(5) }),
  },
  { kind: 'pear', title: 'Pear', schema: z.strictObject({ kind: z.literal('pear') }) },
);

test('finds the entry and fills in defaults', () => {
  const { entry, options } = choose(fruits, { kind: 'apple' }, 'fruit');
  expect(entry.title).toBe('Apple');
  expect(options).toEqual({ kind: 'apple', weight: 5 });
});

test('an unknown kind is refused with the known ones', () => {
  const act = (): unknown => choose(fruits, { kind: 'plum' }, 'fruit');
  expect(act).toThrow(ConfigError);
  expect(act).toThrow("fruit.kind: there is no 'plum'");
  expect(act).toThrow(expect.objectContaining({ hint: 'Known kinds: apple, pear.' }) as Error);
});

test('wrong options are named with their place and value', () => {
  expect(() => choose(fruits, { kind: 'apple', weight: -3 }, 'fruit')).toThrow(/fruit\.weight: .*given: -3/);
  expect(() => choose(fruits, { kind: 'pear', colour: 'red' }, 'fruit')).toThrow(/colour/);
});
