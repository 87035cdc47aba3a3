import { describe, expect, it } from 'vitest';
import type { TableRow } from '../../../src-main/contract/api/table.ts';
import { Picks } from './picks.ts';

const rowAt = (line: number): TableRow | undefined =>
  line >= 0 && line < 6 ? ({ key: String(line), arm: 'imp' } as TableRow) : undefined;
const keys = (picks: Picks): string[] => picks.rows.value.map(({ key }) => key);

describe('picks', () => {
  it('choose one alone, several one by one, and let go of them', () => {
    const picks = new Picks();
    picks.only(1, rowAt(1));
    picks.toggle(3, rowAt(3));
    picks.toggle(4, rowAt(4));
    expect(keys(picks)).toEqual(['1', '3', '4']);
    picks.toggle(3, rowAt(3));
    expect(keys(picks)).toEqual(['1', '4']);
    picks.only(2, rowAt(2));
    expect(keys(picks)).toEqual(['2']);
  });

  it('choose a range from where it began, to either side', () => {
    const picks = new Picks();
    picks.only(2, rowAt(2));
    picks.extend(4, rowAt);
    expect(keys(picks)).toEqual(['2', '3', '4']);
    picks.extend(0, rowAt);
    expect(keys(picks)).toEqual(['0', '1', '2']);
    expect(picks.active.value).toBe(0);
  });

  it('leave out of a range what is not there yet', () => {
    const picks = new Picks();
    picks.only(4, rowAt(4));
    picks.extend(9, rowAt);
    expect(keys(picks)).toEqual(['4', '5']);
  });

  it('know what a chosen row has become', () => {
    const picks = new Picks();
    picks.only(1, rowAt(1));
    picks.renew([{ key: '1', arm: 'swamp(4)' } as TableRow, { key: '2' } as TableRow]);
    expect(picks.rows.value.map(({ arm }) => arm)).toEqual(['swamp(4)']);
  });
});
