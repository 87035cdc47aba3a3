import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { temporarySuffix } from '../checkpoint/files.ts';
import { ConfigError } from '../contract/errors.ts';
import type { ExperimentId, RunId } from '../contract/ids.ts';
import { diskUse } from './disk.ts';
import { openLibrary, type Library } from './library.ts';
import { logFiles } from './log-files.ts';
import { LogBook } from './logs.ts';
import type { ObjectStore } from './objects.ts';
import type { Store } from './store.ts';
import { experiment, finish, job, keyOf, putNumber } from './testing.ts';

let folder: string;
let library: Library;
let store: Store;
let objects: ObjectStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trash-'));
  library = openLibrary(join(folder, 'library'), { create: true });
  ({ store, objects } = library);
});
afterEach(() => {
  library.close();
  rmSync(folder, { recursive: true });
});

const a = 'a-11aa' as ExperimentId;
const b = 'b-22bb' as ExperimentId;
const nothing = { files: 0, bytes: 0 };
const ids = (filter = {}): string[] => store.experiments(filter).map(({ id }) => id);

/** `a` has a ticket and p0, `b` the ticket and p1; all done. */
function makeBoth(): { size: number } {
  const ticket = job('ticket');
  store.createExperiment(experiment(a, [ticket, job('p0', 'ticket')], { imp: ['ticket', 'p0'] }));
  store.createExperiment(experiment(b, [ticket, job('p1', 'ticket')], { imp: ['ticket', 'p1'] }));
  for (const [value, name] of ['ticket', 'p0', 'p1'].entries()) finish(store, objects, name, value);
  return { size: objects.bytes(putNumber(objects, 0)) ?? 0 };
}

describe('the trash', () => {
  test('hides an experiment and its runs, and gives it back as it was', () => {
    makeBoth();
    store.note(a, 'dear to me');
    const before = store.experiment(a);
    store.trashExperiments([a]);
    expect([ids(), ids({ trash: 'only' }), ids({ trash: 'with' })]).toEqual([[b], [a], [b, a]]);
    expect(store.runs().map(({ id }) => id)).toEqual([`${b}/imp/1`]);
    expect(store.runs({ experiment: a })).toHaveLength(1);
    expect(() => store.findExperiment('a')).toThrow(
      expect.objectContaining({
        message: `${a} is in the trash`,
        hint: `\`swamp restore ${a}\` takes it out again.`,
      }),
    );
    expect(() => store.findRun('a-11aa/imp')).toThrow(/is in the trash/);
    expect(store.findExperiment('a', 'only')).toBe(a);
    expect(() => store.findExperiment('b', 'only')).toThrow(/is not in the trash/);
    store.restoreExperiment(a);
    expect(store.experiment(a)).toEqual(before);
  });

  test('a beginning that only one outside it has is not ambiguous', () => {
    for (const id of ['demo-1a', 'demo-1b']) store.createExperiment(experiment(id, [], {}));
    store.trashExperiments(['demo-1a' as ExperimentId]);
    expect(store.findExperiment('demo')).toBe('demo-1b');
    expect(store.findExperiment('demo', 'only')).toBe('demo-1a');
    expect(() => store.findExperiment('demo-1a')).toThrow(/in the trash/);
  });

  test('what lies in it is stored work for others, and does not run by itself', () => {
    const jobs = [job('ticket'), job('p0', 'ticket')];
    store.createExperiment(experiment(a, jobs, { imp: ['ticket', 'p0'] }));
    finish(store, objects, 'ticket', 1);
    store.trashExperiments([a]);
    expect(store.recover().experiments).toEqual([]);
    store.createExperiment(experiment(b, jobs, { imp: ['ticket', 'p0'] }));
    expect(store.settledKeys(jobs)).toEqual(new Set([keyOf('ticket')]));
    store.restoreExperiment(a);
    expect(store.experiment(a).state).toBe('stopped');
  });

  test('is emptied after a while; what another experiment shares stays', () => {
    const { size } = makeBoth();
    store.trashExperiments([a]);
    expect(store.freeableBytes([a])).toBe(size);
    expect(store.freeableBytes([a, b])).toBe(3 * size);
    expect(store.collect()).toMatchObject({ experiments: [], bytes: 0 });
    const dry = store.collect({ trashDays: 0, dryRun: true });
    expect(dry).toMatchObject({ experiments: [a], bytes: size, freed: { results: { files: 1 } } });
    expect(ids({ trash: 'with' })).toEqual([b, a]);
    expect(diskUse(objects).results).toBe(3 * size);
    expect(store.collect({ trashDays: 0 })).toEqual(dry);
    expect(ids({ trash: 'with' })).toEqual([b]);
    const jobs = [job('ticket'), job('p0', 'ticket'), job('p1', 'ticket')];
    expect(store.settledKeys(jobs)).toEqual(new Set([keyOf('ticket'), keyOf('p1')]));
    expect(diskUse(objects).results).toBe(2 * size);
    expect(store.experiment(b).state).toBe('done');
  });

  test('removing for good takes the reports and logs along, and only of these', () => {
    makeBoth();
    const logs = new LogBook(library.dir);
    for (const id of [a, b]) {
      mkdirSync(join(library.dir, 'reports', id), { recursive: true });
      writeFileSync(join(library.dir, 'reports', id, 'comparison.html'), 'page');
      logs.append(id, { level: 'info', what: 'ended', message: 'done' });
      writeFileSync(join(library.dir, 'logs', `${id}.older.jsonl`), 'before');
    }
    const bytes = statSync(logs.path(a)).size + 'before'.length;
    expect(diskUse(objects)).toMatchObject({ reports: 2 * 4, logs: 2 * bytes });
    expect(store.collect({ experiments: [a] }).freed.reports).toEqual({ files: 3, bytes: 4 + bytes });
    expect(logFiles(library.dir, a)).toEqual([]);
    expect(logFiles(library.dir, b)).toHaveLength(2);
    expect(diskUse(objects)).toMatchObject({ reports: 4, logs: bytes });
    expect(existsSync(join(library.dir, 'reports', a))).toBe(false);
    expect(existsSync(join(library.dir, 'reports', b))).toBe(true);
    expect(() => store.run(`${a}/imp/1` as RunId)).toThrow(ConfigError);
  });

  test('an experiment with running jobs does not go there', () => {
    store.createExperiment(experiment(a, [job('ticket')], { imp: ['ticket'] }));
    store.startJob(keyOf('ticket'), 'worker');
    expect(() => store.trashExperiments([a])).toThrow(/has 1 running jobs/);
    expect(() => store.collect({ experiments: [a] })).toThrow(/while 1 jobs are running/);
    expect(ids()).toEqual([a]);
  });
});

test('rubbish goes, and nothing that a writer may be about to tell of', () => {
  makeBoth();
  store.createExperiment(experiment('c-1', [job('open')], { imp: ['open'] }));
  for (const name of ['ticket', 'open', 'stranger']) objects.writePartial(keyOf(name), new Map());
  const orphan = putNumber(objects, 77);
  const half = join(library.dir, 'objects', `x${temporarySuffix}`);
  writeFileSync(half, 'half');
  expect(store.collect().freed).toMatchObject({
    results: nothing,
    checkpoints: { files: 2 },
    temporary: nothing,
  });
  expect(objects.readPartial(keyOf('open'))).not.toBeNull();
  const old = new Date(Date.now() - 2 * 3600_000);
  for (const path of [half, objects.path(orphan)]) utimesSync(path, old, old);
  expect(store.collect().freed).toMatchObject({
    results: { files: 1 },
    checkpoints: nothing,
    temporary: { files: 1, bytes: 4 },
  });
  expect([existsSync(half), objects.has(orphan)]).toEqual([false, false]);
  expect(store.collect().bytes).toBe(0);
});
