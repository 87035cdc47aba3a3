import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSandbox, type Sandbox } from './fakes.ts';
import { withLock } from './lock.ts';

let sandbox: Sandbox;
let file: string;
beforeEach(async () => {
  sandbox = await openSandbox();
  file = join(sandbox.root, 'lock');
});
afterEach(() => sandbox.close());

it('lets one work at a time and tells the other that it waits', async () => {
  const events: string[] = [];
  const work = (name: string) =>
    withLock(
      file,
      async () => {
        events.push(`${name} in`);
        await sleep(50);
        events.push(`${name} out`);
      },
      () => events.push(`${name} waits`),
    );
  await Promise.all([work('a'), work('b')]);
  expect(events).toEqual(['a in', 'b waits', 'a out', 'b in', 'b out']);
});

it('passes on when the holder is killed', async () => {
  const sqlite = createRequire(import.meta.url).resolve('better-sqlite3');
  const script = `
    const D = require(${JSON.stringify(sqlite)});
    new D(${JSON.stringify(file)}).exec('BEGIN EXCLUSIVE');
    console.log('held');
    setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  let waited = false;
  const entered = withLock(
    file,
    () => Promise.resolve('in'),
    () => {
      waited = true;
      holder.kill('SIGKILL');
    },
  );
  expect(await entered).toBe('in');
  expect(waited).toBe(true);
});

it('stops waiting when aborted', async () => {
  const abort = new AbortController();
  await withLock(
    file,
    async () => {
      const second = withLock(
        file,
        () => Promise.resolve(),
        () => abort.abort(new Error('stopped')),
        abort.signal,
      );
      await expect(second).rejects.toThrow('stopped');
    },
    () => undefined,
  );
});
