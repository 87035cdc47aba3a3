import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openSandbox, type Sandbox } from './fakes.ts';
import { ensureEngine, findEngine } from './index.ts';
import type * as compileModule from './compile.ts';

const stock = vi.hoisted(() => ({ root: '' }));
vi.mock('./compile.ts', async (original) => ({
  ...(await original<typeof compileModule>()),
  addonSources: () => join(stock.root, 'binding'),
}));
vi.mock('./probe.ts', () => ({
  probe: (binding: string) =>
    Promise.resolve(
      binding.includes('napi-v9')
        ? { works: false, reason: 'libtensorflow.so.2 was not found.', log: '' }
        : { works: true, tensorflow: '2.9.1', gpu: false, gpuName: '', log: '' },
    ),
}));

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await openSandbox();
  stock.root = sandbox.root;
  await mkdir(join(sandbox.root, 'binding'));
});
afterEach(() => sandbox.close());

async function leave(version: string): Promise<string> {
  const folder = join(sandbox.root, 'lib', version);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'tfjs_binding.node'), '');
  return join(folder, 'tfjs_binding.node');
}

it('takes the addon that the package itself installed, the newest that loads, and downloads nothing', async () => {
  await leave('napi-v9');
  const binding = await leave('napi-v8');
  const expected = { variant: 'stock', tensorflow: '2.9.1', binding, libraryPath: [] };
  expect(await findEngine()).toEqual(expected);
  expect(await ensureEngine()).toEqual(expected);
});

it('passes over it where a variant is asked for by name', async () => {
  await leave('napi-v8');
  expect(await findEngine('cpu')).toBeNull();
});

it('passes over one that does not load', async () => {
  await leave('napi-v9');
  expect(await findEngine()).toBeNull();
});
