import { describe, expect, it, vi } from 'vitest';
import type { TableRow } from '../../../src-main/contract/api/table.ts';
import { allCarry, carriersOf, shownTags } from './labels.ts';

vi.mock('../../host.ts', () => ({ host: {}, shell: null }));

const row = (experiment: string, tags: string[], runTags: string[] = []): TableRow =>
  ({
    key: experiment,
    experiments: [{ experiment, tags, note: '' }],
    runs: [{ run: `${experiment}/imp/1`, experiment, seed: 1, state: 'done', tags: runTags }],
    tags: [...tags, ...runTags],
  }) as unknown as TableRow;

describe('labels', () => {
  it('know who carries a tag: experiments, runs, each once', () => {
    const rows = [row('a', ['star']), row('a', ['star'], ['good']), row('b', [], ['good'])];
    expect(carriersOf(rows, 'star')).toEqual(['a']);
    expect(carriersOf(rows, 'good')).toEqual(['a/imp/1', 'b/imp/1']);
    expect(allCarry(rows, 'star')).toBe(false);
    expect(allCarry(rows.slice(0, 2), 'star')).toBe(true);
  });

  it('leave out what is shown otherwise', () => {
    expect(shownTags(row('a', ['archived', 'paper', 'star']))).toEqual(['paper']);
  });
});
