import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, type TestContext } from 'vitest';
import type { Digest, ExperimentId } from '../src-main/contract/ids.ts';
import type { JobKind } from '../src-main/contract/job.ts';
import { openLibrary } from '../src-main/store/library.ts';
import {
  inLibrary,
  jobsOf,
  resultsOf,
  Running,
  swamp,
  swampJson,
  temporaryFolder,
  trainingsTried,
  type Ended,
} from './cli.ts';

/** Trash, retention, tags, notes, settings and health, as commands on real experiments of a second. */

const tiny = {
  name: 'tiny',
  dataset: 'digits',
  model: { kind: 'lenet', hidden: [8] },
  recipe: { epochs: 2, batch: 256 },
  ticket: { iterations: 5 },
  swa: { start: 0.5, every: 10 },
  sparsity: { kind: 'geometric', fraction: 0.4, rounds: 1 },
  arms: [{ kind: 'swamp', particles: 2 }],
  threads: 1,
  workers: 1,
};

interface Failed {
  readonly error: { readonly message: string; readonly hint: string; readonly exitCode: number };
}

interface Done {
  readonly experiment: ExperimentId;
  readonly state: string;
}

function fileOf(folder: string, changes: object = {}): string {
  const file = join(folder, `${JSON.stringify(changes).replaceAll(/\W/g, '')}.json`);
  writeFileSync(file, JSON.stringify({ ...tiny, ...changes }));
  return file;
}

async function run(library: string, file: string): Promise<ExperimentId> {
  const ended = await swampJson<Done>(['run', file, '--library', library]);
  expect(ended.code, ended.stderr).toBe(0);
  return ended.document.experiment;
}

function place(context: TestContext): { folder: string; library: string } {
  const folder = temporaryFolder(context);
  return { folder, library: join(folder, 'library') };
}

function flipBit(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

/** Where the first finished job of a kind has its object. */
function objectOf(library: string, kind: JobKind): { digest: Digest; path: string } {
  return inLibrary(library, ({ store, objects }) => {
    for (const job of jobsOf(library).values()) {
      const [digest] = Object.values((job.kind === kind && store.result(job.key)?.outputs) || {});
      if (digest !== undefined) return { digest, path: objects.path(digest) };
    }
    throw new Error(`no finished ${kind}`);
  });
}

describe('retention', () => {
  test('lets particles go, trains none of them again for what is done, and all that something new takes', async (context) => {
    const { folder, library } = place(context);
    const at = ['--library', library];
    const first = await run(library, fileOf(folder));
    const before = resultsOf(library);
    for (const [name, value] of [
      ['retention.particles', 'none'],
      ['retention.predictions', 'none'],
    ])
      expect((await swamp(['settings', name ?? '', value ?? '', ...at])).code).toBe(0);
    const collected = await swampJson<{ freed: Record<string, { files: number }> }>(['gc', ...at]);
    // Two particles and three evaluations a round.
    expect(collected.document.freed).toMatchObject({ retention: { files: 4 + 6 }, results: { files: 0 } });

    const tried = trainingsTried(library);
    const resumed = await swampJson<Done>(['resume', first, ...at]);
    expect([resumed.code, resumed.document.state], resumed.stderr).toEqual([0, 'done']);
    expect(trainingsTried(library)).toBe(tried);
    // The figures are all there; the network can still be taken away.
    expect((await swamp(['compare', first, ...at])).stdout).toContain('swamp(2)');
    const out = join(folder, 'net.npz');
    expect((await swamp(['export', `${first}/swamp-2/1`, '--out', out, ...at])).code).toBe(0);

    const wider = fileOf(folder, { arms: [{ kind: 'swamp', particles: 3 }] });
    const planned = await swampJson<{ estimate: { trainings: number; trainingsStored: number } }>([
      ...['run', wider, '--dry-run', ...at],
    ]);
    // The ticket alone: the shared particles of round 0 have to be trained again.
    expect(planned.document.estimate).toMatchObject({ trainings: 7, trainingsStored: 1 });
    const second = await run(library, wider);
    expect(trainingsTried(library)).toBe(tried + 6);
    const other = join(folder, 'other');
    await run(other, wider);
    expect(resultsOf(library)).toMatchObject(resultsOf(other));
    // The first experiment has all it had, and is done.
    expect(resultsOf(library)).toMatchObject(before);
    inLibrary(library, ({ store }) => {
      expect([store.experiment(first).state, store.experiment(second).state]).toEqual(['done', 'done']);
    });
  });
});

describe('the trash', () => {
  test('hides, gives back, counts as stored work, and is emptied', async (context) => {
    const { folder, library } = place(context);
    const at = ['--library', library];
    const file = fileOf(folder);
    const first = await run(library, file);
    const tried = trainingsTried(library);
    const listed = async (...args: string[]): Promise<string[]> => {
      const { document } = await swampJson<{ experiments: { id: string }[] }>([...args, ...at]);
      return document.experiments.map(({ id }) => id);
    };
    const removed = await swampJson<{ bytes: number }>(['rm', 'tiny', ...at]);
    const used = inLibrary(library, ({ store }) => store.usage().total);
    expect(removed.document).toEqual({ removed: [first], forever: false, bytes: used });
    expect([await listed('list'), await listed('trash'), await listed('list', '--trash')]).toEqual([
      [],
      [first],
      [first],
    ]);
    const shown = await swampJson<Failed>(['show', 'tiny', ...at]);
    expect([shown.code, shown.document.error.hint]).toEqual([
      2,
      `\`swamp restore ${first}\` takes it out again.`,
    ]);
    expect((await swampJson<Failed>(['resume', ...at])).document.error.message).toContain('done');

    const second = await run(library, file);
    expect(second).not.toBe(first);
    inLibrary(library, ({ store }) => {
      const keys = store.plan(second).jobs.map(({ key }) => key);
      expect(keys.flatMap((key) => store.attempts(key)).length).toBe(keys.length);
      expect(trainingsTried(library)).toBe(tried);
    });

    const asked = await swampJson<Failed>(['rm', '--forever', first, ...at]);
    expect([asked.code, asked.document.error.hint]).toEqual([2, expect.stringContaining('--yes')]);
    expect(await listed('trash')).toEqual([first]);
    const emptied = await swampJson<{ experiments: string[]; freed: Record<string, { files: number }> }>([
      ...['gc', '--older-than', '0', ...at],
    ]);
    // All its results are shared; only its reports go.
    expect(emptied.document).toMatchObject({ experiments: [first], freed: { results: { files: 0 } } });
    // Its folder of reports and its log.
    expect(emptied.document.freed['reports']?.files).toBe(2);
    expect((await swamp(['export', `${second}/swamp-2/1`, '--out', join(folder, 'x.npz'), ...at])).code).toBe(
      0,
    );
    await swampJson(['rm', '--forever', '--yes', second, ...at]);
    expect(inLibrary(library, ({ store }) => store.usage().total)).toBe(0);
    const { document } = await swampJson<{ results: number; reports: number }>(['du', ...at]);
    expect(document).toMatchObject({ results: 0, reports: 0, experiments: [], temporary: 0 });
  });

  test('refuses what runs, runs by themselves and names that are not there; nothing goes then', async (context) => {
    const { folder, library } = place(context);
    const at = ['--library', library];
    const running = new Running(['run', fileOf(folder, { recipe: { epochs: 200 } }), ...at]);
    await running.says(/Experiment/);
    for (const args of [['rm', 'tiny'], ['gc']]) {
      const ended = await swampJson<Failed>([...args, ...at]);
      expect([ended.code, ended.document.error.exitCode], ended.stderr).toEqual([ended.code, ended.code]);
      expect(ended.code).not.toBe(0);
    }
    running.interrupt();
    expect((await running.ended).code).toBe(130);
    const refused = async (...args: string[]): Promise<string> => {
      const ended = await swampJson<Failed>([...args, ...at]);
      expect(ended.code).toBe(2);
      return `${ended.document.error.message}\n${ended.document.error.hint}`;
    };
    expect(await refused('rm', 'tiny', 'nothing')).toMatch(/no experiment is called "nothing"/);
    expect(await refused('rm', 'tiny/swamp-2/1')).toMatch(/is a run/);
    expect(await refused('restore', 'tiny')).toMatch(/not in the trash/);
    expect(await refused('gc', '--older-than', 'soon')).toMatch(/number of days/);
    expect(inLibrary(library, ({ store }) => store.experiments())).toMatchObject([{ state: 'stopped' }]);
  });
});

test('tags, notes and settings', async (context) => {
  const { library } = place(context);
  const made = openLibrary(library, { create: true });
  made.store.createExperiment({
    ...{ id: 'a-1' as ExperimentId, name: 'a', config: null, resolved: null, jobs: [], runJobs: [] },
    runs: [
      { id: 'a-1/imp/1' as never, arm: 'imp', slug: 'imp', kind: 'imp', spec: null, seed: 1, rounds: 1 },
    ],
  });
  made.close();
  const ask = async (...args: string[]): Promise<unknown> => {
    const ended = await swampJson<unknown>([...args, '--library', library]);
    expect(ended.code, ended.stderr).toBe(0);
    return ended.document;
  };
  const refuse = async (words: RegExp, ...args: string[]): Promise<void> => {
    const ended = await swampJson<Failed>([...args, '--library', library]);
    expect([ended.code, ended.document.error.message]).toEqual([2, expect.stringMatching(words)]);
  };
  expect(await ask('tag', 'a-1', 'paper', 'best')).toEqual({ id: 'a-1', tags: ['best', 'paper'] });
  expect(await ask('tag', 'a-1/imp', 'odd')).toEqual({ id: 'a-1/imp/1', tags: ['odd'] });
  await refuse(/cannot be empty/, 'tag', 'a-1', 'fine', ' ');
  expect(await ask('list', '--tag', 'odd')).toMatchObject({ experiments: [{ tags: ['best', 'paper'] }] });
  expect(await ask('list', '--tag', 'fine')).toEqual({ experiments: [] });
  expect(await ask('untag', 'a-1', 'best')).toMatchObject({ tags: ['paper'] });
  await refuse(/has no tag best/, 'untag', 'a-1', 'paper', 'best');
  expect(await ask('note', 'a-1/imp', 'looks odd')).toEqual({ id: 'a-1/imp/1', note: 'looks odd' });
  expect(await ask('note', 'a-1/imp')).toMatchObject({ note: 'looks odd' });
  expect((await swamp(['note', 'a-1', '--library', library])).stdout).toBe('a-1 has no note.\n');

  expect(await ask('settings', 'retention.trashDays', '7')).toMatchObject({
    settings: [{ name: 'retention.trashDays', value: 7, default: 30 }],
  });
  await refuse(/cannot be some/, 'settings', 'retention.particles', 'some');
  await refuse(/there is no setting/, 'settings', 'retention');
  await ask('settings', 'retention.trashDays', 'default');
  expect(await ask('settings')).toMatchObject({
    settings: [{ value: 'all' }, { value: 'all' }, { value: 30 }],
  });
});

describe('a library with damage', () => {
  test('of an object: what takes it computes it again, and the check tells of it and mends it, to the same bits', async (context) => {
    const { folder, library } = place(context);
    const at = ['--library', library];
    const first = await run(library, fileOf(folder));
    const expected = resultsOf(library);
    const { digest, path } = objectOf(library, 'train-ticket');
    flipBit(path);
    const check = async (...args: string[]): Promise<Ended & { document: Record<string, unknown> }> =>
      await swampJson(['check', ...args, ...at]);

    const found = await check();
    expect(found.code).toBe(4);
    expect(found.document).toMatchObject({
      ok: false,
      broken: [
        {
          digest,
          health: 'damaged',
          jobs: [{ kind: 'train-ticket', output: 'solution', experiments: [first] }],
        },
      ],
    });
    // A new arm starts from that ticket.
    const arms = [{ kind: 'swamp', particles: 2 }, { kind: 'imp' }];
    const added = await swamp(['run', fileOf(folder, { arms }), ...at]);
    expect(added.code, added.stderr).toBe(0);
    expect(added.stderr).toMatch(/stored result is damaged, and is computed again/);
    expect(resultsOf(library)).toMatchObject(expected);
    expect((await check()).document).toMatchObject({ ok: true, broken: [] });

    flipBit(path);
    const out = join(folder, 'net.npz');
    const mask = objectOf(library, 'prune');
    flipBit(mask.path);
    const refused = await swampJson<Failed>(['export', `${first}/swamp-2/1`, '--out', out, ...at]);
    expect(refused.code).toBe(4);
    expect(refused.document.error.message).toContain(mask.digest);
    expect(refused.document.error.hint).toContain('swamp check --fix');
    const fixed = await check('--fix');
    expect(fixed.code).toBe(0);
    expect(fixed.document).toMatchObject({ ok: true, fixed: { jobs: { length: 2 } } });
    const { experiments } = fixed.document['fixed'] as { experiments: string[] };
    expect(experiments).toHaveLength(2);
    for (const id of experiments) {
      const resumed = await swampJson<Done>(['resume', id, ...at]);
      expect(resumed.document.state, resumed.stderr).toBe('done');
    }
    expect(resultsOf(library)).toMatchObject(expected);
    expect((await check()).code).toBe(0);
  });

  test('of the database: said in words, nothing touched, and what is left is counted', async (context) => {
    const { folder, library } = place(context);
    const at = ['--library', library];
    await run(library, fileOf(folder));
    const path = join(library, 'swamp.db');
    const sound = readFileSync(path);
    const pages = sound.length / 4096;
    expect(pages).toBeGreaterThan(8);
    const damaged: Record<string, Uint8Array> = {
      'cut off': sound.subarray(0, 4096 * Math.floor(pages / 2)),
      'not a database': Buffer.from('x'.repeat(9000)),
      garbage: Buffer.from(sound).fill(0xa5, 4096, 4096 * 6),
    };
    for (const [kind, bytes] of Object.entries(damaged)) {
      writeFileSync(path, bytes);
      const ended: Ended = await swamp(['check', ...at, '--json']);
      expect(ended.code, `${kind}\n${ended.stderr}`).toBe(4);
      const document = JSON.parse(ended.stdout) as {
        ok: boolean;
        error?: { message: string; hint: string };
        database?: string[];
        objects: { sound?: number; checked?: number };
      };
      expect(document.ok).toBe(false);
      if (document.error === undefined) expect(document.database, kind).not.toEqual([]);
      else {
        expect(document.error.message, kind).toMatch(/is damaged/);
        expect(document.error.hint, kind).toMatch(/no backup/);
        expect(document.objects.sound, kind).toBeGreaterThan(5);
      }
      expect(readFileSync(path).equals(bytes), kind).toBe(true);
      expect((await swamp(['check', ...at])).stderr, kind).not.toMatch(/\n {4}at /);
      const tried = await swamp(['run', fileOf(folder), ...at, '--json']);
      expect([tried.code, tried.stderr], kind).toEqual([4, expect.stringMatching(/is damaged/)]);
    }
  });
});
