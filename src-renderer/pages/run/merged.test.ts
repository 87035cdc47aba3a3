import { expect, test } from 'vitest';
import type { ShownExperiment, ShownRound, ShownRun } from '../../../src-main/contract/api/details.ts';
import type { RunId } from '../../../src-main/contract/ids.ts';
import { merged } from './merged.ts';

const round = (at: number, sparsity = 0): ShownRound => ({
  round: at,
  sparsity,
  state: 'waiting',
  test: null,
  validation: null,
  jobs: [],
});
const run = (id: string, rounds: ShownRound[], state: ShownRun['state'] = 'running'): ShownRun => ({
  run: id as RunId,
  arm: id,
  kind: 'imp',
  seed: 1,
  state,
  tags: [],
  note: '',
  rounds,
});
const shown = (name: string, ...runs: ShownRun[]): ShownExperiment =>
  ({ name, runs }) as unknown as ShownExperiment;

const before = shown('one', run('a', [round(0), round(1)]), run('b', [round(0)]));

test('an answer that tells all is taken as it is', () => {
  const experiment = shown('two', run('a', []));
  expect(merged(before, { version: '2', since: null, experiment })).toBe(experiment);
  expect(merged(null, { version: '2', since: '1', experiment })).toBe(experiment);
});

test('what did not change stays the same object', () => {
  const news = shown('two', run('a', [round(1, 0.5)]), run('b', []));
  const after = merged(before, { version: '2', since: '1', experiment: news });
  expect(after.name).toBe('two');
  expect(after.runs[0]?.rounds.map(({ sparsity }) => sparsity)).toEqual([0, 0.5]);
  expect(after.runs[0]?.rounds[0]).toBe(before.runs[0]?.rounds[0]);
  expect(after.runs[1]).toBe(before.runs[1]);
  expect(before.runs[0]?.rounds[1]?.sparsity).toBe(0);
});

test('a run may change without its rounds, become longer, or be new', () => {
  const news = shown('one', run('a', [round(2)]), run('b', [], 'done'), run('c', [round(0)]));
  const after = merged(before, { version: '2', since: '1', experiment: news });
  expect(after.runs.map(({ rounds }) => rounds.length)).toEqual([3, 1, 1]);
  expect(after.runs[1]).toMatchObject({ state: 'done', rounds: before.runs[1]?.rounds });
});
