import { readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { run } from './command.ts';
import { compileFailed, missingPackage, noCompiler } from './failures.ts';
import { requireSpace, sha256, temporaryFolder } from './folder.ts';
import { obtainWheel } from './download.ts';
import type { Wheel } from './pins.ts';
import type { Report } from './progress.ts';
import type { Target } from './targets.ts';
import { listZip, unpackZip } from '../../archive/zip.ts';

const require = createRequire(import.meta.url);

/** A C++ compiler: program and its first arguments. */
export interface Compiler {
  readonly command: readonly [string, ...string[]];
  /** For people: what it says of itself. */
  readonly title: string;
}

/** CXX, then the usual names; a CXX that does not run is not passed over in silence. */
export async function findCompiler(
  usual: Target['compilers'],
  signal?: AbortSignal,
): Promise<Compiler | null> {
  const named = (process.env['CXX'] ?? '').split(/\s+/).filter((word) => word !== '');
  const candidates = named.length > 0 ? [named] : usual.map((name) => [name]);
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

/** The files of a build that make it run. */
export const builtFiles = ({ libraries }: Target): string[] => [...libraries, 'tfjs_binding.node'];

/** Digest of what the addon is made from: sources and flags. */
export async function addonDigestParts(target: Target): Promise<string[]> {
  const folder = addonSources();
  const names = (await readdir(folder)).sort();
  const digests = await Promise.all(names.map(async (name) => `${name} ${await sha256(join(folder, name))}`));
  return [...digests, ...target.flags, ...builtFiles(target)];
}

/**
 * Zig, a C++ compiler in a wheel, for the time of `work`.
 * @throws EngineError that names the compiler to install, if it cannot be had.
 */
async function withZig<Result>(
  zig: Wheel,
  cache: string,
  report: Report,
  signal: AbortSignal | undefined,
  work: (compiler: Compiler, env: Record<string, string>) => Promise<Result>,
): Promise<Result> {
  report({ stage: 'compile', message: 'No C++ compiler found: fetching one' });
  const wheel = await obtainWheel(zig, cache, report, signal).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw noCompiler(
      `Zig, which would stand in, could not be had: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  await requireSpace(cache, zig.unpackedBytes);
  const folder = await temporaryFolder(cache);
  try {
    report({ stage: 'unpack', message: 'Unpacking the compiler' });
    const members = (await listZip(wheel)).filter(({ name }) => name.startsWith('ziglang/'));
    await unpackZip(wheel, members, folder, undefined, signal);
    const compiler: Compiler = {
      command: [join(folder, 'ziglang', 'zig'), 'c++'],
      title: `Zig ${zig.version}`,
    };
    const own = join(folder, 'cache');
    const result = await work(compiler, { ZIG_GLOBAL_CACHE_DIR: own, ZIG_LOCAL_CACHE_DIR: own });
    await rm(wheel, { force: true });
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the compiler is told: `folder` holds TensorFlow's libraries and headers as in the wheel. */
export function compilerArguments({ flags, libraries }: Target, folder: string): string[] {
  const sources = addonSources();
  return [
    ...flags,
    `-I${join(folder, 'tensorflow', 'include')}`,
    `-I${nodeHeaders()}`,
    join(sources, 'tfjs_backend.cc'),
    join(sources, 'tfjs_binding.cc'),
    ...libraries.map((name) => join(folder, name)),
    '-o',
    join(folder, 'tfjs_binding.node'),
  ];
}

/**
 * Compile the addon in `folder`, which holds TensorFlow's libraries and headers as in the wheel.
 * @returns the compiler's name.
 */
export async function compileAddon(
  target: Target,
  folder: string,
  cache: string,
  report: Report,
  signal?: AbortSignal,
): Promise<string> {
  const compiler = await findCompiler(target.compilers, signal);
  const compile = async (chosen: Compiler, env: Record<string, string>): Promise<string> => {
    report({ stage: 'compile', message: `Compiling the addon with ${chosen.title}` });
    const [program, ...rest] = chosen.command;
    const outcome = await run(program, [...rest, ...compilerArguments(target, folder)], { env, signal });
    if (outcome.code !== 0) throw compileFailed(chosen.title, outcome.stderr + outcome.stdout);
    return chosen.title;
  };
  if (compiler !== null) return compile(compiler, {});
  return withZig(target.zig, cache, report, signal, compile);
}
