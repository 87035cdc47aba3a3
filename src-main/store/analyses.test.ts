import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ExperimentId } from '../contract/ids.ts';
import { openLibrary, type Library } from './library.ts';
import type { Store } from './store.ts';
import { experiment, finish, job, keyOf } from './testing.ts';

let folder: string;
let library: Library;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'analyses-'));
  library = openLibrary(join(folder, 'library'), { create: true });
  ({ store } = library);
});
afterEach(() => {
  vi.restoreAllMocks();
  library.close();
  rmSync(folder, { recursive: true });
});

const a = 'a-11aa' as ExperimentId;
const b = 'b-22bb' as ExperimentId;
const look = 'a-look-33cc' as ExperimentId;
const ids = (filter = {}): string[] => store.experiments(filter).map(({ id }) => id);

/** `a` and `b` with a result each, and an analysis of both with two jobs of its own, one done. */
function make(): void {
  for (const [at, [id, name]] of (
    [
      [a, 'p0'],
      [b, 'p1'],
    ] as const
  ).entries()) {
    store.createExperiment(experiment(id, [job(name)], { imp: [name] }));
    finish(store, library.objects, name, at);
  }
  const jobs = [job('p0'), job('p1'), job('x', 'p0', 'p1'), job('y', 'p0')];
  const own = new Set(['x', 'y'].map(keyOf));
  store.createExperiment({
    ...{ id: look, name: 'a-look', config: {}, resolved: {}, runs: [], runJobs: [], jobs },
    analysis: { kind: 'look', of: [a, b], own },
  });
  finish(store, library.objects, 'x', 2);
}

test('an analysis counts its own jobs alone, and is no experiment', () => {
  make();
  const { analysis, counts, state, runs } = store.experiment(look);
  expect({ analysis, counts, state, runs }).toEqual({
    analysis: 'look',
    counts: { waiting: 1, running: 0, done: 1, failed: 0, cancelled: 0 },
    state: 'waiting',
    runs: 0,
  });
  expect(store.experiment(a).analysis).toBeNull();
  expect([ids(), ids({ analyses: 'only' }), ids({ analyses: 'with' })]).toEqual([
    [b, a],
    [look],
    [look, b, a],
  ]);
  expect([ids({ analyses: 'only', analysisOf: b }), ids({ analysisOf: b })]).toEqual([[look], []]);
});

test('is found by its id where analyses are meant', () => {
  make();
  expect(store.findExperiment('a-look', 'without', 'with')).toBe(look);
  // One letter names the experiment, as the analysis does not count.
  expect(store.findExperiment('a')).toBe(a);
  expect(() => store.findExperiment('a-look')).toThrow(
    expect.objectContaining({
      message: `${look} is an analysis, not an experiment`,
      hint: `\`swamp analyze ${look}\` shows what it found.`,
    }),
  );
});

test('goes to the trash with an experiment that it looks at, and comes back with it', () => {
  make();
  store.trashExperiments([a]);
  expect([ids({ analyses: 'with' }), ids({ analyses: 'with', trash: 'only' })]).toEqual([[b], [look, a]]);
  store.restoreExperiment(a);
  expect(ids({ analyses: 'with' })).toEqual([look, b, a]);
  // One that was thrown away by itself stays where it is, be it in the same millisecond.
  vi.spyOn(Date, 'now').mockReturnValue(Date.now());
  store.trashExperiments([look]);
  store.trashExperiments([a]);
  store.restoreExperiment(a);
  expect(ids({ analyses: 'with' })).toEqual([b, a]);
  // Nor does one that came back by itself once, and was then thrown away.
  store.restoreExperiment(look);
  store.trashExperiments([a]);
  store.restoreExperiment(look);
  store.trashExperiments([look]);
  store.restoreExperiment(a);
  expect(ids({ analyses: 'with' })).toEqual([b, a]);
});

test('an experiment is not thrown away while its analysis runs', () => {
  make();
  store.startJob(keyOf('y'), 'w');
  expect(() => store.trashExperiments([a])).toThrow(`experiment ${look} has 1 running jobs`);
  expect(ids()).toEqual([b, a]);
});

test('is removed for good with an experiment that it looks at; what that alone had is freed', () => {
  make();
  const { bytes } = store.neededObjects()[0] ?? { bytes: 0 };
  // Of `a` its particle, and what the analysis made.
  expect(store.freeableBytes([a])).toBe(2 * bytes);
  expect(store.freeableBytes([look])).toBe(bytes);
  const { experiments, freed } = store.collect({ experiments: [a], olderThan: 0 });
  expect(experiments).toEqual([look, a]);
  expect(freed.results.files).toBe(2);
  expect(ids({ analyses: 'with', trash: 'with' })).toEqual([b]);
  expect(store.jobs(['p0', 'x', 'y', 'p1'].map(keyOf)).map(({ key }) => key)).toEqual([keyOf('p1')]);
  expect(store.problems()).toEqual([]);
});

test('removed by itself it leaves the experiments as they are', () => {
  make();
  store.collect({ experiments: [look], olderThan: 0 });
  expect(ids({ analyses: 'with' })).toEqual([b, a]);
  expect(store.experiment(a).counts.done).toBe(1);
  expect(store.jobs([keyOf('x'), keyOf('y')])).toEqual([]);
});

test('one without anything to compute is done', () => {
  make();
  const idle = 'a-idle-44dd' as ExperimentId;
  store.createExperiment({
    ...{ id: idle, name: 'a-idle', config: {}, resolved: {}, runs: [], runJobs: [], jobs: [job('p0')] },
    analysis: { kind: 'idle', of: [a], own: new Set() },
  });
  expect(store.experiment(idle).state).toBe('done');
});
