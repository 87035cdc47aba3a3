import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Payload } from '../contract/api/index.ts';
import type { EngineBuild } from '../contract/job.ts';
import { Studio } from '../experiment/studio.ts';
import { openLibrary, type Library } from '../store/library.ts';
import { noEngines } from './fixtures.ts';
import { Service } from './service.ts';

const raw = {
  name: 'draft',
  dataset: { kind: 'digits' },
  model: { kind: 'lenet', hidden: [20] },
  recipe: { epochs: 1 },
  ticket: { iterations: 10 },
  sparsity: { kind: 'geometric', fraction: 0.5, rounds: 2 },
  arms: ['imp', { kind: 'swamp', particles: 2 }],
};

const build: EngineBuild = { variant: 'cpu', tensorflow: '2.21.0', binding: '/none', libraryPath: [] };

/** A host with an engine that is there for plans, and never for experiments: they stay in the queue. */
function world(): { library: Library; service: Service } {
  const folder = mkdtempSync(join(tmpdir(), 'swamp-plans-'));
  const library = openLibrary(folder, { create: true });
  const service = new Service({
    library,
    app: '1.0.0',
    engines: {
      ...noEngines,
      find: () => Promise.resolve(build),
      prepare: () => Promise.reject(new Error('nothing is prepared here')),
      // Where an experiment's turn comes it waits for this.
      variantOf: () => new Promise(() => undefined),
      gpu: () => Promise.resolve(null),
      advice: () => Promise.resolve(''),
    },
  });
  onTestFinished(async () => {
    // Its first experiment never gets its engine, and would never leave the queue.
    vi.spyOn(service.queue, 'stop').mockResolvedValue();
    await service.close();
    library.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { library, service };
}

test('a draft has its cost, is started once however often the button is clicked, and then counts as asked for', async () => {
  const { service, library } = world();
  const cost = await service.call('plans.cost', { raw });
  expect(cost).toMatchObject({
    problems: [],
    data: { classes: 10, training: 7200, validation: 800, test: 2000 },
    denominator: { weights: 15_680 },
    estimate: { trainings: 10, trainingsStored: 0, seconds: null },
    experiments: [{ name: 'draft' }],
    engineReady: true,
  });
  expect(cost.diskFree).toBeGreaterThan(0);
  const clicks = await Promise.all([1, 2, 3].map(() => service.call('plans.start', { raw })));
  const [{ experiments }] = clicks as [(typeof clicks)[number]];
  expect(clicks).toEqual([1, 2, 3].map(() => ({ experiments, sweep: null })));
  expect(library.store.experiments().map(({ id }) => id)).toEqual(experiments);
  expect(service.queue.items.map(({ experiment }) => experiment)).toEqual(experiments);
  // Another draft is another experiment, though the click comes at once.
  await service.call('plans.start', { raw: { ...raw, name: 'other' } });
  expect(library.store.experiments()).toHaveLength(2);
});

test('rounds and trainings are those of the masks that there will be, where a draft alone does not know them', async () => {
  const { service } = world();
  const particles = [
    { from: 0, particles: 1 },
    { from: 0.7, particles: 4 },
  ];
  const grouped = {
    ...raw,
    model: { kind: 'lenet', hidden: [300, 100] },
    sparsity: { kind: 'explicit', sparsities: [0.75] },
    scope: { kind: 'n-m', m: 8 },
    arms: ['imp-ensemble', { kind: 'swamp', particles }],
  };
  const read = await service.call('plans.read', { raw: grouped });
  expect(read.arms.map(({ trainings }) => trainings)).toEqual([
    [2, 2],
    [1, 4],
  ]);
  // The second layer has 300 inputs, which 8 does not divide: it stays whole.
  const { estimate, arms } = await service.call('plans.cost', { raw: grouped });
  expect(estimate?.rounds[1]).toMatchObject({ alive: 88_800 });
  expect(arms).toEqual([
    { label: 'imp-ensemble(2)', trainings: [2, 2] },
    { label: 'swamp(1, 4 from 70 %)', trainings: [1, 1] },
  ]);
});

test('a step is timed only where it is asked for and none is known, and the time is kept', async () => {
  const { service, library } = world();
  const timings = vi.spyOn(Studio.prototype, 'timings').mockImplementation(function (this: Studio) {
    for (const [what, ms] of [
      ['step', 2],
      ['evaluation', 5],
    ] as const)
      library.store.putTiming(`${signature}/${what}`, ms);
    return Promise.resolve({ stepMs: 2, evaluationMs: 5 });
  });
  const put = vi.spyOn(library.store, 'timing');
  let signature = '';
  put.mockImplementation((name) => {
    signature = name.replace(/\/.*/, '');
    put.mockRestore();
    return null;
  });
  expect((await service.call('plans.cost', { raw })).estimate?.seconds).toBeNull();
  expect(timings).not.toHaveBeenCalled();
  vi.spyOn(service.queue, 'withStudio').mockImplementation((_resolution, _signal, use) =>
    use(new Studio(library, build, '1')),
  );
  const timed = await service.call('plans.cost', { raw, time: true });
  expect(timings).toHaveBeenCalledTimes(1);
  expect(timed.estimate?.seconds).toBeGreaterThan(0);
  expect(timed.estimate?.timings).toMatchObject({ stepMs: 2, evaluationMs: 5 });
  await service.call('plans.cost', { raw: { ...raw, seeds: [1, 2] }, time: true });
  expect(timings).toHaveBeenCalledTimes(1);
  timings.mockRestore();
});

test('what cannot be planned is said beside the field, and nothing of it starts', async () => {
  const { service, library } = world();
  const gone = { ...raw, dataset: { kind: 'cifar10', path: '/not/there' } };
  expect((await service.call('plans.cost', { raw: gone })).problems).toMatchObject([
    { path: ['dataset', 'path'], message: '/not/there: there is no such folder' },
  ]);
  const large = { ...raw, recipe: { epochs: 1, batch: 9000 } };
  expect((await service.call('plans.cost', { raw: large })).problems).toMatchObject([
    { path: ['recipe', 'batch'], message: /more than the 7200 training images/ },
  ]);
  const cuda = { ...raw, engine: 'cuda' };
  expect((await service.call('plans.cost', { raw: cuda })).problems).toMatchObject([{ path: ['engine'] }]);
  for (const wrong of [gone, large, cuda, { ...raw, arms: [] }])
    await expect(service.call('plans.start', { raw: wrong })).rejects.toMatchObject({ name: 'ConfigError' });
  expect(library.store.experiments()).toEqual([]);
});

test('a sweep is stored whole; a fork knows its origin; an extension stays what it is', async () => {
  const { service, library } = world();
  const sweep = await service.call('plans.start', { raw: { ...raw, recipe: { epochs: [1, 2] } } });
  expect(sweep.experiments).toHaveLength(2);
  expect(library.store.experiments({ sweep: sweep.sweep ?? '' }).map(({ name }) => name)).toEqual([
    'draft-epochs-2',
    'draft-epochs-1',
  ]);
  const [first, second] = sweep.experiments;
  if (!first || !second) throw new Error('no experiments');
  const { raw: own } = await service.call('plans.of', { experiment: second });
  const changed = { ...(own as object), name: 'forked', seeds: [1, 2] };
  const fork = await service.call('plans.start', { raw: changed, mode: { kind: 'fork', from: second } });
  expect(library.store.experiment(fork.experiments[0] as typeof first).origin).toBe(second);
  const more = { ...(own as object), seeds: [1, 2, 3] };
  const mode = { kind: 'extend', experiment: second } as const;
  const cost = await service.call('plans.cost', { raw: more, mode });
  // Seed 2 the fork has planned already, but nothing of it is done.
  expect(cost.estimate).toMatchObject({ trainings: 30, trainingsStored: 0 });
  expect(await service.call('plans.start', { raw: more, mode })).toEqual({
    experiments: [second],
    sweep: null,
  });
  expect(library.store.experiment(second).runs).toBe(6);
});

test('changes are told together, of calls as of the queue', async () => {
  const { service } = world();
  const told: Payload<'changes'>[] = [];
  const unlisten = service.listen('changes', {}, (payload) => told.push(payload));
  expect(told).toEqual([{ experiments: [], queue: [] }]);
  const { experiments } = await service.call('plans.start', { raw });
  const [experiment] = experiments;
  if (!experiment) throw new Error('no experiment');
  await service.call('library.tag', { id: experiment, tags: ['a'] });
  await service.call('library.note', { id: experiment, note: 'b' });
  await vi.waitFor(() => expect(told).toHaveLength(2), 20_000);
  expect(told[1]).toEqual({ experiments: [experiment], queue: [{ experiment, phase: 'running' }] });
  unlisten();
});
