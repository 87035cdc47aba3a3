import { describe, expect, it } from 'vitest';
import type { TableRow } from '../../../src-main/contract/api/table.ts';
import { lineAt, lineCount, lineOf } from './lines.ts';

const seeds = (count: number): TableRow[] => Array.from({ length: count }, () => ({}) as TableRow);

describe('lines', () => {
  const open = [
    { index: 1, children: seeds(2) },
    { index: 3, children: seeds(3) },
  ];

  it('count rows and the seeds below open ones', () => {
    expect(lineCount(5, open)).toBe(10);
    expect(lineCount(5, [])).toBe(5);
  });

  it('stand in order', () => {
    const all = Array.from({ length: 10 }, (_, line) => lineAt(line, open));
    expect(all.map(({ index, child }) => [index, child])).toEqual([
      [0, -1],
      [1, -1],
      [1, 0],
      [1, 1],
      [2, -1],
      [3, -1],
      [3, 0],
      [3, 1],
      [3, 2],
      [4, -1],
    ]);
  });

  it('are found by their rows', () => {
    for (let index = 0; index < 5; index++)
      expect(lineAt(lineOf(index, open), open)).toEqual({ index, child: -1 });
  });
});
