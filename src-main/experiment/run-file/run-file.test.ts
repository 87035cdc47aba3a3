import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError } from '../../contract/errors.ts';
import type { History } from '../../store/history.ts';
import type { Library } from '../../store/library.ts';
import { LogBook } from '../../store/logs.ts';
import { findNetwork } from '../export.ts';
import { compareStored, storedExperiment } from '../studio.ts';
import { contents, half, small, unpackOrigin, watch, type Given } from './fixtures.ts';
import { packExperiments } from './pack.ts';
import { lookAt, takeIn } from './take-in.ts';

const titles = { titles: { dataset: 'digits', model: 'LeNet' }, groups: [] };

let given: Given;
beforeAll(async () => {
  given = await unpackOrigin();
});
afterAll(() => given.close());

const figures = (library: Library, id = small): unknown => {
  const { experiment: _id, arms, ...compared } = compareStored(library, id);
  return JSON.parse(JSON.stringify({ ...compared, arms }).replaceAll(id, 'ID')) as unknown;
};

describe('a run file', () => {
  test.each(['none', 'networks', 'all'] as const)('with %s comes back as it was', async (along) => {
    const before = contents(given.origin);
    const library = given.emptyLibrary();
    expect(await takeIn(library, given.files[along], watch)).toEqual({
      experiments: [small],
      added: [small],
      grown: [],
    });
    expect(figures(library)).toEqual(figures(given.origin));
    expect(library.store.experiment(small)).toMatchObject({
      state: 'done',
      note: given.origin.store.experiment(small).note,
    });
    expect(library.store.history(small)).toEqual(given.origin.store.history(small));
    expect(library.store.runs({ experiment: small })).toEqual(given.origin.store.runs({ experiment: small }));
    expect(new LogBook(library.dir).read(small).map(({ what }) => what)).toEqual(['asked', 'imported']);
    expect(library.store.problems()).toEqual([]);
    // Done as it is: what it lacks counts as released, not as lost.
    const { plan } = storedExperiment(library, small);
    expect(library.store.settledKeys(plan.jobs).size).toBe(plan.jobs.length);
    expect(library.store.resumeExperiment(small)).toEqual([]);
    expect(contents(given.origin)).toEqual(before);
  });

  test('with networks holds every round to export, with none nothing of it', async () => {
    const [library, bare] = [given.emptyLibrary(), given.emptyLibrary()];
    await takeIn(library, given.files.networks, watch);
    await takeIn(bare, given.files.none, watch);
    for (const { id: run, rounds } of library.store.runs({ experiment: small }))
      for (let round = 0; round < rounds; round += 1) {
        const { prepared, network } = findNetwork(library, { run, round });
        const there = findNetwork(given.origin, { run, round });
        expect(network.tensors(prepared)).toEqual(there.network.tensors(there.prepared));
        expect(() => findNetwork(bare, { run, round })).toThrow('is not in the library');
      }
    expect([...bare.objects.list()]).toEqual([]);
    const objects = [...library.objects.list()];
    expect(objects.length).toBeLessThan([...given.origin.objects.list()].length);
  });

  test('has new work compute again what is not in it', async () => {
    const library = given.emptyLibrary();
    await takeIn(library, given.files.none, watch);
    const { plan } = storedExperiment(library, small);
    const solution = plan.jobs.find(({ spec }) => spec.kind === 'train-particle');
    if (!solution) throw new Error('nothing is trained');
    const input = { name: 'solution', job: solution.key, output: 'solution' };
    const more = { key: createHash('sha256').update('more').digest('hex') as never, inputs: [input] };
    const settled = library.store.settledKeys([...plan.jobs, more]);
    expect(settled.has(solution.key)).toBe(false);
  });

  test('taken in again changes nothing; out of the trash it comes back', async () => {
    const library = given.emptyLibrary();
    await takeIn(library, given.files.networks, watch);
    const before = contents(library);
    expect((await lookAt(library, given.files.networks)).experiments.map(({ known }) => known)).toEqual([
      'same',
    ]);
    expect(await takeIn(library, given.files.networks, watch)).toEqual({
      experiments: [small],
      added: [],
      grown: [],
    });
    expect(contents(library)).toEqual(before);
    library.store.trashExperiments([small]);
    await takeIn(library, given.files.networks, watch);
    expect(library.store.experiment(small).removed).toBeNull();
  });

  test('with more checkpoints brings them to what is there', async () => {
    const library = given.emptyLibrary();
    await takeIn(library, given.files.none, watch);
    expect((await lookAt(library, given.files.all)).experiments[0]?.known).toBe('grown');
    expect((await takeIn(library, given.files.all, watch)).grown).toEqual([small]);
    expect((await lookAt(library, given.files.all)).experiments[0]?.known).toBe('same');
    expect(library.store.neededObjects().length).toBe([...given.origin.objects.list()].length);
    expect((await lookAt(library, given.files.none)).experiments[0]?.known).toBe('same');
  });

  test('holds an experiment that was stopped, and one that is further on wins', async () => {
    const [library, other] = [given.emptyLibrary(), given.emptyLibrary()];
    await takeIn(library, await given.pack(given.origin, [small, half]), watch);
    expect(library.store.experiment(half).state).toBe('stopped');
    expect(library.store.plan(half).jobs.map(({ state }) => state)).toEqual(
      given.origin.store.plan(half).jobs.map(({ state }) => state),
    );
    // Of the last round nothing is done; and of only one of the runs.
    for (const cut of [withoutLastRound, withoutFirstRun]) {
      const young = given.emptyLibrary();
      young.store.adopt(cut(given.origin.store.history(small)), small, 'none', titles);
      const early = await given.pack(young, [small]);
      expect((await lookAt(given.origin, early)).experiments[0]?.known).toBe(
        cut === withoutLastRound ? 'older' : 'older',
      );
      expect(await takeIn(other, early, watch)).toMatchObject({ experiments: [small] });
      expect((await lookAt(other, given.files.networks)).experiments[0]?.known).toBe('grown');
      expect(await takeIn(other, given.files.networks, watch)).toEqual({
        experiments: [small],
        added: [],
        grown: [small],
      });
      expect(figures(other)).toEqual(figures(given.origin));
      expect(other.store.runs({ experiment: small })).toEqual(given.origin.store.runs({ experiment: small }));
      expect(other.store.experiment(small).counts).toEqual(given.origin.store.experiment(small).counts);
      other.store.collect({ experiments: [small], olderThan: 0 });
    }
  });

  test('is another of the same id: it gets a new one, and keeps it', async () => {
    const library = given.emptyLibrary();
    const history = given.origin.store.history(small);
    const foreign = { ...history, experiment: { ...history.experiment, created: 1 } };
    library.store.adopt(foreign, small, 'none', titles);
    expect((await lookAt(library, given.files.networks)).experiments[0]?.known).toBe('other');
    const { added } = await takeIn(library, given.files.networks, watch);
    const [own = small] = added;
    expect(own).toMatch(/^small-[0-9a-f]{4}$/);
    expect(own).not.toBe(small);
    expect(figures(library, own)).toEqual(figures(given.origin));
    expect((await lookAt(library, given.files.networks)).experiments[0]?.known).toBe('same');
    expect(await takeIn(library, given.files.networks, watch)).toEqual({
      experiments: [own],
      added: [],
      grown: [],
    });
  });

  test('imported twice at a time is taken in once', async () => {
    const file = await given.pack(given.origin, [small, half], 'none');
    const library = given.emptyLibrary();
    const taken = await Promise.all([takeIn(library, file, watch), takeIn(library, file, watch)]);
    expect(taken.flatMap(({ added }) => added).sort()).toEqual([half, small].sort());
    for (const { experiments } of taken) expect(experiments).toEqual([small, half]);
    expect(library.store.experiments().map(({ id }) => id)).toHaveLength(2);
  });

  test('is not taken in while what it would change is busy, and stops on request', async () => {
    const library = given.emptyLibrary();
    library.store.adopt(withoutLastRound(given.origin.store.history(small)), small, 'none', titles);
    const before = contents(library);
    const busy = takeIn(library, given.files.networks, { ...watch, isBusy: (id) => id === small });
    await expect(busy).rejects.toThrow(ConfigError);
    const controller = new AbortController();
    const stopped = takeIn(library, given.files.networks, {
      signal: controller.signal,
      report: ({ done }) => {
        if ((done ?? 0) > 0.5) controller.abort(new Error('stopped'));
      },
    });
    await expect(stopped).rejects.toThrow('stopped');
    expect(contents(library)).toEqual(before);
  });
});

/** As it was before its last round was done. */
function withoutLastRound({ experiment, series }: History): History {
  const last = new Set(
    experiment.runs.flatMap((run) =>
      run.links.filter(({ round }) => round === run.rounds - 1).map(({ job }) => job),
    ),
  );
  let at = 0;
  const kept: Uint8Array[] = [];
  const jobs = experiment.jobs.map((job, index) => {
    const bytes = 8 * (job.result?.series ?? []).reduce((sum, { values }) => sum + values, 0);
    if (!last.has(index)) kept.push(series.subarray(at, at + bytes));
    at += bytes;
    return last.has(index) ? { ...job, state: 'waiting' as const, result: null, attempts: [] } : job;
  });
  const runs = experiment.runs.map((run) => ({
    ...run,
    summary: { ...run.summary, roundsDone: run.rounds - 1 },
  }));
  return { experiment: { ...experiment, jobs, runs }, series: Buffer.concat(kept) };
}

/** As it was before an arm was added; jobs that no run has any more stay, as they do in a library. */
function withoutFirstRun({ experiment, series }: History): History {
  return { experiment: { ...experiment, runs: experiment.runs.slice(1) }, series };
}

describe('packing', () => {
  test('refuses a damaged object and leaves no file', async () => {
    const library = given.emptyLibrary();
    await takeIn(library, given.files.all, watch);
    const [object] = [...library.objects.list()];
    if (!object) throw new Error('no object');
    writeFileSync(object.path, Buffer.alloc(object.bytes));
    const folder = mkdtempSync(join(given.root, 'out-'));
    const request = {
      experiments: [small],
      along: 'all',
      out: join(folder, 'x.swamp'),
      app: '1.0.0',
    } as const;
    await expect(packExperiments(library, request, watch)).rejects.toThrow(/damaged/);
    expect(readdirSync(folder)).toEqual([]);
    await packExperiments(library, { ...request, along: 'none' }, watch);
    expect(readdirSync(folder)).toEqual(['x.swamp']);
  });

  test('replaces a file only when the new one is whole', async () => {
    const folder = mkdtempSync(join(given.root, 'out-'));
    const out = join(folder, 'x.swamp');
    copyFileSync(given.files.none, out);
    const controller = new AbortController();
    const stopped = packExperiments(
      given.origin,
      { experiments: [small], along: 'all', out, app: '1.0.0' },
      {
        signal: controller.signal,
        report: ({ done }) => {
          if ((done ?? 0) > 0.5) controller.abort(new Error('stopped'));
        },
      },
    );
    await expect(stopped).rejects.toThrow('stopped');
    expect(readFileSync(out)).toEqual(readFileSync(given.files.none));
    expect(readdirSync(folder)).toEqual(['x.swamp']);
  });
});
