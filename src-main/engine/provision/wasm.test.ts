import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wasmCost } from './failures.ts';
import { openSandbox, type Sandbox } from './fakes.ts';
import { diagnose, ensureEngine, findEngine, inPlaceOfTensorFlow } from './index.ts';

let sandbox: Sandbox;
const { platform } = process;
beforeEach(async () => {
  sandbox = await openSandbox();
});
afterEach(async () => {
  onPlatform(platform);
  await sandbox.close();
});

function onPlatform(value: string): void {
  Object.defineProperty(process, 'platform', { value });
}

const wasm = { variant: 'wasm', tensorflow: 'tfjs 4.22.0 (WebAssembly)', binding: '', libraryPath: [] };

describe('WebAssembly', () => {
  it('computes where TensorFlow cannot be had, and says why and what it costs', async () => {
    onPlatform('win32');
    const stages: string[] = [];
    expect(await ensureEngine({ onProgress: ({ message }) => stages.push(message) })).toEqual(wasm);
    expect(await findEngine()).toEqual(wasm);
    expect(stages.at(-1)).toBe('tfjs 4.22.0 (WebAssembly)');
    expect(inPlaceOfTensorFlow()).toMatch(/win32.*TensorFlow computes/s);
    for (const part of ['WSL 2', wasmCost]) expect(inPlaceOfTensorFlow()).toContain(part);
  });

  it('is not taken in the place of a TensorFlow that is asked for, or that could be had', async () => {
    onPlatform('win32');
    await expect(ensureEngine({ variant: 'cpu' })).rejects.toThrow('TensorFlow is not provided for win32');
    onPlatform(platform);
    // No Python here: that is to be mended, not to be worked around for hours.
    await expect(ensureEngine()).rejects.toThrow('Python 3 was not found');
    expect(inPlaceOfTensorFlow()).toBe('');
  });

  it('is taken where it is asked for, without Python, compiler or network', async () => {
    expect(await ensureEngine({ variant: 'wasm' })).toEqual(wasm);
    process.env['SWAMP_ENGINE_VARIANT'] = 'wasm';
    expect(await ensureEngine()).toEqual(wasm);
  });

  it('is what the doctor sees there, and nothing is missing', async () => {
    onPlatform('win32');
    const { ok, checks, engine, device } = await diagnose();
    expect(engine).toEqual(wasm);
    expect(device).toContain('CPU');
    const of = (name: string) => checks.find((check) => check.name === name);
    expect(of('platform')).toMatchObject({ state: 'warn' });
    expect(of('platform')?.detail).toContain('WebAssembly computes');
    expect(of('engine')).toMatchObject({ state: 'warn' });
    expect(of('addon')?.detail).toBe('loads and multiplies two matrices');
    expect(checks.filter(({ state }) => state === 'missing')).toEqual([]);
    expect(ok).toBe(true);
  });
});
