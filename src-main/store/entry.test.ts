import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigError } from '../contract/errors.ts';
import type { ExperimentId } from '../contract/ids.ts';
import { openLibrary, type Library } from './library.ts';
import type { NewExperiment } from './rows.ts';
import { experiment, finish, job, keyOf } from './testing.ts';

let folder: string;
let library: Library;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'entry-'));
  library = openLibrary(folder, { create: true });
});
afterEach(() => {
  library.close();
  rmSync(folder, { recursive: true });
});

const id = 'big-1' as ExperimentId;

/** A chain of jobs, all of them of one run, and more of another. */
function chain(name: string, length: number, more = 0): NewExperiment {
  const names = Array.from({ length: length + more }, (_, at) => `job ${at}`);
  const jobs = names.map((each, at) => job(each, ...(at === 0 ? [] : [names[at - 1] ?? ''])));
  const runs = { imp: names.slice(0, length), ...(more > 0 ? { swamp: names.slice(length) } : {}) };
  return experiment(name, jobs, runs);
}

/** All that there is to see of experiments and jobs. */
function shown(of: Library): unknown {
  const rows = of.store.experiments({ trash: 'with' }).map((row) => ({ ...row, created: 0 }));
  return rows.map((row) => ({
    row,
    runs: of.store.runs({ experiment: row.id }).map((run) => ({ ...run, created: 0 })),
    plan: of.store.plan(row.id),
  }));
}

function reopen(): void {
  library.close();
  library = openLibrary(folder);
}

/** How often the event loop came round while it was done. */
async function turnsWhile(work: Promise<unknown>): Promise<number> {
  let [turns, going] = [0, true];
  const done = work.finally(() => (going = false));
  while (going) {
    await setImmediate();
    turns++;
  }
  await done;
  return turns;
}

test('what is written piece by piece is what is written at once, and lets other work have its turn', async () => {
  const plans = [chain(id, 1500), chain('big-2', 10)];
  expect(await turnsWhile(library.store.createInPieces(plans))).toBeGreaterThan(5);
  const other = openLibrary(join(folder, 'other'), { create: true });
  for (const plan of plans) other.store.createExperiment(plan);
  expect(shown(library)).toEqual(shown(other));
  other.close();
});

test('nothing of several experiments shows before all of them are there', async () => {
  const writing = library.store.createInPieces([chain('small-1', 2), chain(id, 1500)]);
  let looks = 0;
  const watched = writing.then(() => (looks = -looks));
  while (looks >= 0) {
    await setImmediate();
    if (looks < 0) break;
    const found = library.store.experiments({ trash: 'with' }).length;
    if (found === 2) break;
    expect(found).toBe(0);
    expect(library.store.facets({ search: '' } as never).trash).toBe(0);
    expect(() => library.store.findExperiment('big', 'with')).toThrow(ConfigError);
    looks++;
  }
  await watched;
  expect(-looks).toBeGreaterThan(3);
  expect(library.store.experiments().map((row) => row.id)).toEqual([id, 'small-1']);
});

test('where one of several cannot be written, nothing is left of any', async () => {
  const wrong = { ...chain('wrong-1', 3), runJobs: [{ ...chain('wrong-1', 3).runJobs[0], job: keyOf('x') }] };
  const writing = library.store.createInPieces([chain(id, 300), wrong as NewExperiment]);
  await expect(writing).rejects.toThrow(RangeError);
  expect(library.store.isTaken(id)).toBe(false);
  expect(library.store.jobs([keyOf('job 0'), keyOf('job 299')])).toEqual([]);
  // As if nothing had been tried.
  await library.store.createInPieces([chain(id, 300)]);
  expect(library.store.experiment(id).counts.waiting).toBe(300);
});

test('what a host was writing when it ended is not seen, and the next one removes it', async () => {
  const writing = library.store.createInPieces([chain(id, 3000)]);
  const ended = expect(writing).rejects.toThrow();
  for (let turn = 0; turn < 4; turn++) await setImmediate();
  reopen();
  await ended;
  expect(library.store.jobs([keyOf('job 0')])).toHaveLength(1);
  expect(library.store.experiments({ trash: 'with' })).toEqual([]);
  expect(library.store.recover().experiments).toEqual([]);
  await library.store.tidy();
  expect(library.store.jobs([keyOf('job 0')])).toEqual([]);
  expect(library.store.isTaken(id)).toBe(false);
});

test('an experiment grows piece by piece as it does at once', async () => {
  library.store.createExperiment(chain(id, 800));
  finish(library.store, library.objects, 'job 0', 1);
  const more = chain(id, 800, 700);
  const other = openLibrary(join(folder, 'other'), { create: true });
  other.store.createExperiment(chain(id, 800));
  finish(other.store, other.objects, 'job 0', 1);
  other.store.extendExperiment(id, more);
  expect(await turnsWhile(library.store.extendInPieces(id, more, () => undefined))).toBeGreaterThan(5);
  expect(shown(library)).toEqual(shown(other));
  other.close();
});

test('an experiment that may no longer grow stays as it was', async () => {
  library.store.createExperiment(chain(id, 3));
  const before = shown(library);
  const growing = library.store.extendInPieces(id, chain(id, 3, 4), () => {
    throw new ConfigError('it runs', '');
  });
  await expect(growing).rejects.toThrow('it runs');
  expect(shown(library)).toEqual(before);
  expect(library.store.jobs([keyOf('job 6')])).toEqual([]);
  // What is not in the plan is no extension of it.
  await expect(library.store.extendInPieces(id, chain(id, 2), () => undefined)).rejects.toThrow(RangeError);
  expect(shown(library)).toEqual(before);
});
