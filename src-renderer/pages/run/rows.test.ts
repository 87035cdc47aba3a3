import { expect, test } from 'vitest';
import type { ShownJob, ShownRound, ThinSeries } from '../../../src-main/contract/api/details.ts';
import type { JobKey } from '../../../src-main/contract/ids.ts';
import { curvesOf } from './curves.ts';
import { quiet, take, type Live } from './live.ts';
import { cellOf } from './rounds.ts';
import { resultRows, spanOf, trainingRows } from './rows.ts';

const key = (text: string): JobKey => text as JobKey;
const metrics = (accuracy: number) => ({ accuracy, nll: 1, ece: 0.1 });

function job(name: string, role: string, more: Partial<ShownJob> = {}): ShownJob {
  const trains = role === 'particle' || role === 'ticket';
  return {
    ...{ key: key(name), kind: trains ? 'train-particle' : 'evaluate', role, index: 0, state: 'done' },
    ...{ attempts: 1, seconds: 1, failure: null, test: null, validation: null },
    ...(trains
      ? { iterations: 1000, iterationsPerEpoch: 100, particles: 1 }
      : { iterations: 0, iterationsPerEpoch: 0, particles: 0 }),
    ...more,
  };
}
const judge = (index: number, accuracy: number): ShownJob =>
  job(`judge${index}`, 'evaluate-particle', { index, test: metrics(accuracy) });
const round = (accuracy: number, ...jobs: ShownJob[]): ShownRound => ({
  ...{ round: 1, sparsity: 0.5, state: 'done', validation: null, jobs },
  test: metrics(accuracy),
});

/** Four particles that are trained as one job of 4 × 1000 iterations. */
const group = round(
  0.9,
  job('ticket', 'ticket', { iterations: 50 }),
  job('group', 'particle', { kind: 'train-group', particles: 4 }),
  job('group', 'mask', { kind: 'train-group', particles: 4 }),
  ...[0.8, 0.81, 0.82, 0.83].map((accuracy, index) => judge(index, accuracy)),
  job('theta', 'average', { kind: 'average' }),
  job('all', 'evaluate', { test: metrics(0.9) }),
  job('ensemble', 'ensemble', { kind: 'evaluate-ensemble', test: metrics(0.91) }),
);

const figures = (rows: readonly { name: string; test: ShownJob['test'] }[]): [string, number | undefined][] =>
  rows.map(({ name, test }) => [name, test?.accuracy]);

test('particles that are trained together have their own lines, their training none of their figures', () => {
  expect(figures(trainingRows(group, 'rigl-swamp'))).toEqual([
    ['ticket', undefined],
    ['4 particles together', undefined],
    ['particle 0', 0.8],
    ['particle 1', 0.81],
    ['particle 2', 0.82],
    ['particle 3', 0.83],
  ]);
});

test('what the arm stands for is shown wherever it is none of the trainings', () => {
  expect(figures(resultRows(group))).toEqual([
    ['average', 0.9],
    ['ensemble', 0.91],
  ]);
  const imp = round(0.8, job('a', 'particle'), judge(0, 0.8), job('judge0', 'evaluate'));
  expect(figures(trainingRows(imp, 'imp'))).toEqual([['particle 0', 0.8]]);
  expect(resultRows(imp)).toEqual([]);
  const pool = job('pool', 'average', { kind: 'pool' });
  const pools = round(0.85, job('a', 'particle'), judge(0, 0.8), pool, job('pooled', 'evaluate'));
  expect(figures(resultRows(pools))).toEqual([['pooled', 0.85]]);
  const members = [job('a', 'particle'), job('b', 'particle', { index: 1 }), judge(0, 0.8), judge(1, 0.7)];
  const ensemble = round(0.9, ...members, job('e', 'ensemble'), job('e', 'evaluate'));
  expect(figures(resultRows(ensemble))).toEqual([['ensemble', 0.9]]);
});

test('epochs are those of the training, however many the experiment has', () => {
  expect(spanOf(group)).toEqual({ iterations: 1000, iterationsPerEpoch: 100 });
  const soup = round(
    0.9,
    job('short', 'particle', { iterations: 500 }),
    job('long', 'particle', { iterations: 2000, index: 1 }),
  );
  expect(spanOf(soup)).toEqual({ iterations: 2000, iterationsPerEpoch: 100 });
});

test('the curve of particles that are trained together ends where it ran, at the iterations of each', () => {
  const live: Live = quiet();
  const where = { arm: 'rigl+swamp(4)', seed: 1, round: 1, rounds: 2, index: 0, particles: 4 };
  take(live, { type: 'started', key: key('group'), kind: 'train-group', where });
  for (const iteration of [2000, 4000])
    take(live, {
      type: 'progress',
      where,
      progress: { key: key('group'), iteration, iterations: 4000, loss: 1, accuracy: 0.5 },
    });
  const look = { kind: 'rigl-swamp', colour: 'red', name: 'loss' as const };
  expect(curvesOf(group, { ...look, stored: new Map(), live }).map(({ x }) => x)).toEqual([[500, 1000]]);
  const series = { key: key('group'), x: [500, 1000], values: { loss: [2, 1] } } as unknown as ThinSeries;
  const stored = new Map([[series.key, series]]);
  expect(curvesOf(group, { ...look, stored, live: quiet() }).map(({ x }) => x)).toEqual([[500, 1000]]);
});

test('a round’s share counts the steps of all particles', () => {
  const half = round(
    0.9,
    job('ticket', 'ticket', { iterations: 1000 }),
    job('group', 'particle', { kind: 'train-group', particles: 4, state: 'running' }),
  );
  expect(cellOf(half, quiet()).share).toBeCloseTo(1000 / 5000);
});
