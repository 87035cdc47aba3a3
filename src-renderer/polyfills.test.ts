import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { build } from 'vite';

/** Expressions, evaluated where the names are missing and where they are built in. */
const expressions = [
  '[1, 2, 3].at(-1)',
  '"abc".at(-2)',
  '[1, 2, 3].findLast((value) => value < 3)',
  '[1, 2, 3].findLastIndex((value) => value > 5)',
  '[3, 1, 2].toSorted()',
  '[3, 1, 2].toSorted((a, b) => b - a)',
  '[3, 1, 2].toReversed()',
  '[3, 1, 2].toSpliced(1, 1, 7, 8)',
  '[3, 1, 2].with(-1, 9)',
  '"a.b.c".replaceAll(".", "$")',
  '"a1b2".replaceAll(/[0-9]/g, "x")',
  'Object.hasOwn({ a: 1 }, "a")',
  'JSON.stringify(Object.groupBy([1, 2, 3], (value) => value % 2 ? "odd" : "even"))',
  '[...Map.groupBy([1, 2, 3], (value) => value % 2)]',
  '[...new Set([1, 2]).union(new Set([2, 3]))]',
  '[...new Set([1, 2]).intersection(new Set([2, 3]))]',
  '[...new Set([1, 2]).difference(new Set([2, 3]))]',
  'new Set([1]).isSubsetOf(new Set([1, 2]))',
  'structuredClone({ a: [1, { b: 2 }] })',
];

test('what is filled in does what is built in', async () => {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      lib: { entry: 'src-renderer/polyfills.ts', formats: ['iife'], name: 'filled' },
    },
  });
  const { code } = (built as { output: { code: string }[] }[])[0]?.output[0] ?? { code: '' };
  const results = runInNewContext(
    `for (const [of, names] of [
      [Array.prototype, ['at', 'findLast', 'findLastIndex', 'toSorted', 'toReversed', 'toSpliced', 'with']],
      [String.prototype, ['at', 'replaceAll']],
      [Object, ['hasOwn', 'groupBy']],
      [Map, ['groupBy']],
      [Set.prototype, ['union', 'intersection', 'difference', 'isSubsetOf']],
    ]) for (const name of names) delete of[name];
    class Element {}
    class AbortSignal {}
    const crypto = {};
    ${code}
    expressions.map((expression) => eval(expression))`,
    { expressions },
  ) as unknown[];
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  const expected = expressions.map((expression) => new Function(`return ${expression}`)() as unknown);
  expect(JSON.parse(JSON.stringify(results))).toEqual(JSON.parse(JSON.stringify(expected)));
});
