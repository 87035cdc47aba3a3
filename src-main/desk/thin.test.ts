import { expect, test } from 'vitest';
import type { JobKey } from '../contract/ids.ts';
import { thin } from './thin.ts';

const key = 'k'.repeat(64) as JobKey;
const range = (length: number): number[] => Array.from({ length }, (_, at) => at);

test('what is short stays as it is', () => {
  const series = { iteration: [10, 20, 30], loss: [3, NaN, 1] };
  expect(thin(key, series, 3)).toEqual({ key, x: [10, 20, 30], values: { loss: [3, null, 1] }, total: 3 });
});

test('the first, the last and every spike stay, in order, and no more points than asked for', () => {
  const length = 10_000;
  const loss = range(length).map((at) => Math.sin(at / 500));
  const rate = range(length).map((at) => 1 - at / length);
  loss[1234] = 99;
  loss[8765] = -99;
  rate[4321] = 50;
  const thinned = thin(key, { iteration: range(length).map((at) => 5 * at), loss, rate }, 400);
  expect(thinned.total).toBe(length);
  expect(thinned.x.length).toBeLessThanOrEqual(400);
  expect(thinned.x.length).toBeGreaterThan(200);
  expect([thinned.x[0], thinned.x.at(-1)]).toEqual([0, 5 * (length - 1)]);
  expect(thinned.x).toEqual([...thinned.x].sort((a, b) => a - b));
  const at = (place: number): number => thinned.x.indexOf(5 * place);
  expect(thinned.values['loss']?.[at(1234)]).toBe(99);
  expect(thinned.values['loss']?.[at(8765)]).toBe(-99);
  expect(thinned.values['rate']?.[at(4321)]).toBe(50);
  // Every point that stays is one that was there.
  for (const [place, x] of thinned.x.entries()) expect(thinned.values['rate']?.[place]).toBe(rate[x / 5]);
});

test('series that are not asked for are left out, and take no points from the others', () => {
  const series = { iteration: range(1000), loss: range(1000), other: range(1000) };
  const thinned = thin(key, series, 10, ['loss']);
  expect(Object.keys(thinned.values)).toEqual(['loss']);
  expect(thinned.x).toHaveLength(10);
});

test('a job without series has no points', () => {
  expect(thin(key, {}, 100)).toEqual({ key, x: [], values: {}, total: 0 });
});

test('as few points as the ends are enough for what is not finite throughout', () => {
  const thinned = thin(key, { loss: range(50).map(() => NaN) }, 2);
  expect(thinned).toMatchObject({ x: [0, 49], values: { loss: [null, null] } });
});
