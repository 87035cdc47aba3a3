import { describe, expect, it } from 'vitest';
import type { Output } from '../../../src-main/contract/api/index.ts';
import { PAGE, RowWindow } from './row-window.ts';

type Answer = Output<'table.rows'>;

/** A library of so many rows that answers when it is told to. */
function library(total: number) {
  const asked: {
    offset: number;
    signal: AbortSignal;
    answer: (prefix?: string) => void;
    fail: (error: Error) => void;
  }[] = [];
  const window = new RowWindow(
    (offset, limit, signal) =>
      new Promise<Answer>((resolve, reject) => {
        asked.push({
          offset,
          signal,
          fail: reject,
          answer: (prefix = 'row') =>
            resolve({
              total,
              runs: total,
              rows: Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, index) => ({
                key: `${prefix} ${offset + index}`,
              })) as Answer['rows'],
            }),
        });
      }),
  );
  return { window, asked };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('RowWindow', () => {
  it('asks for the first rows, then only for those that come into sight', async () => {
    const { window, asked } = library(1000);
    void window.ask();
    asked[0]?.answer();
    await settled();
    expect([window.total.value, window.at(0)?.key, window.at(PAGE)]).toEqual([1000, 'row 0', undefined]);
    window.need(10, 40);
    expect(asked).toHaveLength(1);
    window.need(PAGE * 4 - 10, PAGE * 4 + 20);
    expect(asked.map(({ offset }) => offset)).toEqual([0, PAGE * 3, PAGE * 4]);
    asked[2]?.answer();
    await settled();
    expect(window.at(PAGE * 4)?.key).toBe(`row ${PAGE * 4}`);
  });

  it('keeps old rows until new ones come, and gives up what nobody waits for', async () => {
    const { window, asked } = library(1000);
    void window.ask();
    asked[0]?.answer('old');
    await settled();
    void window.ask();
    void window.ask();
    expect(asked[1]?.signal.aborted).toBe(true);
    expect([window.at(0)?.key, window.stale.value]).toEqual(['old 0', true]);
    asked[2]?.answer('new');
    asked[1]?.answer('late');
    await settled();
    expect([window.at(0)?.key, window.stale.value]).toEqual(['new 0', false]);
  });

  it('gives up pages that were scrolled past', async () => {
    const { window, asked } = library(10_000);
    void window.ask();
    asked[0]?.answer();
    await settled();
    window.need(PAGE * 5, PAGE * 5 + 30);
    window.need(PAGE * 50, PAGE * 50 + 30);
    expect(asked[1]?.signal.aborted).toBe(true);
    expect(asked[2]?.offset).toBe(PAGE * 50);
  });

  it('reads what is on the screen anew, and drops what is not', async () => {
    const { window, asked } = library(1000);
    void window.ask();
    asked[0]?.answer('old');
    await settled();
    window.need(PAGE, PAGE + 30);
    asked[1]?.answer('old');
    await settled();
    void window.refresh();
    expect(asked.map(({ offset }) => offset)).toEqual([0, PAGE, PAGE]);
    expect(window.at(PAGE)?.key).toBe(`old ${PAGE}`);
    asked[2]?.answer('new');
    await settled();
    expect([window.at(PAGE)?.key, window.at(0)]).toEqual([`new ${PAGE}`, undefined]);
  });

  it('says what went wrong, and forgets it with the next answer', async () => {
    const { window, asked } = library(10);
    void window.ask();
    asked[0]?.fail(new Error('away'));
    await settled();
    expect((window.error.value as Error).message).toBe('away');
    void window.refresh();
    asked[1]?.answer();
    await settled();
    expect([window.error.value, window.total.value]).toEqual([null, 10]);
  });
});
