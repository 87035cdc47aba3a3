import { expect, test } from 'vitest';
import type { ShownExperiment, ShownJob, ShownRound } from '../contract/api/details.ts';
import type { JobKey, RunId } from '../contract/ids.ts';
import { Newsroom } from './news.ts';

const job = (key: string, state: ShownJob['state']): ShownJob => ({
  key: key as JobKey,
  kind: 'train-particle',
  role: 'particle',
  index: 0,
  state,
  attempts: 0,
  seconds: null,
  iterations: 10,
  iterationsPerEpoch: 10,
  particles: 1,
  failure: null,
  test: null,
  validation: null,
});
const round = (at: number, state: ShownJob['state']): ShownRound => ({
  round: at,
  sparsity: 0,
  state,
  test: null,
  validation: null,
  jobs: [job(`job ${at}`, state)],
});

/** Two runs of as many rounds as there are states. */
function shown(id: string, states: readonly ShownJob['state'][]): ShownExperiment {
  const runs = ['a', 'b'].map((run) => ({
    run: `${id}/${run}` as RunId,
    arm: run,
    rounds: states.map((state, at) => round(at, run === 'a' ? state : 'waiting')),
  }));
  return { experiment: id, runs } as unknown as ShownExperiment;
}

const told = ({ experiment }: { experiment: ShownExperiment }): number[][] =>
  experiment.runs.map(({ rounds }) => rounds.map((each) => each.round));

test('the first answer tells all, a later one the rounds that changed since', () => {
  const room = new Newsroom();
  const first = room.tell(shown('e', ['waiting', 'waiting']), null);
  expect(first.since).toBeNull();
  expect(told(first)).toEqual([
    [0, 1],
    [0, 1],
  ]);
  const second = room.tell(shown('e', ['running', 'waiting']), first.version);
  expect(second.since).toBe(first.version);
  expect(told(second)).toEqual([[0], []]);
  const third = room.tell(shown('e', ['done', 'waiting']), second.version);
  expect(told(third)).toEqual([[0], []]);
  expect(told(room.tell(shown('e', ['done', 'waiting']), third.version))).toEqual([[], []]);
});

test('who is some answers behind hears all that happened since', () => {
  const room = new Newsroom();
  const first = room.tell(shown('e', ['waiting', 'waiting']), null);
  room.tell(shown('e', ['done', 'waiting']), null);
  room.tell(shown('e', ['done', 'running']), null);
  expect(told(room.tell(shown('e', ['done', 'running']), first.version))).toEqual([[0, 1], []]);
});

test('rounds that were put in are new', () => {
  const room = new Newsroom();
  const { version } = room.tell(shown('e', ['done']), null);
  expect(told(room.tell(shown('e', ['done', 'waiting']), version))).toEqual([[1], [1]]);
});

test('a version of another thread, of nobody, or forgotten meanwhile counts for nothing', () => {
  const room = new Newsroom();
  const other = new Newsroom().tell(shown('e', ['done']), null).version;
  const own = room.tell(shown('e', ['done']), null).version;
  for (const since of [other, 'nonsense', '', `${own}9`]) {
    const answer = room.tell(shown('e', ['done']), since);
    expect(answer.since).toBeNull();
    expect(told(answer)).toEqual([[0], [0]]);
  }
  for (const id of ['f', 'g', 'h', 'i']) room.tell(shown(id, ['done']), null);
  expect(room.tell(shown('e', ['done']), own)).toMatchObject({ since: null });
});
