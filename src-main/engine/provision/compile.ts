import { readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { run } from './command.ts';
import { compileFailed, missingPackage, noCompiler } from './failures.ts';
import { requireSpace, sha256, temporaryFolder } from './folder.ts';
import { obtainWheel } from './download.ts';
import { zigCompiler } from './pins.ts';
import type { Report } from './progress.ts';
import { listZip, unpackZip } from '../../archive/zip.ts';

const require = createRequire(import.meta.url);

/** A C++ compiler: program and its first arguments. */
export interface Compiler {
  readonly command: readonly [string, ...string[]];
  /** For people: what it says of itself. */
  readonly title: string;
}

/** CXX, then the usual names; a CXX that does not run is not passed over in silence. */
export async function findCompiler(signal?: AbortSignal): Promise<Compiler | null> {
  const named = (process.env['CXX'] ?? '').split(/\s+/).filter((word) => word !== '');
  const candidates = named.length > 0 ? [named] : [['g++'], ['clang++'], ['c++']];
  for (const [program, ...rest] of candidates) {
    if (program === undefined) continue;
    const asked = await run(program, [...rest, '--version'], { signal });
    if (asked.code === 0) {
      return { command: [program, ...rest], title: asked.stdout.split('\n')[0] ?? program };
    }
  }
  return null;
}

/** The addon's C++ sources, from the npm package. */
export function addonSources(): string {
  try {
    return join(dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json')), 'binding');
  } catch (error) {
    throw missingPackage('@tensorflow/tfjs-node-gpu', error);
  }
}

function nodeHeaders(): string {
  try {
    return (require('node-api-headers') as { include_dir: string }).include_dir;
  } catch (error) {
    throw missingPackage('node-api-headers', error);
  }
}

/** Folder of the libraries inside a build, as in the wheel; the addon finds them relative to itself. */
const libraries = ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2'] as const;
export const builtFiles = [...libraries, 'tfjs_binding.node'] as const;

const flags = [
  '-O2',
  '-std=c++17',
  '-fPIC',
  '-shared',
  '-DNAPI_VERSION=8',
  '-Wl,-rpath,$ORIGIN/tensorflow',
] as const;

/** Digest of what the addon is made from: sources and flags. */
export async function addonDigestParts(): Promise<string[]> {
  const folder = addonSources();
  const names = (await readdir(folder)).sort();
  const digests = await Promise.all(names.map(async (name) => `${name} ${await sha256(join(folder, name))}`));
  return [...digests, ...flags, ...builtFiles];
}

/**
 * Zig, a C++ compiler in a wheel, for the time of `work`.
 * @throws EngineError that names the compiler to install, if it cannot be had.
 */
async function withZig<Result>(
  cache: string,
  report: Report,
  signal: AbortSignal | undefined,
  work: (compiler: Compiler, env: Record<string, string>) => Promise<Result>,
): Promise<Result> {
  report({ stage: 'compile', message: 'No C++ compiler found: fetching one' });
  const wheel = await obtainWheel(zigCompiler, cache, report, signal).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw noCompiler(
      `Zig, which would stand in, could not be had: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  await requireSpace(cache, zigCompiler.unpackedBytes);
  const folder = await temporaryFolder(cache);
  try {
    report({ stage: 'unpack', message: 'Unpacking the compiler' });
    const members = (await listZip(wheel)).filter(({ name }) => name.startsWith('ziglang/'));
    await unpackZip(wheel, members, folder, undefined, signal);
    const compiler: Compiler = {
      command: [join(folder, 'ziglang', 'zig'), 'c++'],
      title: `Zig ${zigCompiler.version}`,
    };
    const own = join(folder, 'cache');
    const result = await work(compiler, { ZIG_GLOBAL_CACHE_DIR: own, ZIG_LOCAL_CACHE_DIR: own });
    await rm(wheel, { force: true });
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function compileWith(
  compiler: Compiler,
  folder: string,
  env: Record<string, string>,
  signal?: AbortSignal,
): Promise<void> {
  const [program, ...rest] = compiler.command;
  const sources = addonSources();
  const outcome = await run(
    program,
    [
      ...rest,
      ...flags,
      `-I${join(folder, 'tensorflow', 'include')}`,
      `-I${nodeHeaders()}`,
      join(sources, 'tfjs_backend.cc'),
      join(sources, 'tfjs_binding.cc'),
      ...libraries.map((name) => join(folder, name)),
      '-o',
      join(folder, 'tfjs_binding.node'),
    ],
    { env, signal },
  );
  if (outcome.code !== 0) throw compileFailed(compiler.title, outcome.stderr + outcome.stdout);
}

/**
 * Compile the addon in `folder`, which holds TensorFlow's libraries and headers as in the wheel.
 * @returns the compiler's name.
 */
export async function compileAddon(
  folder: string,
  cache: string,
  report: Report,
  signal?: AbortSignal,
): Promise<string> {
  const compiler = await findCompiler(signal);
  const compile = async (chosen: Compiler, env: Record<string, string>): Promise<string> => {
    report({ stage: 'compile', message: `Compiling the addon with ${chosen.title}` });
    await compileWith(chosen, folder, env, signal);
    return chosen.title;
  };
  if (compiler !== null) return compile(compiler, {});
  return withZig(cache, report, signal, compile);
}
