import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError, LibraryError } from '../contract/errors.ts';
import type { Digest, ExperimentId, RunId } from '../contract/ids.ts';
import { openLibrary, type Library } from './library.ts';
import type { ObjectStore } from './objects.ts';
import { TransitionError } from './states.ts';
import type { Store } from './store.ts';
import { experiment, finish, job, keyOf, putNumber, resultOf } from './testing.ts';

let folder: string;
let library: Library;
let store: Store;
let objects: ObjectStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
  library = openLibrary(join(folder, 'library'), { create: true });
  ({ store, objects } = library);
});
afterEach(() => {
  library.close();
  rmSync(folder, { recursive: true });
});

const a = 'a-11aa' as ExperimentId;
const b = 'b-22bb' as ExperimentId;
const failure = { name: 'Error', message: 'it broke', hint: 'mend it', stack: '' };

/** ticket → two particles → average; given in the wrong order on purpose. */
const planned = [job('average', 'p0', 'p1'), job('p1', 'ticket'), job('p0', 'ticket'), job('ticket')];

function createA(): void {
  store.createExperiment(
    experiment(a, planned, { imp: ['ticket', 'p0'], swamp: ['ticket', 'p0', 'p1', 'average'] }),
  );
}

describe('a plan', () => {
  test('comes back with inputs before what builds on them', () => {
    createA();
    const plan = store.plan(a);
    expect(plan.jobs.map(({ key }) => key)).toEqual(['ticket', 'p0', 'p1', 'average'].map(keyOf));
    expect(plan.jobs.at(-1)).toMatchObject({
      state: 'waiting',
      attempts: 0,
      failure: null,
      spec: { kind: 'average' },
    });
    expect(plan.jobs.at(-1)?.inputs).toEqual(planned[0]?.inputs);
    expect(store.jobs([keyOf('average')])).toEqual([plan.jobs.at(-1)]);
    expect(plan.runJobs).toHaveLength(6);
    expect(plan.runJobs[0]).toEqual({
      run: `${a}/imp/1`,
      job: keyOf('ticket'),
      round: 0,
      role: 'particle',
      index: 0,
    });
  });

  test('is refused whole where an input is missing, a circle closes or the id is taken', () => {
    expect(() => store.createExperiment(experiment(a, [job('x', 'nowhere')], {}))).toThrow(RangeError);
    expect(() => store.createExperiment(experiment(a, [job('x', 'y'), job('y', 'x')], {}))).toThrow(
      /builds on itself/,
    );
    expect(() => store.createExperiment(experiment(a, [], { imp: ['x'] }))).toThrow(RangeError);
    expect(store.experiments()).toEqual([]);
    createA();
    expect(createA).toThrow(ConfigError);
    expect(store.jobs([keyOf('x')])).toEqual([]);
  });
});

describe('transitions', () => {
  beforeEach(createA);

  test('waiting → running → done keeps outputs, evaluation, series and seconds', () => {
    const digest = finish(store, objects, 'ticket', 1);
    expect(store.result(keyOf('ticket'))).toEqual(resultOf(digest));
    expect(store.settledKeys(planned)).toEqual(new Set([keyOf('ticket')]));
    expect(store.attempts(keyOf('ticket'))).toMatchObject([{ number: 1, worker: 'worker', outcome: 'done' }]);
  });

  test('a long series comes back as it went in', () => {
    store.startJob(keyOf('ticket'), 'worker');
    const loss = Array.from({ length: 20_000 }, (_, index) => Math.sin(index));
    const result = { ...resultOf(putNumber(objects, 1)), series: { loss, none: [] } };
    store.finishJob(keyOf('ticket'), result);
    expect(store.result(keyOf('ticket'))?.series).toEqual({ loss, none: [] });
  });

  test('inputs that share a name come in order', () => {
    finish(store, objects, 'ticket', 1);
    const digests = [finish(store, objects, 'p0', 9), finish(store, objects, 'p1', 2)];
    const [average] = store.jobs([keyOf('average')]);
    const given = average?.inputs.map(({ name, job: key, output }) => [
      name,
      store.result(key)?.outputs[output],
    ]);
    expect(given).toEqual(digests.map((digest) => ['solution', digest]));
  });

  test('running → failed keeps why; resuming lets it wait again', () => {
    store.startJob(keyOf('ticket'), 'worker');
    store.failJob(keyOf('ticket'), failure);
    expect(store.jobs([keyOf('ticket')])).toMatchObject([{ state: 'failed', failure }]);
    expect(store.attempts(keyOf('ticket'))).toMatchObject([{ outcome: 'failed', failure }]);
    expect(store.experiment(a).state).toBe('failed');
    expect(store.resumeExperiment(a)).toEqual([keyOf('ticket')]);
    expect(store.jobs([keyOf('ticket')])).toMatchObject([{ state: 'waiting', failure: null, attempts: 1 }]);
  });

  test('running → waiting when stopped or crashed', () => {
    for (const outcome of ['stopped', 'crashed'] as const) {
      store.startJob(keyOf('ticket'), 'worker');
      store.releaseJob(keyOf('ticket'), outcome);
    }
    expect(store.jobs([keyOf('ticket')])).toMatchObject([{ state: 'waiting', attempts: 2 }]);
    expect(store.attempts(keyOf('ticket')).map(({ outcome }) => outcome)).toEqual(['stopped', 'crashed']);
  });

  test('whatever else is refused and changes nothing', () => {
    const ticket = keyOf('ticket');
    const result = resultOf(putNumber(objects, 1));
    const all = {
      start: () => store.startJob(ticket, 'worker'),
      finish: () => store.finishJob(ticket, result),
      fail: () => store.failJob(ticket, failure),
      release: () => store.releaseJob(ticket),
    };
    const refuses = (...names: (keyof typeof all)[]): void => {
      const before = store.jobs([ticket]);
      for (const name of names) expect(all[name], name).toThrow(TransitionError);
      expect(store.jobs([ticket])).toEqual(before);
    };
    refuses('finish', 'fail', 'release');
    all.start();
    refuses('start');
    all.fail();
    refuses('start', 'finish', 'fail', 'release');
    store.resumeExperiment(a);
    store.cancelJobs(a);
    refuses('start', 'finish', 'fail', 'release');
    store.resumeExperiment(a);
    all.start();
    all.finish();
    refuses('start', 'fail', 'release');
    expect(() => store.startJob(keyOf('unknown'), 'worker')).toThrow(/is unknown/);
  });

  test('a job does not start before its inputs are done', () => {
    expect(() => store.startJob(keyOf('p0'), 'worker')).toThrow(/before its inputs are done/);
  });

  test('a result whose object is not in the library is refused', () => {
    store.startJob(keyOf('ticket'), 'worker');
    const nowhere = resultOf('0'.repeat(64) as Digest);
    expect(() => store.finishJob(keyOf('ticket'), nowhere)).toThrow(LibraryError);
    expect(store.jobs([keyOf('ticket')])).toMatchObject([{ state: 'running' }]);
    expect(store.result(keyOf('ticket'))).toBeNull();
  });

  test('the first writer wins, and a difference is told', () => {
    const first = finish(store, objects, 'ticket', 1);
    const second = putNumber(objects, 2);
    expect(store.finishJob(keyOf('ticket'), resultOf(first))).toEqual({ stored: false, differences: [] });
    expect(store.finishJob(keyOf('ticket'), resultOf(second))).toEqual({
      stored: false,
      differences: [{ output: 'solution', kept: first, offered: second }],
    });
    expect(store.result(keyOf('ticket'))?.outputs).toEqual({ solution: first });
  });

  test('a done job whose object has gone is not stored, and resuming runs it again', () => {
    const digest = finish(store, objects, 'ticket', 1);
    objects.remove(digest);
    expect(store.settledKeys(planned)).toEqual(new Set());
    expect(store.resumeExperiment(a)).toEqual([keyOf('ticket')]);
    expect(store.result(keyOf('ticket'))).toBeNull();
    expect(finish(store, objects, 'ticket', 1)).toBe(digest);
  });
});

describe('states of runs and experiments', () => {
  beforeEach(createA);
  const state = (): string => store.experiment(a).state;

  test('follow their jobs and the wish', () => {
    expect(state()).toBe('waiting');
    store.startJob(keyOf('ticket'), 'worker');
    expect(state()).toBe('running');
    expect(store.runs().map((run) => run.state)).toEqual(['running', 'running']);
    store.releaseJob(keyOf('ticket'));
    store.setExperimentWish(a, 'stopped');
    expect(state()).toBe('stopped');
    store.setExperimentWish(a, 'interrupted');
    expect(state()).toBe('interrupted');
    store.resumeExperiment(a);
    finish(store, objects, 'ticket', 1);
    finish(store, objects, 'p0', 2);
    expect(state()).toBe('waiting');
    expect(store.run(`${a}/imp/1` as RunId)).toMatchObject({
      state: 'done',
      counts: { done: 2, waiting: 0 },
    });
    finish(store, objects, 'p1', 3);
    finish(store, objects, 'average', 4);
    store.setExperimentWish(a, 'stopped');
    expect(state()).toBe('done');
    expect(store.experiment(a).counts).toEqual({ waiting: 0, running: 0, done: 4, failed: 0, cancelled: 0 });
  });

  test('a pause shows between runs of jobs only', () => {
    store.startJob(keyOf('ticket'), 'worker');
    store.setExperimentWish(a, 'paused');
    expect(state()).toBe('running');
    store.releaseJob(keyOf('ticket'));
    expect(state()).toBe('paused');
    expect(store.runs({ state: 'paused' })).toHaveLength(2);
    expect(store.recover().experiments).toEqual([]);
    store.resumeExperiment(a);
    expect(state()).toBe('waiting');
  });

  test('cancelling gives an experiment up, failures included, but not what another one needs', () => {
    store.createExperiment(experiment(b, [job('ticket')], { imp: ['ticket'] }));
    store.startJob(keyOf('ticket'), 'worker');
    store.failJob(keyOf('ticket'), failure);
    expect(state()).toBe('failed');
    expect(store.cancelJobs(a)).toBe(3);
    expect(state()).toBe('cancelled');
    expect(store.experiment(b).state).toBe('failed');
    store.resumeExperiment(b);
    expect(store.cancelJobs(a)).toBe(0);
    expect(state()).toBe('cancelled');
    expect(store.experiment(a).counts).toMatchObject({ waiting: 1, cancelled: 3 });
    expect(store.experiment(b).state).toBe('waiting');
    expect(store.resumeExperiment(a)).toHaveLength(3);
    expect(state()).toBe('waiting');
  });
});

describe('two experiments', () => {
  test('share stored work, and see each other’s progress', () => {
    createA();
    finish(store, objects, 'ticket', 1);
    store.startJob(keyOf('p0'), 'worker');
    store.failJob(keyOf('p0'), failure);
    const second = store.createExperiment(
      experiment(b, [job('ticket'), job('p0', 'ticket')], { imp: ['ticket', 'p0'] }),
    );
    expect(second.counts).toMatchObject({ done: 1, waiting: 1, failed: 0 });
    expect(store.experiment(a).counts).toMatchObject({ done: 1, waiting: 3, failed: 0 });
    finish(store, objects, 'p0', 2);
    expect(store.experiment(b).state).toBe('done');
    expect(store.experiment(a).counts.done).toBe(2);
    expect(store.experiments().map(({ id }) => id)).toEqual([b, a]);
  });

  test('are told apart in the use of disk space, and removing one frees only its own', () => {
    createA();
    const ticket = finish(store, objects, 'ticket', 1);
    store.createExperiment(experiment(b, [job('ticket'), job('p0', 'ticket')], { imp: ['ticket', 'p0'] }));
    const p0 = finish(store, objects, 'p0', 2);
    const p1 = finish(store, objects, 'p1', 3);
    const size = objects.bytes(ticket) ?? 0;
    expect(store.usage()).toEqual({
      total: 3 * size,
      experiments: [
        { id: b, bytes: 2 * size, own: 0 },
        { id: a, bytes: 3 * size, own: size },
      ],
    });
    // Its file was asked for by a row, so no writer can be about to tell of it.
    expect(store.collect({ experiments: [a] })).toMatchObject({
      bytes: size,
      freed: { results: { files: 1, bytes: size } },
    });
    expect(store.jobs([keyOf('p1'), keyOf('average')])).toEqual([]);
    expect(store.experiment(b).state).toBe('done');
    expect([ticket, p0, p1].map((digest) => objects.has(digest))).toEqual([true, true, false]);
    expect(store.usage().total).toBe(2 * size);
  });

  test('one with running jobs is not removed', () => {
    createA();
    store.startJob(keyOf('ticket'), 'worker');
    expect(() => store.collect({ experiments: [a] })).toThrow(ConfigError);
    expect(() => store.trashExperiments([a])).toThrow(ConfigError);
    expect(() => store.collect()).toThrow(ConfigError);
  });
});

describe('the run table', () => {
  test('filters, pages and keeps best and final values, tags and notes', () => {
    createA();
    store.createExperiment(experiment(b, [job('ticket')], { imp: ['ticket'], 'swamp-4': [] }));
    const id = `${a}/swamp/1` as RunId;
    const summary = {
      roundsDone: 3,
      finalSparsity: 0.488,
      finalAccuracy: 0.61,
      finalValidationAccuracy: 0.62,
      bestValidationAccuracy: 0.65,
      bestAccuracy: 0.64,
      bestSparsity: 0.2,
      bestRound: 1,
    };
    store.updateRunSummary(id, summary);
    store.tag(id, ['good']);
    store.tag(id, [' best ']);
    store.tag(id, ['good']);
    store.note(id, 'the one for the paper');
    store.note(a, 'first try');
    expect(store.run(id)).toMatchObject({
      summary,
      tags: ['best', 'good'],
      note: 'the one for the paper',
      experiment: a,
    });
    expect(store.experiment(a)).toMatchObject({
      note: 'first try',
      runs: 2,
      config: { seeds: [1] },
      resolved: { threads: 2 },
    });
    const ids = (...filter: Parameters<Store['runs']>): string[] =>
      store.runs(...filter).map((run) => run.id);
    expect(ids()).toEqual([`${b}/imp/1`, `${b}/swamp-4/1`, `${a}/imp/1`, `${a}/swamp/1`]);
    expect(ids({ experiment: a })).toEqual([`${a}/imp/1`, `${a}/swamp/1`]);
    expect(ids({ kind: 'swamp', seed: 1 })).toEqual([`${b}/swamp-4/1`, `${a}/swamp/1`]);
    expect(ids({ arm: 'swamp-4' })).toEqual([`${b}/swamp-4/1`]);
    expect(ids({ tag: 'good' })).toEqual([id]);
    expect(ids({ limit: 2, offset: 1 })).toEqual([`${b}/swamp-4/1`, `${a}/imp/1`]);
    expect(ids({ state: 'done' })).toEqual([`${b}/swamp-4/1`]);
    store.untag(id, ['good']);
    expect(ids({ tag: 'good' })).toEqual([]);
  });

  test('ids and beginnings of ids find runs and experiments', () => {
    expect(() => store.findRun('x')).toThrow(
      expect.objectContaining({ hint: 'The library has no runs yet.' }),
    );
    store.createExperiment(experiment('demo-1a', [], { 'swamp-1': [], 'swamp-10': [] }));
    store.createExperiment(experiment('demo-1abc', [], {}));
    expect(store.findRun('demo-1a/swamp-1/1')).toBe('demo-1a/swamp-1/1');
    expect(store.findRun('demo-1a/swamp-10')).toBe('demo-1a/swamp-10/1');
    expect(() => store.findRun('demo-1a/swamp-1')).toThrow(
      expect.objectContaining({ hint: 'Give more of it: demo-1a/swamp-1/1, demo-1a/swamp-10/1.' }),
    );
    expect(store.findExperiment('demo-1a')).toBe('demo-1a');
    expect(store.findExperiment('demo-1ab')).toBe('demo-1abc');
    expect(() => store.findExperiment('demo')).toThrow(ConfigError);
    expect(() => store.findExperiment('demo-1A')).toThrow(/no experiment is called "demo-1A"/);
    expect(() => store.findExperiment('de%')).toThrow(/no experiment/);
  });
});

describe('what hangs on experiments', () => {
  beforeEach(createA);

  test('origin and sweep are kept, and filter', () => {
    store.createExperiment({ ...experiment(b, [], {}), origin: a, sweep: 'rates' });
    expect(store.experiment(b)).toMatchObject({ origin: a, sweep: 'rates' });
    expect(store.experiments({ sweep: 'rates' }).map(({ id }) => id)).toEqual([b]);
    expect(store.experiments({ origin: a }).map(({ id }) => id)).toEqual([b]);
    store.collect({ experiments: [a] });
    expect(store.experiment(b).origin).toBe(a);
  });

  test('tags of an experiment are its own; those of its runs find it too', () => {
    store.createExperiment(experiment(b, [], {}));
    store.tag(a, ['paper']);
    store.tag(`${a}/imp/1` as RunId, ['odd']);
    const found = (tag: string): string[] => store.experiments({ tag }).map(({ id }) => id);
    expect([found('paper'), found('odd'), found('none')]).toEqual([[a], [a], []]);
    expect(store.experiment(a).tags).toEqual(['paper']);
    expect(() => store.tag(a, [' '])).toThrow(ConfigError);
    store.untag(a, ['paper']);
    expect(() => store.untag(a, ['paper'])).toThrow(/has no tag paper/);
    expect(store.tagsOf(a)).toEqual([]);
  });

  test('settings are JSON, and go back to their default', () => {
    store.putSetting('retention.particles', 'last');
    store.putSetting('retention.trashDays', 3);
    const defaults = {
      'retention.particles': 'all',
      'retention.predictions': 'all',
      'retention.trashDays': 30,
    };
    const set = { 'retention.particles': 'last', 'retention.trashDays': 3 };
    expect(store.settings()).toEqual({ ...defaults, ...set });
    store.putSetting('retention.trashDays', undefined);
    store.putSetting('retention.particles', 'of a newer version' as 'last');
    expect(store.settings()).toEqual(defaults);
  });
});

test('timings are kept by signature, the last one', () => {
  expect(store.timing('resnet')).toBeNull();
  store.putTiming('resnet', 12.5);
  store.putTiming('resnet', 11);
  expect(store.timing('resnet')?.ms).toBe(11);
});
