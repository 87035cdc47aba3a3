import { access, appendFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineError } from '../../contract/errors.ts';
import { openSandbox, type Sandbox } from './fakes.ts';
import { faultOf, inCache, install, requireSpace, sweep } from './folder.ts';

let sandbox: Sandbox;
let target: string;
beforeEach(async () => {
  sandbox = await openSandbox();
  target = join(sandbox.cache, 'part');
});
afterEach(() => sandbox.close());

const fillWith =
  (text: string) =>
  async (folder: string): Promise<{ files: string[]; from: Record<string, string> }> => {
    await writeFile(join(folder, 'library.so'), text);
    return { files: ['library.so'], from: {} };
  };

const temporaries = async (): Promise<string[]> =>
  (await readdir(sandbox.cache)).filter((name) => name.startsWith('tmp-'));

describe('installed folders', () => {
  it('appear whole, with a manifest, and leave nothing beside them', async () => {
    expect(await faultOf(target)).not.toBeNull();
    await install(target, fillWith('one'));
    expect(await faultOf(target, true)).toBeNull();
    expect(await temporaries()).toEqual([]);
  });

  it('do not appear when the filling fails', async () => {
    const failing = install(target, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    await expect(access(target)).rejects.toThrow();
    expect(await temporaries()).toEqual([]);
  });

  it('are found damaged by size at once, and by contents when asked', async () => {
    await install(target, fillWith('one'));
    await writeFile(join(target, 'library.so'), 'two');
    expect(await faultOf(target)).toBeNull();
    expect(await faultOf(target, true)).toContain('changed');
    await appendFile(join(target, 'library.so'), '!');
    expect(await faultOf(target)).toContain('4 bytes instead of 3');
    await rm(join(target, 'library.so'));
    expect(await faultOf(target)).toContain('missing');
  });

  it('are replaced when damaged and kept when another process was first', async () => {
    await mkdir(target);
    await writeFile(join(target, 'rubbish'), '');
    await install(target, fillWith('one'));
    expect(await faultOf(target)).toBeNull();
    const winner = install(target, fillWith('winner'));
    const loser = install(target, fillWith('loser'));
    await Promise.all([winner, loser]);
    expect(await faultOf(target, true)).toBeNull();
    expect(await temporaries()).toEqual([]);
  });
});

it('sweeps what interrupted attempts left, and only that', async () => {
  await install(target, fillWith('one'));
  await mkdir(join(sandbox.cache, 'tmp-1-dead'));
  await sweep(sandbox.cache);
  expect((await readdir(sandbox.cache)).sort()).toEqual(['downloads', 'part']);
});

it('says how much space is lacking, and where', async () => {
  const asked = requireSpace(sandbox.cache, 1e18);
  await expect(asked).rejects.toThrow(EngineError);
  await expect(asked).rejects.toThrow(/Not enough disk space.*GiB needed/);
});

it('turns the file system refusals into errors that name the cache', async () => {
  const refusal = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));
  await expect(inCache(sandbox.cache, refusal('ENOSPC'))).rejects.toThrow(/disk became full/);
  await expect(inCache(sandbox.cache, refusal('EROFS'))).rejects.toThrow(/cannot be written/);
  const file = join(sandbox.root, 'file');
  await writeFile(file, '');
  await expect(inCache(join(file, 'cache'), () => Promise.resolve())).rejects.toThrow(EngineError);
});
