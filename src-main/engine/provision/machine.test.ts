import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addProgram, openSandbox, type Sandbox } from './fakes.ts';
import { findGpu, missingCuda, platformFault } from './machine.ts';
import { cudaWheels } from './pins.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await openSandbox();
});
afterEach(() => sandbox.close());

describe('platforms', () => {
  const linux = { platform: 'linux', arch: 'x64', glibc: '2.36' };
  it.each([
    [linux, null],
    [{ ...linux, glibc: '2.27' }, null],
    [{ ...linux, glibc: '2.17' }, 'older than 2.27'],
    [{ ...linux, glibc: null }, 'musl'],
    [{ ...linux, arch: 'arm64' }, 'x86-64'],
    [{ platform: 'darwin', arch: 'arm64', glibc: null }, 'macOS'],
    [{ platform: 'win32', arch: 'x64', glibc: null }, 'WSL 2'],
    [{ platform: 'freebsd', arch: 'x64', glibc: null }, 'only Linux'],
  ])('%o', (platform, fault) => {
    if (fault === null) expect(platformFault(platform)).toBeNull();
    else expect(platformFault(platform)).toContain(fault);
  });
});

describe('NVIDIA', () => {
  it('names the GPU that nvidia-smi lists', async () => {
    await addProgram(sandbox, 'nvidia-smi', "console.log('NVIDIA H100')");
    expect(await findGpu()).toBe('NVIDIA H100');
  });

  it('takes libraries that the loader finds from the machine, the others from wheels', async () => {
    await addProgram(
      sandbox,
      'ldconfig',
      `console.log('\\tlibcudart.so.12 (libc6,x86-64) => /usr/lib/libcudart.so.12');
       console.log('\\tlibcublas.so.12 (libc6,x86-64) => /usr/lib/libcublas.so.12');
       console.log('\\tlibcudnn.so.9 (libc6) => /usr/lib32/libcudnn.so.9');`,
    );
    await writeFile(join(sandbox.root, 'libcufft.so.11'), '');
    process.env['LD_LIBRARY_PATH'] = `/nowhere:${sandbox.root}`;
    const missing = (await missingCuda()).map(({ name }) => name);
    expect(missing).not.toContain('nvidia-cuda-runtime-cu12');
    expect(missing).not.toContain('nvidia-cufft-cu12');
    // One of its two libraries is not enough, and a 32-bit one is none.
    expect(missing).toContain('nvidia-cublas-cu12');
    expect(missing).toContain('nvidia-cudnn-cu12');
    expect(missing).toHaveLength(cudaWheels.length - 2);
  });
});
