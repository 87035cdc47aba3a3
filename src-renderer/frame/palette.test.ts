import { describe, expect, it } from 'vitest';
import { grouped, matching, type Entry } from './palette.ts';

const entry = (title: string, more: Partial<Entry> = {}): Entry => ({
  id: title,
  title,
  group: 'View',
  run: () => undefined,
  ...more,
});
const titles = (entries: readonly Entry[]): string[] => entries.map(({ title }) => title);

describe('matching', () => {
  const all = [
    entry('New experiment'),
    entry('Theme: dark', { words: 'colours' }),
    entry('Compare experiments'),
  ];

  it('shows all where nothing is typed', () => {
    expect(titles(matching(all, '  '))).toEqual(titles(all));
  });

  it('wants every word, anywhere, whatever its case', () => {
    expect(titles(matching(all, 'EXP new'))).toEqual(['New experiment']);
    expect(matching(all, 'exp nothing')).toEqual([]);
  });

  it('puts titles that begin with it first, and finds by other words last', () => {
    expect(titles(matching(all, 'co'))).toEqual(['Compare experiments', 'Theme: dark']);
  });
});

describe('grouped', () => {
  it('keeps the order of the best of each group', () => {
    const groups = grouped([
      entry('a', { group: 'B' }),
      entry('b', { group: 'A' }),
      entry('c', { group: 'B' }),
    ]);
    expect(groups.map(({ title, entries }) => [title, ...titles(entries)])).toEqual([
      ['B', 'a', 'c'],
      ['A', 'b'],
    ]);
  });
});
