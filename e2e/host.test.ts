import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogEntry } from '../src-main/contract/log.ts';
import {
  type Ended,
  isAlive,
  jsonLine,
  makeFolder,
  removeFolder,
  resultsOf,
  Running,
  swamp,
  swampJson,
  temporaryFolder,
} from './cli.ts';

/** Some seconds of work. */
const experiment = {
  name: 'host',
  dataset: 'digits',
  model: { kind: 'lenet', hidden: [16] },
  recipe: { epochs: 25, batch: 128 },
  ticket: { iterations: 10 },
  swa: { start: 0.5, every: 10 },
  sparsity: { kind: 'geometric', fraction: 0.4, rounds: 1 },
  arms: ['imp'],
  threads: 1,
  workers: 1,
};

/** Begins as the one that is run undisturbed, and goes on long enough for others to come. */
const long = ['run', '', '--set', 'sparsity.rounds=8'];

interface Listed {
  readonly experiments: { readonly id: string; readonly state: string }[];
}
interface Asked {
  readonly experiment: string;
  readonly state: string;
  readonly host: number;
}

const folder = makeFolder();
const file = join(folder, 'host.json');
let expected: Record<string, unknown>;

beforeAll(async () => {
  long[1] = file;
  writeFileSync(file, JSON.stringify(experiment));
  const undisturbed = join(folder, 'undisturbed');
  const run = await swamp(['run', file, '--library', undisturbed]);
  expect(run.code, run.stderr).toBe(0);
  expected = resultsOf(undisturbed);
});
afterAll(() => removeFolder(folder));

async function statesOf(library: string): Promise<string[]> {
  const { document } = await swampJson<Listed>(['list', '--library', library]);
  return document.experiments.map(({ state }) => state);
}

/** Waits for a state; the newest experiment comes first. */
async function untilStates(library: string, wanted: readonly string[]): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const states = await statesOf(library);
    if (states.join() === wanted.join()) return;
    if (attempt > 200) throw new Error(`the states are ${states.join()}, not ${wanted.join()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('a background host runs one after another, is attached to, pauses, goes on and ends by itself', async (context) => {
  const library = join(temporaryFolder(context), 'library');
  const at = ['--library', library];
  const first = await swampJson<Asked>([...long, '--detach', ...at]);
  expect(first.code, first.stderr).toBe(0);
  const { experiment: one, host } = first.document;
  context.onTestFinished(() => void (isAlive(host) && process.kill(host, 'SIGKILL')));
  expect(isAlive(host)).toBe(true);

  // A second one waits in the same host; whoever follows it may leave, and it stays.
  const second = new Running([...long, '--set', 'seeds=[2]', '--json', ...at]);
  await second.says(/waits for another experiment/);
  expect(await statesOf(library)).toEqual(['waiting', 'running']);
  second.interrupt();
  const left = await second.ended;
  expect(left.code).toBe(130);
  expect(jsonLine<Asked>(left)).toMatchObject({ state: 'running' });
  const two = jsonLine<Asked>(left).experiment;

  const paused = await swampJson<Asked>(['pause', one, ...at]);
  expect(paused.document).toEqual({ experiment: one, state: 'paused' });
  // The next one has its turn.
  await untilStates(library, ['running', 'paused']);
  const cancelled = await swampJson<Asked & { cancelled: number }>(['cancel', two, ...at]);
  expect(cancelled.document.state).toBe('cancelled');
  expect(cancelled.document.cancelled).toBeGreaterThan(0);
  expect(await statesOf(library)).toEqual(['cancelled', 'paused']);

  // Attached from here on, with progress, verdict and files as in a process of one's own.
  const resumed = await swampJson<Asked & { verdict: string; files: Record<string, string> }>([
    ...['resume', one, ...at],
  ]);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(resumed.stderr).toMatch(/run by process \d+[^]*round 8\/8[^]*is done after/);
  for (const path of Object.values(resumed.document.files)) expect(existsSync(path), path).toBe(true);
  expect(resultsOf(library)).toMatchObject(expected);

  const log = await swampJson<{ entries: LogEntry[] }>(['logs', one, ...at]);
  const what = log.document.entries.map((entry) => entry.what);
  for (const each of ['asked', 'planned', 'stopping', 'round', 'ended']) expect(what).toContain(each);
  expect(log.document.entries.map(({ time }) => time)).toEqual(
    log.document.entries.map(({ time }) => time).toSorted(),
  );
  // Nobody needs it any more.
  for (let attempt = 0; isAlive(host); attempt++) {
    if (attempt > 300) throw new Error('the host does not end');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(readFileSync(join(library, 'logs', 'host.log'), 'utf8')).toContain('nobody needs it any more');
  expect(existsSync(join(library, 'host.lock.json'))).toBe(false);
}, 300_000);

test('a terminal host stops cleanly when its session ends, and tells who is attached', async (context) => {
  const library = join(temporaryFolder(context), 'library');
  const at = ['--library', library];
  const host = new Running(['run', file, '--json', ...at]);
  await host.says(/trainings, on/);
  const attached = new Running(['resume', '--json', ...at]);
  const logs = new Running(['logs', 'host', '--follow', ...at]);
  await attached.says(new RegExp(`run by process ${host.pid}`));
  process.kill(host.pid, 'SIGHUP');
  const ends: Ended[] = await Promise.all([host.ended, attached.ended]);
  for (const ended of ends) {
    expect(ended.code, ended.stderr).toBe(130);
    expect(jsonLine(ended)).toMatchObject({ state: 'stopped' });
  }
  const followed = await logs.ended;
  expect([followed.code, followed.stdout]).toEqual([0, expect.stringMatching(/submitted[^]*stopped\n$/)]);
  expect(await statesOf(library)).toEqual(['stopped']);

  // Without a host the same commands do it themselves.
  expect((await swampJson<Asked>(['pause', 'host', ...at])).document.state).toBe('paused');
  expect((await swampJson<Asked>(['cancel', 'host', ...at])).document.state).toBe('cancelled');
  const refused = await swampJson<{ error: { message: string } }>(['pause', 'host', ...at]);
  expect([refused.code, refused.document.error.message]).toEqual([
    2,
    expect.stringContaining('is cancelled'),
  ]);
  const retried = await swampJson<Asked>(['retry', 'host', ...at]);
  expect(retried.code, retried.stderr).toBe(0);
  expect(retried.document.state).toBe('done');
  expect(resultsOf(library)).toEqual(expected);
  const nothing = await swampJson<{ error: { message: string } }>(['retry', 'host', ...at]);
  expect([nothing.code, nothing.document.error.message]).toEqual([
    2,
    expect.stringContaining('no failed or cancelled job'),
  ]);
  const done = await swampJson<{ error: { message: string } }>(['cancel', 'host', ...at]);
  expect([done.code, done.document.error.message]).toEqual([2, expect.stringContaining('is done')]);
}, 300_000);

test('an experiment that nobody knows is told with what there is', async () => {
  for (const command of ['pause', 'cancel', 'retry', 'logs', 'resume']) {
    const { code, document } = await swampJson<{ error: { message: string; hint: string } }>([
      ...[command, 'nosuch', '--library', join(folder, 'undisturbed')],
    ]);
    expect(code).toBe(2);
    expect(document.error.message).toContain('"nosuch"');
    expect(document.error.hint).toContain('host-');
  }
}, 120_000);
