import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Input } from '../contract/api/index.ts';
import { LibraryError } from '../contract/errors.ts';
import type { ExperimentId } from '../contract/ids.ts';
import type { RunEvent } from '../contract/progress.ts';

import { parseConfig } from '../experiment/config.ts';
import { StoredResolution } from '../experiment/resolve.ts';
import { openLibrary, type Library } from '../store/library.ts';
import { logEntryOf } from './narrate.ts';
import { noEngines } from './fixtures.ts';
import { Service } from './service.ts';

const config = parseConfig({
  name: 'demo',
  dataset: { kind: 'digits' },
  model: { kind: 'lenet' },
  recipe: { epochs: 1 },
  sparsity: { kind: 'geometric', fraction: 0.3, rounds: 2 },
  arms: ['imp'],
});

const resolution: Input<'experiments.submit'>['resolution'] = {
  dataset: { title: 'digits', digest: 'd'.repeat(64), shape: [28, 28, 1], classes: 10, test: 2000 },
  splits: { 1: { digest: '1'.repeat(64), training: 7200, validation: 800 } },
  precision: 'float32',
  backend: 'tensorflow-cpu',
  threads: 1,
  workers: 1,
};

interface World {
  readonly library: Library;
  readonly service: Service;
  readonly submit: () => Promise<ExperimentId>;
}

/** A host whose engine never gets ready: the first experiment runs without a job, the next ones wait. */
function world(): World {
  const folder = mkdtempSync(join(tmpdir(), 'swamp-service-'));
  const library = openLibrary(folder, { create: true });
  const service = new Service({
    library,
    app: '1.0.0',
    engines: {
      ...noEngines,
      find: () => Promise.resolve(null),
      prepare: (_variant, _report, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
        ),
      variantOf: () => Promise.resolve('cpu'),
      gpu: () => Promise.resolve(null),
      advice: () => Promise.resolve(''),
    },
  });
  onTestFinished(async () => {
    await service.close();
    library.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const submit = async (): Promise<ExperimentId> => {
    const { experiment } = await service.call('experiments.submit', { config, resolution });
    return experiment;
  };
  return { library, service, submit };
}

test('a log that cannot be written stops nobody from working with experiments', async () => {
  const { library, service, submit } = world();
  writeFileSync(join(library.dir, 'logs'), 'no folder');
  const running = await submit();
  const waiting = await submit();
  expect(service.queue.items).toEqual([
    { experiment: running, phase: 'running' },
    { experiment: waiting, phase: 'waiting' },
  ]);
  for (const experiment of [waiting, running])
    expect(await service.call('experiments.pause', { experiment })).toEqual({ state: 'paused' });
  expect(await service.call('experiments.resume', { experiment: waiting })).toEqual({ queued: true });
  expect(await service.call('experiments.cancel', { experiment: waiting })).toMatchObject({
    state: 'cancelled',
  });
  expect(service.queue.empty).toBe(true);
});

test('an experiment leaves the queue though its wish cannot be stored, and the next has its turn', async () => {
  const { library, service, submit } = world();
  const [first, second, third] = [await submit(), await submit(), await submit()];
  const events: RunEvent[] = [];
  for (const experiment of [first, second])
    service.listen('run', { experiment }, ({ event }) => events.push(event));
  const full = vi.spyOn(library.store, 'setExperimentWish').mockImplementation(() => {
    throw new LibraryError('the disk is full', 'Free some space.');
  });
  // One that waits, and the one that runs.
  for (const experiment of [second, first]) await service.call('experiments.pause', { experiment });
  full.mockRestore();
  expect(service.queue.items).toEqual([{ experiment: third, phase: 'running' }]);
  const broken = events.flatMap((event) => (event.type === 'broken' ? [event.error.message] : []));
  expect(broken).toEqual(['the disk is full', 'the disk is full']);
});

test('a round is noted when it is finished, and not again by those who go on', () => {
  const metrics = { accuracy: 0.5, nll: 1, ece: 0.1 };
  const where = { arm: 'imp', seed: 1, round: 0, rounds: 2, index: 0 };
  const round: RunEvent = { type: 'round', where, sparsity: 0, test: metrics, validation: null };
  expect(logEntryOf(round)?.message).toMatch(/round 0 of 1 done/);
  expect(logEntryOf({ ...round, stored: true })).toBeNull();
});

test('an experiment whose turn has come can be paused while a first step is timed', async () => {
  const { service, submit } = world();
  const timing = Promise.withResolvers<never>();
  timing.promise.catch(() => undefined);
  // The workers are lent until the timing ends, which it does not before the pause.
  const lent = service.queue.withStudio(
    StoredResolution.parse(resolution),
    new AbortController().signal,
    () => timing.promise,
  );
  lent?.catch(() => undefined);
  const experiment = await submit();
  expect(await service.call('experiments.pause', { experiment })).toEqual({ state: 'paused' });
  expect(service.queue.empty).toBe(true);
  timing.reject(new Error('over'));
});

test('whoever shares jobs that are tried again hears of it', async () => {
  const { library, service, submit } = world();
  const first = await submit();
  const other = await submit();
  for (const experiment of [other, first]) await service.call('experiments.pause', { experiment });
  const [job] = library.store.plan(first).jobs;
  if (!job) throw new Error('no job');
  library.store.startJob(job.key, 'test');
  library.store.failJob(job.key, { name: 'Error', message: 'it failed', hint: '', stack: '' });
  const told: (readonly ExperimentId[] | null)[] = [];
  service.listen('changes', {}, ({ experiments }) => told.push(experiments));
  expect(await service.call('experiments.retry', { experiment: first })).toEqual({ jobs: 1 });
  await vi.waitFor(() => expect(told.flat()).toEqual(expect.arrayContaining([first, other])), 20_000);
});
