import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addProgram, openSandbox, type Sandbox } from './fakes.ts';
import { findGpu, missingCuda } from './machine.ts';
import { cudaWheels } from './pins.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await openSandbox();
});
afterEach(() => sandbox.close());

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
