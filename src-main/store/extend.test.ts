import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError } from '../contract/errors.ts';
import type { ExperimentId, RunId } from '../contract/ids.ts';
import { openLibrary, type Library } from './library.ts';
import { experiment, finish, job, keyOf } from './testing.ts';

let folder: string;
let library: Library;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
  library = openLibrary(join(folder, 'library'), { create: true });
});
afterEach(() => {
  library.close();
  rmSync(folder, { recursive: true });
});

const id = 'a-11aa' as ExperimentId;
const run = (slug: string): RunId => `${id}/${slug}/1` as RunId;
const before = experiment(id, [job('ticket'), job('p0', 'ticket')], { imp: ['ticket', 'p0'] });
const after = experiment(
  id,
  [job('ticket'), job('q0', 'ticket'), job('p0', 'ticket'), job('p1', 'p0')],
  // The new run comes first in the plan.
  { dense: ['ticket', 'q0'], imp: ['ticket', 'p0', 'p1'] },
);
const more = { ...after, runs: after.runs.map((each) => ({ ...each, rounds: 3 })), resolved: { threads: 3 } };

describe('an experiment that is done', () => {
  beforeEach(() => {
    const { store, objects } = library;
    store.createExperiment(before);
    for (const [index, name] of ['ticket', 'p0'].entries()) finish(store, objects, name, index);
    store.tag(run('imp'), ['good']);
    store.setExperimentWish(id, 'stopped');
    expect(store.experiment(id).state).toBe('done');
  });

  test('gets more, and keeps what it has', () => {
    const { store } = library;
    const results = ['ticket', 'p0'].map((name) => store.result(keyOf(name)));
    expect(store.extendExperiment(id, more)).toMatchObject({
      state: 'waiting',
      wish: 'run',
      runs: 2,
      counts: { waiting: 2, done: 2 },
      resolved: { threads: 3 },
    });
    expect(['ticket', 'p0'].map((name) => store.result(keyOf(name)))).toEqual(results);
    expect(store.attempts(keyOf('p0'))).toHaveLength(1);
    expect(store.runs({ experiment: id })).toMatchObject([
      { id: run('dense'), rounds: 3, state: 'waiting', counts: { done: 1, waiting: 1 } },
      { id: run('imp'), rounds: 3, state: 'waiting', counts: { done: 2, waiting: 1 }, tags: ['good'] },
    ]);
    expect(store.plan(id).runJobs).toHaveLength(5);
    finish(store, library.objects, 'p1', 3);
    expect(store.run(run('imp')).state).toBe('done');
  });

  test('twice is once', () => {
    const { store } = library;
    const once = store.extendExperiment(id, more);
    expect(store.extendExperiment(id, more)).toEqual(once);
    expect(store.plan(id).runJobs).toHaveLength(5);
  });

  test('is left alone where something of it is not in the plan, or it runs', () => {
    const { store } = library;
    const standing = store.experiment(id);
    const lacking = [
      { ...more, runs: more.runs.filter(({ slug }) => slug !== 'imp') },
      { ...more, jobs: more.jobs.filter(({ key }) => key !== keyOf('p0') && key !== keyOf('p1')) },
      { ...more, runJobs: more.runJobs.filter(({ job: key }) => key !== keyOf('p0')) },
    ];
    for (const plan of lacking) expect(() => store.extendExperiment(id, plan)).toThrow(RangeError);
    expect(store.experiment(id)).toEqual(standing);
    expect(store.jobs([keyOf('p1')])).toEqual([]);
    store.extendExperiment(id, more);
    store.startJob(keyOf('p1'), 'worker');
    expect(() => store.extendExperiment(id, more)).toThrow(ConfigError);
  });

  test('tries again what failed', () => {
    const { store } = library;
    store.extendExperiment(id, more);
    store.startJob(keyOf('p1'), 'worker');
    store.failJob(keyOf('p1'), { name: 'Error', message: 'it broke', hint: 'mend it', stack: '' });
    expect(store.experiment(id).state).toBe('failed');
    expect(store.extendExperiment(id, more).counts).toMatchObject({ waiting: 2, failed: 0 });
  });
});
