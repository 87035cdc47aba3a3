import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addProgram, openSandbox, type Sandbox } from './fakes.ts';
import { planFor, variantHere } from './find.ts';
import { diagnose, ensureEngine, ensurePackable } from './index.ts';
import { findGpu } from './machine.ts';

let sandbox: Sandbox;
const { platform, arch } = process;
beforeEach(async () => {
  sandbox = await openSandbox();
  await addProgram(sandbox, 'nvidia-smi', "console.log('NVIDIA GH200')");
  await addProgram(sandbox, 'ldconfig', '');
});
afterEach(async () => {
  onPlatform(platform, arch);
  await sandbox.close();
});

function onPlatform(platform: string, arch: string): void {
  Object.defineProperty(process, 'platform', { value: platform });
  Object.defineProperty(process, 'arch', { value: arch });
}

it('takes CUDA for a GPU, and what SWAMP_ENGINE_VARIANT says before that', async () => {
  onPlatform('linux', 'x64');
  expect(await variantHere('auto')).toBe('cuda');
  expect((await planFor('auto')).variant).toBe('cuda');
  process.env['SWAMP_ENGINE_VARIANT'] = 'cpu';
  expect(await variantHere('auto')).toBe('cpu');
  expect(await variantHere('cuda')).toBe('cuda');
  process.env['SWAMP_ENGINE_VARIANT'] = 'wasm';
  expect(await variantHere('auto')).toBe('wasm');
});

describe.each([
  ['linux', 'arm64'],
  ['darwin', 'arm64'],
])('a GPU on %s %s, for which there is no build', (platform, arch) => {
  beforeEach(() => onPlatform(platform, arch));
  const refusal = `There is no TensorFlow for NVIDIA GPUs on ${platform} ${arch}`;

  it('does not count', async () => {
    expect(await findGpu()).toBeNull();
    expect(await variantHere('auto')).toBe('cpu');
    expect((await planFor('auto')).variant).toBe('cpu');
    const { checks } = await diagnose();
    const of = (name: string) => checks.find((check) => check.name === name);
    expect(of('gpu')).toMatchObject({ state: 'ok', detail: 'no usable NVIDIA GPU; the processor computes' });
    expect(of('cuda')?.state).toBe('ok');
  });

  it('makes nobody a CUDA engine of the wheel for processors', async () => {
    await expect(planFor('cuda')).rejects.toThrow(refusal);
    await expect(ensureEngine({ variant: 'cuda' })).rejects.toThrow(refusal);
    await expect(ensurePackable('cuda', () => undefined)).rejects.toThrow(refusal);
    process.env['SWAMP_ENGINE_VARIANT'] = 'cuda';
    await expect(ensureEngine()).rejects.toThrow(refusal);
  });
});
