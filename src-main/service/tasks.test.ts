import { expect, test } from 'vitest';
import type { Task } from '../contract/api/host.ts';
import { ClientGone, ConfigError, EngineError } from '../contract/errors.ts';
import type { EngineBuild } from '../contract/job.ts';
import { Engines, type EngineSource } from './engines.ts';
import { noEngines } from './fixtures.ts';
import { Tasks } from './tasks.ts';

const never = new AbortController().signal;
const what = { kind: 'export', title: 'Exporting' } as const;

function heard(tasks: Tasks): Task[] {
  const told: Task[] = [];
  tasks.listen((task) => told.push(task));
  return told;
}

test('a task tells that it began, how far it is, and how it ended', async () => {
  const tasks = new Tasks();
  const told = heard(tasks);
  const result = await tasks.run(what, never, async (report) => {
    expect(tasks.busy).toBe(true);
    report({ step: 'evaluating', done: 0.5 });
    await Promise.resolve();
    return 42;
  });
  expect(result).toBe(42);
  expect(tasks.busy).toBe(false);
  expect(told[0]).toMatchObject({ ...what, state: 'running', done: null });
  expect(told.at(-1)).toMatchObject({ state: 'done', step: 'evaluating', done: 1, error: null });
  expect(new Set(told.map(({ id }) => id)).size).toBe(1);
});

test('a newcomer hears of what is under way, and not of what is over', async () => {
  const tasks = new Tasks();
  await tasks.run(what, never, () => Promise.resolve());
  const held = Promise.withResolvers<void>();
  const running = tasks.run({ kind: 'check', title: 'Checking' }, never, () => held.promise);
  expect(heard(tasks).map(({ kind }) => kind)).toEqual(['check']);
  held.resolve();
  await running;
});

test('progress is told some times a second at most', async () => {
  const tasks = new Tasks();
  const told = heard(tasks);
  await tasks.run(what, never, async (report) => {
    for (let step = 0; step <= 1000; step += 1) report({ done: step / 1000 });
    await Promise.resolve();
  });
  expect(told.length).toBeLessThan(6);
});

test('a failed task tells the error with its hint', async () => {
  const tasks = new Tasks();
  const told = heard(tasks);
  const failing = tasks.run(what, never, () => Promise.reject(new ConfigError('no such folder', 'Make it.')));
  await expect(failing).rejects.toThrow('no such folder');
  expect(told.at(-1)).toMatchObject({
    state: 'failed',
    error: { name: 'ConfigError', message: 'no such folder', hint: 'Make it.' },
  });
});

/** Runs until its signal is raised. */
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

test('it ends where it is cancelled, or its caller no longer wants it, but not with a lost connection', async () => {
  const tasks = new Tasks();
  const told = heard(tasks);
  const caller = new AbortController();
  const running = tasks.run(what, caller.signal, (_report, signal) => untilAborted(signal));
  caller.abort(new ClientGone());
  expect(told.at(-1)?.state).toBe('running');
  tasks.cancel(told.at(-1)?.id ?? '');
  await expect(running).rejects.toThrow('Cancelled');
  expect(told.at(-1)).toMatchObject({ state: 'cancelled', error: null });
  expect(() => tasks.cancel(told.at(-1)?.id ?? '')).toThrow(ConfigError);

  const other = new AbortController();
  const second = tasks.run(what, other.signal, (_report, signal) => untilAborted(signal));
  other.abort();
  await expect(second).rejects.toThrow();
  expect(told.at(-1)?.state).toBe('cancelled');
});

test('what ends with the connection of its caller is not told as failed', async () => {
  const tasks = new Tasks();
  const told = heard(tasks);
  const caller = new AbortController();
  const reading = tasks.run(what, caller.signal, () => untilAborted(caller.signal));
  caller.abort(new ClientGone());
  await expect(reading).rejects.toThrow(ClientGone);
  expect(told.at(-1)).toMatchObject({ state: 'cancelled', error: null });
});

test('nothing is begun for a caller who no longer wants it', async () => {
  const tasks = new Tasks();
  const told = heard(tasks);
  let begun = false;
  const running = tasks.run(what, AbortSignal.abort(), () => Promise.resolve((begun = true)));
  await expect(running).rejects.toThrow();
  expect(begun).toBe(false);
  expect(told.at(-1)?.state).toBe('cancelled');
});

const build: EngineBuild = { variant: 'cpu', tensorflow: '2.0', binding: '', libraryPath: [] };

interface Fake {
  readonly source: EngineSource;
  readonly preparation: PromiseWithResolvers<EngineBuild>;
  prepared: number;
  there: EngineBuild | null;
}

function fake(): Fake {
  const preparation = Promise.withResolvers<EngineBuild>();
  const self: Fake = {
    preparation,
    prepared: 0,
    there: null,
    source: {
      ...noEngines,
      find: () => Promise.resolve(self.there),
      prepare: (_variant, report, signal) => {
        self.prepared += 1;
        report({ step: 'Downloading TensorFlow', done: 0.25 });
        return Promise.race([preparation.promise, untilAborted(signal)]);
      },
      variantOf: () => Promise.resolve('cpu'),
      gpu: () => Promise.resolve(null),
      advice: (found) => Promise.resolve(found ? '' : 'Prepare it.'),
    },
  };
  return self;
}

/** A turn of the event loop: what was begun has got as far as it can. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('several who need an engine wait for one preparation, told as a task', async () => {
  const [tasks, made] = [new Tasks(), fake()];
  const told = heard(tasks);
  const engines = new Engines(made.source, tasks);
  expect(await engines.state()).toMatchObject({ state: 'missing', advice: 'Prepare it.' });
  const leaving = new AbortController();
  const first = engines.prepare('auto', leaving.signal);
  const second = engines.prepare('auto', never);
  await turn();
  expect(told.at(-1)).toMatchObject({ kind: 'engine', state: 'running' });
  expect((await engines.state()).state).toBe('preparing');
  leaving.abort();
  await expect(first).rejects.toThrow();
  made.there = build;
  made.preparation.resolve(build);
  expect(await second).toEqual(build);
  expect(made.prepared).toBe(1);
  expect(told.at(-1)?.state).toBe('done');
  expect(await engines.state()).toMatchObject({ state: 'ready', variant: 'cpu', tensorflow: '2.0' });
  expect(await engines.prepare('auto', never)).toEqual(build);
  expect(made.prepared).toBe(1);
});

test('a preparation ends with the last who wants it', async () => {
  const [tasks, made] = [new Tasks(), fake()];
  const engines = new Engines(made.source, tasks);
  const leaving = new AbortController();
  const only = engines.prepare('auto', leaving.signal);
  await turn();
  leaving.abort();
  await expect(only).rejects.toThrow();
  await turn();
  expect(tasks.busy).toBe(false);
  expect((await engines.state()).state).toBe('missing');
});

test('a preparation that is cancelled tells who waits for it what to do; one that fails shows in the state', async () => {
  const [tasks, made] = [new Tasks(), fake()];
  const told = heard(tasks);
  const engines = new Engines(made.source, tasks);
  const waiting = engines.prepare('auto', never);
  await turn();
  tasks.cancel(told.at(-1)?.id ?? '');
  await expect(waiting).rejects.toThrow(EngineError);
  const again = engines.prepare('auto', never);
  await turn();
  made.preparation.reject(new EngineError('no network', 'Connect it.'));
  await expect(again).rejects.toThrow('no network');
  expect(await engines.state()).toMatchObject({ state: 'failed', advice: 'no network Connect it.' });
});

test('closing waits until all that is under way has ended, a step that is seen through included', async () => {
  const tasks = new Tasks();
  const through = Promise.withResolvers<void>();
  const ended: string[] = [];
  const running = tasks.run(what, never, async (_report, signal) => {
    await through.promise;
    ended.push(signal.aborted ? 'told to stop' : 'not told');
  });
  const closing = tasks.close().then(() => ended.push('closed'));
  await new Promise((resolve) => setTimeout(resolve));
  expect(ended).toEqual([]);
  through.resolve();
  await Promise.all([running, closing]);
  expect(ended).toEqual(['told to stop', 'closed']);
});

test('an engine that is packed or installed is told as a task, and what is there is looked at anew', async () => {
  const [tasks, made] = [new Tasks(), fake()];
  const told = heard(tasks);
  const engines = new Engines(
    {
      ...made.source,
      pack: (order, report) => {
        report({ step: `Packing into ${order.folder}`, done: 0.5 });
        const pieces = { pieces: 1, bytes: order.piece, unpackedBytes: order.piece };
        return Promise.resolve({
          folder: order.folder,
          variant: 'cpu' as const,
          tensorflow: '2.0',
          runsOn: 'linux',
          ...pieces,
        });
      },
      install: (folder) => {
        made.there = build;
        return Promise.resolve({ engine: folder, already: false });
      },
    },
    tasks,
  );
  expect((await engines.state()).state).toBe('missing');
  const packed = await engines.pack({ variant: 'auto', folder: '/pack', piece: 100_000 }, never);
  expect(packed).toMatchObject({ folder: '/pack', bytes: 100_000 });
  expect(told.at(-1)).toMatchObject({ kind: 'engine', title: 'Packing the engine', state: 'done' });
  await engines.install('/pack', never);
  expect(told.at(-1)).toMatchObject({ title: 'Installing the engine', state: 'done' });
  expect((await engines.state()).state).toBe('ready');
});
