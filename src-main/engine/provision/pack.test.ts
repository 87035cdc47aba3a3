import { createHash, randomBytes } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EngineError } from '../../contract/errors.ts';
import { engineFolder } from './build.ts';
import { addProgram, openSandbox, type Sandbox } from './fakes.ts';
import { install } from './folder.ts';
import { findEngine } from './index.ts';
import { listEngines } from './list.ts';
import { packEngine, type PackSource } from './pack.ts';
import type { PackIndex } from './pack-index.ts';
import type { ProvisionProgress } from './progress.ts';
import { installEngine } from './unpack.ts';

const machine = vi.hoisted(() => ({ works: true, tried: [] as (readonly string[])[] }));
vi.mock('./probe.ts', () => ({
  loaderEnvironment: () => ({}),
  probe: (binding: string, libraryPath: readonly string[]) => {
    machine.tried.push([binding, ...libraryPath]);
    return Promise.resolve(
      machine.works
        ? { works: true, tensorflow: '2.21.0', gpu: false, gpuName: '', log: '' }
        : { works: false, reason: 'it was ended by SIGILL.', log: '' },
    );
  },
}));

const PIECE = 100_000;
const silent = (): void => undefined;

let sandbox: Sandbox;
let source: PackSource;
let out: string;
let other: string;

beforeEach(async () => {
  sandbox = await openSandbox();
  await addProgram(sandbox, 'ldconfig', '');
  machine.works = true;
  machine.tried = [];
  out = join(sandbox.root, 'pack');
  other = join(sandbox.root, 'other');
  const engine = await engineFolder(sandbox.cache, 'cpu');
  // Noise does not compress, zeros do: pieces of very different contents.
  await put(engine, {
    'tensorflow/libtensorflow_cc.so.2': Buffer.concat([randomBytes(250_000), Buffer.alloc(900_000)]),
    'tensorflow/libtensorflow_framework.so.2': randomBytes(70_001),
    'tfjs_binding.node': Buffer.from('needs GLIBC_2.17 and GLIBC_2.30, not GLIBC_2.4'),
    EMPTY: Buffer.alloc(0),
  });
  source = { variant: 'cpu', folders: [{ name: basename(engine), path: engine }] };
});
afterEach(() => sandbox.close());

const put = async (folder: string, files: Record<string, Buffer>): Promise<void> => {
  await install(folder, async (temporary) => {
    for (const [name, data] of Object.entries(files)) {
      await mkdir(dirname(join(temporary, name)), { recursive: true });
      await writeFile(join(temporary, name), data);
    }
    await writeFile(join(temporary, 'left-over.o'), 'not in the manifest');
    return { files: Object.keys(files), from: { variant: 'cpu', tensorflow: '2.21.0' } };
  });
};

const pack = (piece = PIECE, into = out): Promise<PackIndex> =>
  packEngine(source, { out: into, piece, report: silent });

/** On the other machine: another cache, no Python, no compiler. */
const installThere = (): ReturnType<typeof installEngine> => {
  process.env['SWAMP_ENGINE_CACHE'] = other;
  process.env['PATH'] = '';
  return installEngine(out, silent);
};

const contents = async (folder: string): Promise<Record<string, string>> => {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(
    await Promise.all(
      names.map(async (name) => [
        name,
        createHash('sha256')
          .update(await readFile(join(folder, name)))
          .digest('hex'),
      ]),
    ),
  ) as Record<string, string>;
};

const edit = async (change: (index: Record<string, unknown>) => void): Promise<void> => {
  const path = join(out, 'index.json');
  const index = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  change(index);
  await writeFile(path, JSON.stringify(index));
};

async function failure(running: Promise<unknown>): Promise<EngineError> {
  const error: unknown = await running.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EngineError);
  return error as EngineError;
}

describe('packing', () => {
  it('cuts into pieces of at most the size asked for, and lists what is in them', async () => {
    const index = await pack();
    expect(index.pieces.length).toBeGreaterThan(2);
    for (const { name, bytes, sha256 } of index.pieces) {
      expect(bytes).toBeLessThanOrEqual(PIECE);
      const data = await readFile(join(out, name));
      expect(data.length).toBe(bytes);
      expect(createHash('sha256').update(data).digest('hex')).toBe(sha256);
    }
    const all = await Promise.all(index.pieces.map(({ name }) => readFile(join(out, name))));
    expect(createHash('sha256').update(Buffer.concat(all)).digest('hex')).toBe(index.sha256);
    expect(index).toMatchObject({ variant: 'cpu', platform: 'linux', glibc: '2.30', napi: 8 });
    expect(index.bytes).toBeLessThan(0.4 * index.unpackedBytes);
    const [folder] = index.folders;
    expect(folder?.files.map(({ path }) => path)).toEqual([
      'manifest.json',
      'EMPTY',
      'tensorflow/libtensorflow_cc.so.2',
      'tensorflow/libtensorflow_framework.so.2',
      'tfjs_binding.node',
    ]);
    expect((await readdir(out)).sort()).toEqual([...index.pieces.map(({ name }) => name), 'index.json']);
  });

  it('gives the same bytes each time', async () => {
    await pack();
    const again = join(sandbox.root, 'again');
    await pack(PIECE, again);
    expect(await contents(again)).toEqual(await contents(out));
  });

  it('keeps right pieces of an interrupted attempt, and makes the others again', async () => {
    await pack();
    const whole = await contents(out);
    await rm(out, { recursive: true });
    const abort = new AbortController();
    const stopAt = (step: ProvisionProgress): void => {
      if ((step.doneBytes ?? 0) > 250_000) abort.abort(new Error('stopped'));
    };
    await expect(
      packEngine(source, { out, piece: PIECE, report: stopAt, signal: abort.signal }),
    ).rejects.toThrow('stopped');
    expect(await readdir(out)).not.toContain('index.json');
    expect((await failure(installEngine(out, silent))).message).toContain('index.json is not there');
    const first = join(out, 'engine-0001.zst');
    const second = join(out, 'engine-0002.zst');
    const kept = (await stat(first)).ino;
    const damaged = await readFile(second);
    damaged[7] = (damaged[7] ?? 0) ^ 1;
    await writeFile(second, damaged);
    await pack();
    expect((await stat(first)).ino).toBe(kept);
    expect(await contents(out)).toEqual(whole);
    // A whole pack is looked at and left alone.
    await pack();
    expect((await stat(first)).ino).toBe(kept);
  });

  it('replaces a pack of other pieces, leaving nothing of it', async () => {
    await pack(70_000);
    const index = await pack(2_000_000);
    expect(index.pieces).toHaveLength(1);
    expect((await readdir(out)).sort()).toEqual(['engine-0001.zst', 'index.json']);
    await installThere();
  });

  it('refuses a damaged engine, and a folder it may not write', async () => {
    const file = join(source.folders[0]?.path ?? '', 'tfjs_binding.node');
    await appendFile(file, '!');
    const error = await failure(pack());
    expect(error.message).toMatch(/is damaged: tfjs_binding\.node has \d+ bytes/);
    expect(error.hint).toContain('doctor');
    await writeFile(join(sandbox.root, 'file'), '');
    source = { ...source, folders: [] };
    expect((await failure(pack(PIECE, join(sandbox.root, 'file', 'pack')))).hint).toContain('another folder');
  });
});

describe('installing', () => {
  it('gives the engine that was packed, without Python, compiler or network; twice does nothing', async () => {
    const index = await pack();
    const { build, already } = await installThere();
    expect(already).toBe(false);
    expect(await findEngine('cpu')).toEqual(build);
    const folder = dirname(build.binding);
    expect(basename(folder)).toBe(index.engine);
    for (const { path, sha256 } of index.folders[0]?.files ?? []) {
      expect(
        createHash('sha256')
          .update(await readFile(join(folder, path)))
          .digest('hex'),
      ).toBe(sha256);
    }
    expect((await readdir(other)).sort()).toEqual(['downloads', 'lock', index.engine]);
    const before = (await stat(build.binding)).ino;
    expect((await installThere()).already).toBe(true);
    expect((await stat(build.binding)).ino).toBe(before);
    expect(await listEngines()).toMatchObject([
      { name: index.engine, title: 'TensorFlow 2.21.0 (cpu)', fault: '', inUse: true },
    ]);
    // A damaged one is put right.
    await truncate(build.binding, 3);
    expect((await installThere()).already).toBe(false);
    expect(await findEngine('cpu')).toEqual(build);
  });

  it('names every piece that is missing or damaged, and changes nothing', async () => {
    const { pieces } = await pack();
    await rm(join(out, 'engine-0001.zst'));
    const second = await readFile(join(out, 'engine-0002.zst'));
    second[100] = (second[100] ?? 0) ^ 1;
    await writeFile(join(out, 'engine-0002.zst'), second);
    await truncate(join(out, 'engine-0003.zst'), 12);
    const { message, hint } = await failure(installThere());
    expect(message).toContain(`3 of ${pieces.length} pieces are not right`);
    expect(message).toContain('engine-0001.zst is missing');
    expect(message).toContain('engine-0002.zst is damaged');
    expect(message).toMatch(/engine-0003\.zst has 12 bytes instead of \d+/);
    expect(hint).toContain('Copy these files again');
    await expect(stat(other)).rejects.toThrow();
  });

  it.each([
    [{ platform: 'darwin' }, /is for darwin x64; this is linux x64/],
    [{ arch: 'arm64' }, /is for linux arm64/],
    [{ glibc: '2.99' }, /needs glibc 2\.99 or newer; this machine has/],
    [{ napi: 99 }, /needs Node-API 99/],
    [
      { engine: 'tensorflow-cpu-9.9.9-abc' },
      /is tensorflow-cpu-9\.9\.9-abc; this version of Swamp Studio wants/,
    ],
    [{ format: 2 }, /of format 2, which this version does not read/],
    [{ chunk: 'x' }, /damaged: chunk/],
    [{ folders: [{ name: '../up', files: [] }] }, /damaged: folders\.0\.name/],
    [
      { folders: [{ name: 'a', files: [{ path: 'b/../../c', bytes: 1, sha256: 'a'.repeat(64) }] }] },
      /damaged: folders\.0\.files\.0\.path/,
    ],
  ])('refuses what does not fit: %o', async (change, message) => {
    await pack();
    await edit((index) => Object.assign(index, change));
    expect((await failure(installThere())).message).toMatch(message);
  });

  it('refuses an index that is not there or no JSON', async () => {
    expect((await failure(installThere())).message).toContain('index.json is not there');
    await mkdir(out);
    await writeFile(join(out, 'index.json'), '{"format": 1,');
    expect((await failure(installThere())).message).toContain('index.json is damaged');
  });

  it('keeps nothing of an engine that does not load, or whose files are not what the index says', async () => {
    await pack();
    machine.works = false;
    expect((await failure(installThere())).message).toContain('SIGILL');
    expect((await readdir(other)).sort()).toEqual(['downloads', 'lock']);
    machine.works = true;
    await edit((index) => {
      const [folder] = index['folders'] as PackIndex['folders'];
      const file = folder?.files.at(-1);
      if (file) Object.assign(file, { sha256: 'f'.repeat(64) });
    });
    expect((await failure(installThere())).message).toContain('tfjs_binding.node is not what was packed');
    expect((await readdir(other)).sort()).toEqual(['downloads', 'lock']);
  });

  it('brings libraries along, and tries the engine with them', async () => {
    const path = join(sandbox.cache, 'nvidia-part-1.0-abc');
    await put(path, { 'lib/libpart.so.12': randomBytes(1000), LICENSE: Buffer.from('terms') });
    source = { ...source, folders: [...source.folders, { name: basename(path), path }] };
    await pack();
    const { build } = await installThere();
    expect(build.libraryPath).toEqual([join(other, basename(path), 'lib')]);
    expect((await readdir(join(build.libraryPath[0] ?? '', '..'))).sort()).toEqual([
      'LICENSE',
      'lib',
      'manifest.json',
    ]);
    expect(machine.tried.at(-1)?.[1]).toMatch(/nvidia-part-1\.0-abc\/lib$/);
  });
});
