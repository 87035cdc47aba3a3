import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test, type TestContext } from 'vitest';
import { Database } from '../src-main/store/database.ts';
import type { JobKey } from '../src-main/contract/ids.ts';
import { openLibrary } from '../src-main/store/library.ts';
import { isAlive, jobsOf, jsonLine, Running, swamp, swampJson, temporaryFolder, type Ended } from './cli.ts';

/** A library or an engine that cannot be used, told at once, in words, with the documented exit code. */

interface Failed {
  readonly error: { readonly message: string; readonly hint: string; readonly exitCode: number };
}

const tiny = {
  name: 'tiny',
  dataset: 'digits',
  model: { kind: 'lenet', hidden: [16] },
  recipe: { epochs: 1 },
  ticket: { iterations: 10 },
  swa: { start: 0.5, every: 10 },
  sparsity: { kind: 'geometric', fraction: 0.4, rounds: 1 },
  arms: ['imp'],
  workers: 1,
};

function experimentIn(folder: string, changes: object = {}): string {
  const file = join(folder, 'tiny.json');
  writeFileSync(file, JSON.stringify({ ...tiny, ...changes }));
  return file;
}

function check({ expect }: Pick<TestContext, 'expect'>, ended: Ended, code: number, ...says: RegExp[]): void {
  const { error } = jsonLine<Failed>(ended);
  for (const words of says) expect(`${error.message}\n${error.hint}`).toMatch(words);
  expect([ended.code, error.exitCode]).toEqual([code, code]);
  expect(ended.stderr).toContain(error.message);
  expect(ended.stderr).not.toMatch(/\n {4}at /);
}

/** A disk of its own, gone after the test; `false` where only root may mount one. */
function disk(context: TestContext, folder: string, options: string): boolean {
  mkdirSync(folder);
  if (process.getuid?.() !== 0) return false;
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  if (mounted.status !== 0) return false;
  context.onTestFinished(() => void spawnSync('umount', ['-l', folder]));
  return true;
}
const NO_DISK = 'only root can mount a disk of a few megabytes';

describe.concurrent('the library', () => {
  test('is a file', async (context) => {
    const folder = temporaryFolder(context);
    const library = join(folder, 'library');
    writeFileSync(library, 'not a folder');
    for (const args of [['run', experimentIn(folder)], ['list'], ['resume'], ['compare', 'tiny']]) {
      const ended = await swamp([...args, '--library', library, '--json']);
      check(context, ended, 4, /library/);
    }
  });

  test('is not there: whoever only looks makes none', async (context) => {
    const library = join(temporaryFolder(context), 'library');
    for (const args of [
      ['list'],
      ['show', 'x'],
      ['compare', 'x'],
      ['resume'],
      ['export', 'x', '--out', 'x.npz'],
    ]) {
      const ended = await swamp([...args, '--library', library, '--json']);
      check(context, ended, 4, /there is no library in .*library/, /swamp run|Start an experiment/);
    }
    context.expect(existsSync(library)).toBe(false);
  });

  test('is in use', async (context) => {
    const folder = temporaryFolder(context);
    const library = join(folder, 'library');
    const held = openLibrary(library, { create: true });
    const ended = await swamp(['run', experimentIn(folder), '--library', library, '--json']);
    held.close();
    check(context, ended, 4, new RegExp(`in use by process ${process.pid} `), /--library/);
  });

  test('is from a newer version', async (context) => {
    const folder = temporaryFolder(context);
    const library = join(folder, 'library');
    openLibrary(library, { create: true }).close();
    const db = new Database(join(library, 'swamp.db'));
    db.pragma('user_version = 99');
    db.close();
    for (const args of [['run', experimentIn(folder)], ['list']]) {
      const ended = await swamp([...args, '--library', library, '--json']);
      check(context, ended, 4, /newer version.*99/, /Update/);
    }
  });

  test('is damaged', async (context) => {
    const folder = temporaryFolder(context);
    const library = join(folder, 'library');
    mkdirSync(library);
    writeFileSync(join(library, 'swamp.db'), 'x'.repeat(9000));
    const ended = await swamp(['run', experimentIn(folder), '--library', library, '--json']);
    check(context, ended, 4, /swamp\.db.* is damaged/, /backup/);
  });

  test('cannot be written', async (context) => {
    const folder = temporaryFolder(context);
    const readOnly = join(folder, 'disk');
    if (!disk(context, readOnly, 'ro,size=1m')) {
      chmodSync(readOnly, 0o555);
      context.skip(process.getuid?.() === 0, NO_DISK);
    }
    const library = join(readOnly, 'library');
    const ended = await swamp(['run', experimentIn(folder), '--library', library, '--json']);
    check(context, ended, 4, /may not write to .*disk/, /--library/);
  });

  test('is on a disk that is too small', async (context) => {
    const folder = temporaryFolder(context);
    const small = join(folder, 'disk');
    context.skip(!disk(context, small, 'size=4m'), NO_DISK);
    const library = join(small, 'library');
    const ended = await swamp(['run', experimentIn(folder), '--library', library, '--json']);
    check(context, ended, 4, /disk has \d+ MB free/, /Free some space/);
    const { document } = await swampJson<{ experiments: unknown[] }>(['list', '--library', library]);
    context.expect(document.experiments).toEqual([]);
  });

  test('is on a disk that fills up: nothing has failed, and it goes on when there is room', async (context) => {
    const { expect } = context;
    const folder = temporaryFolder(context);
    const small = join(folder, 'disk');
    context.skip(!disk(context, small, 'size=80m'), NO_DISK);
    const library = join(small, 'library');
    const file = experimentIn(folder, { sparsity: { kind: 'geometric', fraction: 0.1, rounds: 30 } });
    const run = new Running(['run', file, '--library', library, '--json']);
    await run.says(/round 1\/30/);
    spawnSync('dd', ['if=/dev/zero', `of=${join(small, 'full')}`, 'bs=1M']);
    const ended = await run.ended;
    check(context, ended, 4, /disk is full/, /swamp resume|kept/);
    const { document } = await swampJson<{ experiments: { state: string; jobs: { failed: number } }[] }>([
      ...['list', '--library', library],
    ]);
    // Stopped, where there was just room enough to write that down.
    const state: unknown = expect.stringMatching(/^(interrupted|stopped)$/);
    expect(document.experiments).toMatchObject([{ state, jobs: { failed: 0 } }]);
    spawnSync('rm', [join(small, 'full')]);
    const resumed = await swampJson<{ state: string }>(['resume', '--library', library]);
    expect(resumed.document.state, resumed.stderr).toBe('done');
  });

  test('becomes read-only during a run: nothing has failed, and it goes on afterwards', async (context) => {
    const { expect } = context;
    const folder = temporaryFolder(context);
    const library = join(folder, 'library');
    const file = experimentIn(folder, { sparsity: { kind: 'geometric', fraction: 0.1, rounds: 30 } });
    const run = new Running(['run', file, '--library', library, '--json']);
    await run.says(/round 1\/30/);
    const objects = join(library, 'objects');
    const mounted =
      process.getuid?.() === 0 &&
      spawnSync('mount', ['--bind', objects, objects]).status === 0 &&
      spawnSync('mount', ['-o', 'remount,bind,ro', objects]).status === 0;
    context.onTestFinished(() => void spawnSync('umount', ['-l', objects], { stdio: 'ignore' }));
    if (!mounted) {
      run.kill();
      await run.ended;
      context.skip(NO_DISK);
    }
    const ended = await run.ended;
    check(context, ended, 4, /objects.*read-only|read-only.*objects/i, /try again|swamp resume|Choose/);
    const { document } = await swampJson<{ experiments: { state: string; jobs: { failed: number } }[] }>([
      ...['list', '--library', library],
    ]);
    // The database could be written, so that it says stopped.
    expect(document.experiments).toMatchObject([{ state: 'stopped', jobs: { failed: 0 } }]);
    spawnSync('umount', [objects]);
    const resumed = await swampJson<{ state: string }>(['resume', '--library', library]);
    expect(resumed.document.state, resumed.stderr).toBe('done');
  });
});

/** A `python3` in front of the others whose pip does what `script` says. */
function fakePip(folder: string, script: string): NodeJS.ProcessEnv {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'python3'),
    `#!/bin/sh
case "$*" in
  --version) echo Python 3.12.1 ;;
  "-m pip --version") echo pip 24.0 from somewhere ;;
  *) ${script} ;;
esac
`,
  );
  chmodSync(join(bin, 'python3'), 0o755);
  const cache = join(folder, 'cache');
  return {
    PATH: `${bin}${delimiter}${process.env['PATH']}`,
    SWAMP_ENGINE_CACHE: cache,
    SWAMP_ENGINE_VARIANT: 'cpu',
    SWAMP_PYTHON: '',
  };
}

describe.concurrent('the engine', () => {
  test('cannot be downloaded', async (context) => {
    const folder = temporaryFolder(context);
    const env = fakePip(
      folder,
      `echo "WARNING: Retrying after connection broken by 'Temporary failure in name resolution'" >&2; exit 1`,
    );
    const library = join(folder, 'library');
    const ended = await swamp(['run', experimentIn(folder), '--library', library, '--json'], { env });
    check(context, ended, 3, /could not be downloaded/, /name resolution/, /Connect once/);
    context.expect(existsSync(library)).toBe(false);
    const left = readdirSync(join(folder, 'cache'), { recursive: true }).map(String);
    context.expect(left.filter((name) => name !== 'downloads' && name !== 'lock')).toEqual([]);
    const doctor = await swampJson<{ ok: boolean; checks: { name: string; state: string; fix: string }[] }>(
      ['doctor'],
      { env },
    );
    context.expect([doctor.code, doctor.document.ok]).toEqual([3, false]);
    const missing = doctor.document.checks.find(({ name }) => name === 'engine');
    context.expect(missing).toMatchObject({ state: 'missing', fix: 'swamp doctor --fix' });
  });

  test('Ctrl-C ends its download', async (context) => {
    const { expect } = context;
    const folder = temporaryFolder(context);
    const library = join(folder, 'library');
    const run = new Running(['run', experimentIn(folder), '--library', library, '--json'], {
      env: fakePip(folder, 'exec sleep 600'),
    });
    await run.says(/Downloading/);
    const pip = await run.until(() => run.children[0]);
    run.interrupt();
    const ended = await run.ended;
    check(context, ended, 130, /Stopped/);
    expect(isAlive(pip)).toBe(false);
    expect(existsSync(library)).toBe(false);
  });

  test('Ctrl-C ends the timing of a step', async (context) => {
    const { expect } = context;
    const folder = temporaryFolder(context);
    const library = join(folder, 'library');
    const run = new Running(['run', experimentIn(folder), '--library', library, '--json']);
    await run.says(/Timing/);
    const worker = await run.until(() => run.children[0]);
    run.interrupt();
    const at = performance.now();
    check(context, await run.ended, 130, /Stopped/);
    expect(performance.now() - at).toBeLessThan(20_000);
    expect(isAlive(worker)).toBe(false);
    expect(jobsOf(library).size).toBe(0);
  });

  test('is WebAssembly, of which there is nothing to pack', async (context) => {
    const out = join(temporaryFolder(context), 'pack');
    const env = { SWAMP_ENGINE_VARIANT: 'wasm' };
    const ended = await swamp(['engine', 'pack', '--out', out, '--json'], { env });
    check(context, ended, 2, /SWAMP_ENGINE_VARIANT is wasm.*no pack/, /cpu or cuda \(--variant\)/);
    context.expect(existsSync(out)).toBe(false);
  });

  test('is for a GPU that is not there', async (context) => {
    const folder = temporaryFolder(context);
    const { code: gpu } = { code: spawnSync('nvidia-smi').status };
    context.skip(gpu === 0, 'there is an NVIDIA GPU');
    const file = experimentIn(folder, { engine: 'cuda' });
    const ended = await swamp(['run', file, '--library', join(folder, 'library'), '--json']);
    check(context, ended, 3, /"cuda" needs an NVIDIA GPU/, /engine=cpu/);
  });
});

test('a training that diverges fails alone, and is tried again', async (context) => {
  const { expect } = context;
  const folder = temporaryFolder(context);
  const library = join(folder, 'library');
  const arms = [{ kind: 'swamp', particles: 1, swa: { learningRate: 1e30 } }, 'imp'];
  const file = experimentIn(folder, { arms });
  const run = await swampJson<{ state: string; experiment: string }>(['run', file, '--library', library]);
  expect(run.code, run.stderr).toBe(5);
  expect(run.document).toMatchObject({
    state: 'failed',
    failures: [
      {
        arm: 'swamp(1; SWA rate 1e+30)',
        seed: 1,
        round: 0,
        message: expect.stringMatching(/diverged/) as string,
      },
    ],
  });
  expect(run.stderr).toMatch(
    /failed: swamp\(1; SWA rate 1e\+30\) seed 1 round 0\/1: The training diverged: the loss is (NaN|Infinity)/,
  );
  expect(run.stderr).toMatch(/Lower recipe\.learningRate/);
  const { document } = await swampJson<{ complete: boolean; arms: { arm: string; rounds: unknown[] }[] }>([
    ...['compare', run.document.experiment, '--library', library],
  ]);
  expect(document.complete).toBe(false);
  expect(document.arms.map(({ arm, rounds }) => [arm, rounds.length])).toEqual([
    ['swamp(1; SWA rate 1e+30)', 0],
    ['imp', 2],
  ]);
  const failed = [...jobsOf(library).values()].filter(({ state }) => state === 'failed');
  expect(failed).toMatchObject([{ attempts: 1 }]);
  const [{ key } = { key: '' as JobKey }] = failed;
  const again = await swampJson<{ state: string }>(['resume', '--library', library]);
  expect([again.code, again.document.state]).toEqual([5, 'failed']);
  expect(jobsOf(library).get(key)).toMatchObject({ attempts: 2, state: 'failed' });
});
