import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EngineError } from '../../contract/errors.ts';
import { ensureEngine, findEngine } from './index.ts';
import {
  addCompiler,
  addProgram,
  addPython,
  addWheel,
  openSandbox,
  pipCalls,
  tensorflowMembers,
  type Sandbox,
} from './fakes.ts';
import type { CudaWheel, Wheel } from './pins.ts';
import type * as pinsModule from './pins.ts';
import type { ProvisionProgress } from './progress.ts';

/** Small wheels in the place of the pinned ones, and an addon that always computes: it is no library here. */
interface Pins {
  wheels: Record<string, Wheel>;
  cuda: CudaWheel[];
  works: boolean;
}
const pins = vi.hoisted((): Pins => ({ wheels: {}, cuda: [], works: true }));
vi.mock('./pins.ts', async (original) => ({
  ...(await original<typeof pinsModule>()),
  get tensorflowCpu() {
    return pins.wheels['cpu'];
  },
  get tensorflowCuda() {
    return pins.wheels['cuda'];
  },
  get zigCompiler() {
    return pins.wheels['zig'];
  },
  get cudaWheels() {
    return pins.cuda;
  },
}));
vi.mock('./probe.ts', () => ({
  loaderEnvironment: () => ({}),
  probe: () =>
    Promise.resolve(
      pins.works
        ? { works: true, tensorflow: '2.21.0', gpu: false, gpuName: '', log: '' }
        : { works: false, reason: 'it was ended by SIGSEGV.', log: '' },
    ),
}));

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await openSandbox();
  await addPython(sandbox);
  await addProgram(sandbox, 'ldconfig', '');
  const zig = { 'ziglang/zig': 'not run', 'ziglang/lib/c.h': '' };
  pins.wheels['cpu'] = await addWheel(sandbox, 'tensorflow-cpu');
  pins.wheels['cuda'] = await addWheel(sandbox, 'tensorflow');
  pins.wheels['zig'] = await addWheel(sandbox, 'ziglang', zig);
  const cudart = await addWheel(sandbox, 'nvidia-part', { 'nvidia/part/lib/libpart.so.12': 'x' });
  pins.cuda = [{ ...cudart, libraries: ['libpart.so.12'] }];
  pins.works = true;
});
afterEach(() => sandbox.close());

const entries = async (): Promise<string[]> => (await readdir(sandbox.cache)).sort();

/** Ended, whether or not its parent has taken note. */
const isGone = (pid: string): Promise<boolean> =>
  readFile(`/proc/${pid}/stat`, 'utf8').then(
    (stat) => / Z /.test(stat),
    () => true,
  );

async function failure(running: Promise<unknown>): Promise<EngineError> {
  const error: unknown = await running.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EngineError);
  return error as EngineError;
}

describe('the CPU engine', () => {
  it('is built once, then found without Python or a compiler', async () => {
    await addCompiler(sandbox);
    expect(await findEngine()).toBeNull();
    const stages: string[] = [];
    const onProgress = ({ stage }: ProvisionProgress): void => {
      if (stages.at(-1) !== stage) stages.push(stage);
    };
    const build = await ensureEngine({ onProgress });
    expect(build).toMatchObject({ variant: 'cpu', tensorflow: '2.21.0', libraryPath: [] });
    expect(stages).toEqual(['find', 'download', 'verify', 'unpack', 'compile', 'check', 'ready']);
    const arguments_ = await readFile(build.binding, 'utf8');
    expect(arguments_).toContain('-Wl,-rpath,$ORIGIN/tensorflow');
    expect(arguments_).toContain('-DNAPI_VERSION=8');
    // Neither the wheel nor the headers stay.
    expect(await readdir(join(sandbox.cache, 'downloads'))).toEqual([]);
    const folder = join(build.binding, '..');
    expect((await readdir(join(folder, 'tensorflow'))).sort()).toEqual([
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
    ]);
    process.env['PATH'] = '';
    expect(await ensureEngine()).toEqual(build);
    expect(await findEngine()).toEqual(build);
    expect(await pipCalls(sandbox)).toHaveLength(1);
  });

  it('is built by one of several that ask at once', async () => {
    await addCompiler(sandbox);
    const builds = await Promise.all([ensureEngine(), ensureEngine(), ensureEngine()]);
    expect(new Set(builds.map(({ binding }) => binding)).size).toBe(1);
    expect(await pipCalls(sandbox)).toHaveLength(1);
  });

  it('is rebuilt when a library has the wrong size, and what a killed attempt left is removed', async () => {
    await addCompiler(sandbox);
    const { binding } = await ensureEngine();
    await truncate(join(binding, '../tensorflow/libtensorflow_cc.so.2'), 10);
    await mkdir(join(sandbox.cache, 'tmp-1-dead'));
    expect(await findEngine()).toBeNull();
    expect((await ensureEngine()).binding).toBe(binding);
    expect(await entries()).toEqual(['downloads', 'lock', basename(join(binding, '..'))]);
    const library = await readFile(join(binding, '../tensorflow/libtensorflow_cc.so.2'), 'utf8');
    expect(library).toBe(tensorflowMembers['tensorflow/libtensorflow_cc.so.2']);
  });

  it('is not taken from a folder whose manifest is missing', async () => {
    await addCompiler(sandbox);
    const { binding } = await ensureEngine();
    await writeFile(join(binding, '../manifest.json'), '{"format":1,');
    expect(await findEngine()).toBeNull();
  });

  it('says what the compiler said, and keeps the wheel for the next try', async () => {
    await addCompiler(sandbox, 'g++', true);
    expect((await failure(ensureEngine())).message).toContain('error: no such thing');
    expect(await readdir(join(sandbox.cache, 'downloads'))).toHaveLength(1);
    expect(await entries()).toEqual(['downloads', 'lock']);
    await addCompiler(sandbox);
    await ensureEngine();
    expect(await pipCalls(sandbox)).toHaveLength(1);
  });

  it('is built with clang++ or CXX where there is no g++', async () => {
    await addCompiler(sandbox, 'clang++');
    const first = await ensureEngine();
    expect(await readFile(join(first.binding, '../manifest.json'), 'utf8')).toContain('clang++ (fake)');
    await truncate(first.binding, 0);
    await addCompiler(sandbox, 'my-cxx');
    process.env['CXX'] = 'my-cxx -fuse-ld=lld';
    const second = await ensureEngine();
    expect(await readFile(second.binding, 'utf8')).toMatch(/^-fuse-ld=lld\n/);
  });

  it('fetches Zig where there is no compiler, and names the package to install if it cannot', async () => {
    const error = await failure(ensureEngine());
    expect((await pipCalls(sandbox)).at(-1)).toContain('ziglang==1.0');
    // The stand-in here is no program.
    expect(error.message).toContain('Zig');
    await writeFile(join(sandbox.index, 'ziglang-1.0-py3-none-any.whl'), 'broken');
    for (const name of await readdir(join(sandbox.cache, 'downloads'))) {
      if (name.startsWith('ziglang')) await writeFile(join(sandbox.cache, 'downloads', name), 'broken');
    }
    const missing = await failure(ensureEngine());
    expect(missing.message).toContain('No C++ compiler');
    expect(missing.hint).toContain('apt-get install g++');
  });

  it('is not kept when it does not compute', async () => {
    await addCompiler(sandbox);
    pins.works = false;
    expect((await failure(ensureEngine())).message).toContain('SIGSEGV');
    expect(await findEngine()).toBeNull();
  });

  it('can be stopped while compiling', async () => {
    const child =
      "require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])";
    await addProgram(
      sandbox,
      'g++',
      `if (process.argv[2] === '--version') { console.log('slow'); } else {
        const child = ${child};
        require('node:fs').writeFileSync(${JSON.stringify(join(sandbox.root, 'child'))}, String(child.pid));
      }`,
    );
    const abort = new AbortController();
    const running = ensureEngine({ signal: abort.signal });
    const outcome = expect(running).rejects.toThrow('stopped');
    const pid = await vi.waitUntil(() => readFile(join(sandbox.root, 'child'), 'utf8').catch(() => ''), {
      timeout: 10_000,
    });
    abort.abort(new Error('stopped'));
    await outcome;
    await vi.waitUntil(() => isGone(pid), { timeout: 10_000 });
    expect(await entries()).toEqual(['downloads', 'lock']);
  });
});

describe('the CUDA engine', () => {
  it('is chosen where there is an NVIDIA GPU, with the libraries the machine lacks', async () => {
    await addCompiler(sandbox);
    await addProgram(sandbox, 'nvidia-smi', "console.log('NVIDIA H100')");
    const build = await ensureEngine();
    expect(build.variant).toBe('cuda');
    expect(build.libraryPath).toHaveLength(1);
    await access(join(build.libraryPath[0] ?? '', 'libpart.so.12'));
    expect(await ensureEngine()).toEqual(build);
    expect(await pipCalls(sandbox)).toHaveLength(2);
  });

  it('comes without NVIDIA libraries where it is asked for on a machine without a GPU', async () => {
    await addCompiler(sandbox);
    await addProgram(sandbox, 'nvidia-smi', '');
    const build = await ensureEngine({ variant: 'cuda' });
    expect(build).toMatchObject({ variant: 'cuda', libraryPath: [] });
  });

  it('gives way to the CPU engine on request, and says how when it fails', async () => {
    await addCompiler(sandbox);
    await addProgram(sandbox, 'nvidia-smi', "console.log('NVIDIA H100')");
    process.env['FAKE_PIP'] = 'offline';
    expect((await failure(ensureEngine())).hint).toContain('SWAMP_ENGINE_VARIANT=cpu');
    delete process.env['FAKE_PIP'];
    process.env['SWAMP_ENGINE_VARIANT'] = 'cpu';
    expect((await ensureEngine()).variant).toBe('cpu');
    process.env['SWAMP_ENGINE_VARIANT'] = 'gpu';
    expect((await failure(ensureEngine())).message).toContain('gpu');
  });
});

it('names the wheel to bring along where there is no network', async () => {
  await addCompiler(sandbox);
  process.env['FAKE_PIP'] = 'offline';
  const error = await failure(ensureEngine());
  expect(error.hint).toContain('tensorflow_cpu-1.0-*.whl');
  const name = 'tensorflow_cpu-1.0-py3-none-any.whl';
  const data = await readFile(join(sandbox.index, name));
  expect(createHash('sha256').update(data).digest('hex')).toBe(pins.wheels['cpu']?.sha256);
  await writeFile(join(sandbox.cache, 'downloads', name), data);
  expect((await ensureEngine()).variant).toBe('cpu');
});
