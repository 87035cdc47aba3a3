import { expect, it } from 'vitest';
import type { JobKey } from '../contract/ids.ts';
import { finishTimes, wallSeconds, type TimedJob } from './schedule.ts';

const job = (key: string, seconds: number, ...after: string[]): TimedJob => ({
  key: key as JobKey,
  seconds,
  after: after as JobKey[],
});

it('adds up with one worker', () => {
  const jobs = [job('a', 2), job('b', 3, 'a'), job('c', 4)];
  expect(wallSeconds(jobs, 1)).toBe(9);
  expect(finishTimes(jobs, 1)).toEqual(
    new Map([
      ['a', 2],
      ['b', 5],
      ['c', 9],
    ]),
  );
});

it('counts the waiting of rounds that need each other', () => {
  // Two particles, then their average, then two more: four workers are no faster than two.
  const jobs = [
    job('p0', 10),
    job('p1', 10),
    job('θ', 1, 'p0', 'p1'),
    job('q0', 10, 'θ'),
    job('q1', 10, 'θ'),
  ];
  expect(wallSeconds(jobs, 2)).toBe(21);
  expect(wallSeconds(jobs, 4)).toBe(21);
  expect(wallSeconds(jobs, 1)).toBe(41);
});

it('takes inputs that are not listed for done, and running jobs first', () => {
  expect(wallSeconds([job('b', 3, 'stored')], 1)).toBe(3);
  const jobs = [job('a', 5), job('b', 1)];
  expect(finishTimes(jobs, 1, new Set(['b' as JobKey])).get('b' as JobKey)).toBe(1);
  expect(wallSeconds([], 2)).toBe(0);
});
