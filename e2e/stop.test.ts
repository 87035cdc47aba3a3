import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobRow } from '../src-main/store/rows.ts';
import { openLibrary } from '../src-main/store/library.ts';
import {
  inLibrary,
  isAlive,
  jobsOf,
  jsonLine,
  makeFolder,
  removeFolder,
  resultsOf,
  Running,
  swamp,
  swampJson,
  temporaryFolder,
} from './cli.ts';

// Trainings of a second or two, so that there is something to interrupt; snapshots from early on, so that a
// checkpoint holds a running average as well.
const experiment = {
  name: 'long',
  dataset: 'digits',
  model: { kind: 'lenet', hidden: [32] },
  recipe: { epochs: 25, batch: 128 },
  ticket: { iterations: 10 },
  swa: { start: 0.05, every: 10 },
  sparsity: { kind: 'geometric', fraction: 0.4, rounds: 1 },
  arms: [{ kind: 'swamp', particles: 2 }],
  threads: 1,
  workers: 1,
};
const STEPS = 25 * 56;

const folder = makeFolder();
const file = join(folder, 'long.json');
const undisturbed = join(folder, 'undisturbed');
let expected: Record<string, unknown>;

beforeAll(async () => {
  writeFileSync(file, JSON.stringify(experiment));
  const run = await swamp(['run', file, '--library', undisturbed]);
  expect(run.code, run.stderr).toBe(0);
  expected = resultsOf(undisturbed);
});
afterAll(() => removeFolder(folder));

/** A training that is under way, after so many others are done. */
function training(library: string, after: number): (run: Running) => Promise<JobRow> {
  return async (run) =>
    await run.until(() => {
      try {
        const jobs = [...jobsOf(library).values()].filter(({ kind }) => kind === 'train-particle');
        const under = jobs.find(({ state }) => state === 'running');
        return jobs.filter(({ state }) => state === 'done').length >= after && under;
      } catch {
        // The library is only just being made.
        return null;
      }
    });
}

async function stateOf(library: string): Promise<string | undefined> {
  const { document } = await swampJson<{ experiments: { state: string }[] }>(['list', '--library', library]);
  return document.experiments[0]?.state;
}

describe('an experiment that is stopped', () => {
  test('by Ctrl-C goes on from its checkpoint', async (context) => {
    const library = join(temporaryFolder(context), 'library');
    const run = new Running(['run', file, '--library', library, '--json']);
    const job = await training(library, 1)(run);
    const workers = run.children;
    expect(workers.length).toBeGreaterThan(0);
    run.interrupt();
    const at = performance.now();
    const ended = await run.ended;
    expect(performance.now() - at).toBeLessThan(20_000);
    expect(ended.code, ended.stderr).toBe(130);
    expect(jsonLine(ended)).toMatchObject({ state: 'stopped', library });
    expect(workers.filter(isAlive)).toEqual([]);
    expect(await stateOf(library)).toBe('stopped');
    // A checkpoint of the very job, and nothing else half-written.
    expect(readdirSync(join(library, 'partial'))).toEqual([`${job.key}.safetensors`]);

    const resumed = await swampJson<{ state: string }>(['resume', '--library', library]);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.document.state).toBe('done');
    expect(resultsOf(library)).toEqual(expected);
    inLibrary(library, ({ store }) => {
      expect(store.attempts(job.key).map(({ outcome }) => outcome)).toEqual(['stopped', 'done']);
      // It did not begin anew.
      expect(store.result(job.key)?.steps).toBeLessThan(STEPS);
    });
    expect(readdirSync(join(library, 'partial'))).toEqual([]);
  });

  test('by two Ctrl-C, by a host and by a worker that die ends the same', async (context) => {
    const library = join(temporaryFolder(context), 'library');
    const first = new Running(['run', file, '--library', library]);
    await training(library, 0)(first);
    const workers = first.children;
    first.interrupt();
    // Two signals at once would be delivered as one.
    await first.says(/Stopping/);
    first.interrupt();
    expect((await first.ended).code).toBe(130);

    const second = new Running(['resume', '--library', library]);
    await training(library, 1)(second);
    expect(await stateOf(library)).toBe('running');
    workers.push(...second.children);
    second.kill();
    expect((await second.ended).code).toBeNull();
    // Nobody holds the library, and nothing says so but the lock.
    expect(await stateOf(library)).toBe('interrupted');
    openLibrary(library).close();

    const third = new Running(['resume', '--library', library, '--json']);
    await training(library, 2)(third);
    const [worker] = third.children;
    if (worker === undefined) throw new Error('it has no worker');
    process.kill(worker, 'SIGKILL');
    const ended = await third.ended;
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toContain('was interrupted');
    expect(jsonLine(ended)).toMatchObject({ state: 'done' });
    expect(resultsOf(library)).toEqual(expected);
    const ends = inLibrary(library, ({ store }) =>
      [...jobsOf(library).keys()].map((key) => store.attempts(key).map(({ outcome }) => outcome)),
    );
    // Each job that was cut short was tried again, and nothing else was.
    expect(ends.every((outcomes) => outcomes.at(-1) === 'done')).toBe(true);
    const cut = ends.flatMap((outcomes) => outcomes.slice(0, -1));
    expect(cut).toHaveLength(3);
    expect(cut).toEqual(expect.arrayContaining(['interrupted', 'crashed']));
    expect(workers.filter(isAlive)).toEqual([]);
  });
});

describe('while an experiment runs', () => {
  test('others may look, plan, export and put theirs in its queue', async (context) => {
    const { expect } = context;
    const library = join(temporaryFolder(context), 'library');
    // Long enough to outlast all looks at it on a busy machine; it is not waited for.
    const run = new Running([
      'run',
      file,
      '--library',
      library,
      '--set',
      'sparsity={"kind":"geometric","fraction":0.1,"rounds":30}',
    ]);
    await run.says(/round 0\/30/);
    const at = ['--library', library];
    const [listed, shown, compared, planned, exported, queued] = await Promise.all([
      swampJson<{ experiments: { id: string; state: string }[] }>(['list', ...at]),
      swampJson<{ runs: { state: string }[]; time: { steps: number } }>(['show', 'long', ...at]),
      swampJson<{ complete: boolean; arms: { rounds: unknown[] }[] }>(['compare', 'long', ...at]),
      swampJson<{ estimate: { jobsStored: number } }>(['run', file, '--dry-run', ...at]),
      swampJson<{ round: number }>([
        ...['export', 'long', '--round', '0', ...at],
        '--out',
        join(library, 'x.npz'),
      ]),
      swampJson<{ state: string; host: number }>(['run', file, '--detach', ...at]),
    ]);
    for (const { code, stderr } of [listed, shown, compared, planned, exported, queued])
      expect(code, stderr).toBe(0);
    expect(listed.document.experiments.at(-1)).toMatchObject({ state: 'running' });
    expect(shown.document.runs).toMatchObject([{ state: 'running' }]);
    expect(shown.document.time.steps).toBeGreaterThanOrEqual(2 * STEPS + 10);
    expect(compared.document.complete).toBe(false);
    expect(compared.document.arms[0]?.rounds).toHaveLength(1);
    expect(planned.document.estimate.jobsStored).toBeGreaterThan(0);
    expect(exported.document.round).toBe(0);
    expect(queued.document).toMatchObject({ state: 'running', host: run.pid });
    const workers = run.children;
    run.kill();
    await run.ended;
    while (workers.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 20));
  });
});
