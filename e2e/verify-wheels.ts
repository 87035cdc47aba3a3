import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listZip, unpackZip } from '../src-main/archive/zip.ts';
import { cudaMembers, wantedMembers } from '../src-main/engine/provision/build.ts';
import { run } from '../src-main/engine/provision/command.ts';
import { compilerArguments } from '../src-main/engine/provision/compile.ts';
import { obtainWheel } from '../src-main/engine/provision/download.ts';
import { oldestGlibc } from '../src-main/engine/provision/glibc.ts';
import { cudaWheels, zigCompiler, type Wheel } from '../src-main/engine/provision/pins.ts';
import { targetOf, type BuildVariant, type Target } from '../src-main/engine/provision/targets.ts';

/**
 * Downloads every pinned wheel, of all platforms, and looks whether it is the pinned file and holds what a build takes
 * from it. `--build` also compiles the addon for each platform with Zig and looks which libraries it asks for: as near
 * as one comes to a build on a machine that is not there. `--cuda` takes NVIDIA's wheels too (2.3 GB).
 */

const platforms = [
  { platform: 'linux', arch: 'x64', variant: 'cpu', zig: `x86_64-linux-gnu.${oldestGlibc}` },
  { platform: 'linux', arch: 'x64', variant: 'cuda', zig: `x86_64-linux-gnu.${oldestGlibc}` },
  { platform: 'linux', arch: 'arm64', variant: 'cpu', zig: `aarch64-linux-gnu.${oldestGlibc}` },
  { platform: 'darwin', arch: 'arm64', variant: 'cpu', zig: 'aarch64-macos.12.0' },
] as const satisfies readonly { platform: string; arch: string; variant: BuildVariant; zig: string }[];

const options = new Set(process.argv.slice(2));
const scratch = await mkdtemp(join(tmpdir(), 'swamp-wheels-'));
const faults: string[] = [];
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const fail = (text: string): void => {
  faults.push(text);
  say(`  WRONG: ${text}`);
};

/** A wheel in a cache of its own: wheels of one name and several platforms would take each other's place. */
async function fetch(wheel: Wheel): Promise<string> {
  const cache = await mkdtemp(join(scratch, 'cache-'));
  await mkdir(join(cache, 'downloads'));
  const path = await obtainWheel(wheel, cache, () => undefined);
  const { size } = await stat(path);
  say(`${wheel.name} ${wheel.version} ${wheel.platforms[0]}: ${size} bytes, SHA-256 as pinned`);
  if (size !== wheel.bytes) fail(`the pins say ${wheel.bytes} bytes`);
  return path;
}

async function check(target: Target, build: { zig: string; triple: string } | null): Promise<void> {
  const path = await fetch(target.wheel);
  const wanted = wantedMembers(await listZip(path), target);
  const names = new Set(wanted.map(({ name }) => name));
  const { unpackedBytes } = target.wheel;
  for (const name of [
    ...target.libraries,
    'tensorflow/include/LICENSE',
    'tensorflow/THIRD_PARTY_NOTICES.txt',
  ]) {
    if (!names.has(name)) fail(`${name} is not in it`);
  }
  for (const header of ['tensorflow/c/c_api.h', 'tensorflow/c/eager/c_api.h']) {
    if (!names.has(`tensorflow/include/${header}`)) fail(`${header} is not in it`);
  }
  const bytes = wanted.reduce((sum, each) => sum + each.bytes, 0);
  say(`  ${wanted.length} members are taken, ${bytes} bytes`);
  if (bytes > unpackedBytes) fail(`the pins say ${unpackedBytes} bytes unpacked`);
  if (build) {
    const folder = await mkdtemp(join(scratch, 'build-'));
    await unpackZip(path, wanted, folder);
    await crossCompile(target, folder, build);
    await rm(folder, { recursive: true });
  }
  await rm(path);
}

async function crossCompile(
  target: Target,
  folder: string,
  { zig, triple }: { zig: string; triple: string },
): Promise<void> {
  const own = join(scratch, 'zig-cache');
  const { code, stderr } = await run(zig, ['c++', '-target', triple, ...compilerArguments(target, folder)], {
    env: { ZIG_GLOBAL_CACHE_DIR: own, ZIG_LOCAL_CACHE_DIR: own },
  });
  if (code !== 0) {
    fail(`does not compile for ${triple}: ${stderr.slice(-2000)}`);
    return;
  }
  const addon = (await readFile(join(folder, 'tfjs_binding.node'))).toString('latin1');
  const asked = ['libtensorflow_cc', 'libtensorflow_framework', 'TFE_Execute', 'napi_register_module_v1'];
  const place = triple.includes('macos') ? '@loader_path/tensorflow' : '$ORIGIN/tensorflow';
  for (const text of [...asked, place]) if (!addon.includes(text)) fail(`the addon does not name ${text}`);
  say(`  the addon compiles for ${triple}, ${addon.length} bytes, and looks for the libraries in ${place}`);
}

/** Zig for this machine, unpacked. */
async function unpackZig(): Promise<string> {
  const wheel = await fetch(zigCompiler);
  const folder = join(scratch, 'zig');
  await unpackZip(wheel, await listZip(wheel), folder);
  return join(folder, 'ziglang', 'zig');
}

try {
  const zig = options.has('--build') ? await unpackZig() : null;
  for (const { platform, arch, variant, zig: triple } of platforms) {
    say(`${platform} ${arch}, ${variant}`);
    await check(targetOf({ platform, arch }, variant), zig === null ? null : { zig, triple });
  }
  const zigs = new Set(
    platforms.map(({ platform, arch, variant }) => targetOf({ platform, arch }, variant).zig),
  );
  for (const wheel of zigs) {
    const path = await fetch(wheel);
    const names = new Set((await listZip(path)).map(({ name }) => name));
    if (!names.has('ziglang/zig')) fail('there is no ziglang/zig in it');
    await rm(path);
  }
  for (const wheel of options.has('--cuda') ? cudaWheels : []) {
    const path = await fetch(wheel);
    const { libraries, licence } = cudaMembers(await listZip(path));
    for (const library of wheel.libraries) {
      if (!libraries.some(({ name }) => name.endsWith(`/lib/${library}`))) fail(`${library} is not in it`);
    }
    if (!licence) fail('there is no licence in it');
    await rm(path);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
say(faults.length === 0 ? 'All wheels are as pinned.' : `${faults.length} faults.`);
process.exitCode = faults.length === 0 ? 0 : 1;
