import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeLibrary } from '../../bench/library.ts';
import type { ExperimentId, JobKey } from '../contract/ids.ts';
import { openLibrary, type Library } from '../store/library.ts';
import { Shelf } from './shelf.ts';

let folder: string;
/** The host's, and what a desk reads from. */
let library: Library;
let desk: Library;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shelf-'));
  makeLibrary({ runs: 600, points: 6000, folder: join(folder, 'library') });
  library = openLibrary(join(folder, 'library'));
  desk = openLibrary(join(folder, 'library'), { readOnly: true, held: true });
});
afterAll(() => {
  desk.close();
  library.close();
  rmSync(folder, { recursive: true });
});

const ids = (): ExperimentId[] => library.store.experiments().map(({ id }) => id);

test('a hundred experiments that are looked at again and again are planned and measured once', () => {
  const shelf = new Shelf(desk);
  const all = ids();
  expect(all.length).toBeGreaterThan(90);
  const first = all.map((id) => [shelf.prepared(id), shelf.measured(id)] as const);
  for (const [at, id] of all.entries()) {
    expect(shelf.prepared(id)).toBe(first[at]?.[0]);
    expect(shelf.measured(id)).toBe(first[at]?.[1]);
  }
});

test('what is kept is bounded by its size: the plan used least lately goes', () => {
  const [one = '' as ExperimentId, two = '' as ExperimentId, three = '' as ExperimentId] = ids();
  const jobs = library.store.plan(one).jobs.length;
  const shelf = new Shelf(desk, { jobs: 2.5 * jobs });
  const first = shelf.prepared(one);
  shelf.prepared(two);
  expect(shelf.prepared(one)).toBe(first);
  const second = shelf.prepared(two);
  shelf.prepared(three);
  expect(shelf.prepared(two)).toBe(second);
  expect(shelf.prepared(one)).not.toBe(first);
});

test('an experiment is measured anew where a result is another, though as many jobs are done', () => {
  const shelf = new Shelf(desk);
  const id = ids().find((each) => library.store.experiment(each).state === 'done') ?? ('' as ExperimentId);
  const before = shelf.measured(id);
  const { jobs } = library.store.plan(id);
  const evaluation = jobs.find(({ kind }) => kind === 'evaluate')?.key ?? ('' as JobKey);
  const result = library.store.result(evaluation);
  if (!result?.evaluation) throw new Error('no result');
  const { counts } = library.store.experiment(id);
  // A note is no result.
  library.store.note(id, 'looked at');
  expect(shelf.measured(id)).toBe(before);
  library.objects.remove(Object.values(result.outputs)[0] ?? ('' as never));
  expect(library.store.requeueLost([evaluation])).toEqual([evaluation]);
  library.store.startJob(evaluation, 'test');
  const test_ = { ...result.evaluation.test, accuracy: 0.123 };
  library.store.finishJob(evaluation, {
    ...result,
    outputs: {},
    evaluation: { ...result.evaluation, test: test_ },
  });
  expect(library.store.experiment(id).counts).toEqual(counts);
  const after = JSON.stringify(shelf.measured(id));
  expect(JSON.stringify(before)).not.toContain('0.123');
  expect(after).toContain('0.123');
});
