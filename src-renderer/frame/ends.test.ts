import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { nextTick } from 'vue';
import type { ExperimentId } from '../../src-main/contract/ids.ts';
import { tellOfEnds } from './ends.ts';

type Handler = (payload: unknown) => void;
const { listening, analyses } = vi.hoisted(() => ({
  listening: new Map<string, Handler[]>(),
  analyses: [] as object[],
}));
vi.mock('../host.ts', () => ({
  shell: null,
  host: {
    // An answer is the asker's own.
    call: () => Promise.resolve({ queue: [], analyses: [...analyses] }),
    watch: () => () => undefined,
    listen: (event: string, filter: { experiment?: string }, handler: Handler) => {
      const name = [event, filter.experiment].join(' ').trim();
      // As the client does: what is told comes later.
      listening.set(name, [...(listening.get(name) ?? []), handler]);
      return () =>
        listening.set(
          name,
          (listening.get(name) ?? []).filter((other) => other !== handler),
        );
    },
  },
}));

const experiment = 'demo-3f9a' as ExperimentId;
const call = vi.fn(() => Promise.resolve(null));
const looked = { hidden: true, hasFocus: () => false };
let stop: () => void = () => undefined;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  vi.stubGlobal('document', looked);
  Object.assign(looked, { hidden: true, hasFocus: () => false });
  listening.clear();
  analyses.length = 0;
  call.mockClear();
  setActivePinia(createPinia());
  stop = tellOfEnds({ call } as unknown as Parameters<typeof tellOfEnds>[0]);
});
afterEach(() => {
  stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const tell = (name: string, payload: unknown): void => {
  for (const handler of listening.get(name) ?? []) handler(payload);
};
const queue = async (...queued: { experiment: string; phase: string }[]): Promise<void> => {
  tell('changes', { experiments: null, queue: queued });
  await nextTick();
};

/** It runs for some seconds and ends. */
async function run(seconds: number, event: object): Promise<void> {
  await queue({ experiment, phase: 'running' });
  vi.advanceTimersByTime(seconds * 1000);
  await queue();
  tell(`run ${experiment}`, { event });
  await vi.advanceTimersByTimeAsync(0);
}

test.each([
  ['ended', 'done', 'demo-3f9a is done'],
  ['ended', 'failed', 'demo-3f9a has failed'],
  ['broken', undefined, 'demo-3f9a has failed'],
])('one that ran for long and has %s %s is told, with its page', async (type, state, title) => {
  await run(60, { type, state });
  expect(call).toHaveBeenCalledExactlyOnceWith(
    'shell.notify',
    expect.objectContaining({ title, route: '/run/demo-3f9a' }),
  );
  expect(listening.get(`run ${experiment}`)).toEqual([]);
});

test.each([
  [['demo-3f9a/imp/1'], '/run/demo-3f9a?analysis=flatness-11aa'],
  [['demo-3f9a/imp/1', 'other-4b/imp/1'], '/compare?e=demo-3f9a&e=other-4b&analysis=flatness-11aa'],
])('an analysis of %s is told by its title, and leads to where it is shown', async (runs, route) => {
  const id = 'flatness-11aa';
  analyses.push({ id, title: 'Flatness', subjects: runs.map((run) => ({ run })) });
  await queue({ experiment: id, phase: 'running' });
  await vi.advanceTimersByTimeAsync(60_000);
  await queue();
  tell(`run ${id}`, { event: { type: 'ended', state: 'done' } });
  await vi.advanceTimersByTimeAsync(0);
  expect(call).toHaveBeenCalledExactlyOnceWith(
    'shell.notify',
    expect.objectContaining({ title: 'Flatness is done', route }),
  );
});

test.each(['paused', 'cancelled', 'stopped'])('one that somebody has %s is not', async (state) => {
  await run(60, { type: 'ended', state });
  expect(call).not.toHaveBeenCalled();
});

test('a short one is not', async () => {
  await run(5, { type: 'ended', state: 'done' });
  expect(call).not.toHaveBeenCalled();
});

test('whoever looks at the window sees it there; one behind another window is told', async () => {
  Object.assign(looked, { hidden: false, hasFocus: () => true });
  await run(60, { type: 'ended', state: 'done' });
  expect(call).not.toHaveBeenCalled();
  Object.assign(looked, { hasFocus: () => false });
  await run(60, { type: 'ended', state: 'done' });
  expect(call).toHaveBeenCalledOnce();
});

test('one that waits for its turn again has not ended', async () => {
  await queue({ experiment, phase: 'running' });
  vi.advanceTimersByTime(60_000);
  await queue({ experiment, phase: 'waiting' });
  expect(listening.get(`run ${experiment}`) ?? []).toEqual([]);
});

test('a host that has crashed tells no end, and is not listened to for ever', async () => {
  await run(60, { type: 'warning' });
  expect(listening.get(`run ${experiment}`)).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(listening.get(`run ${experiment}`)).toEqual([]);
  expect(call).not.toHaveBeenCalled();
});
