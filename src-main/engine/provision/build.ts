import { createHash } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { addonDigestParts, builtFiles, compileAddon } from './compile.ts';
import { obtainWheel } from './download.ts';
import { doesNotCompute, gist } from './failures.ts';
import { install, requireSpace } from './folder.ts';
import { probe } from './probe.ts';
import type { Report } from './progress.ts';
import { recipeVersion, tensorflowCpu, tensorflowCuda, type CudaWheel, type Wheel } from './pins.ts';
import { listZip, unpackZip } from '../../archive/zip.ts';

export type BuildVariant = 'cpu' | 'cuda';

export const tensorflowWheel = (variant: BuildVariant): Wheel =>
  variant === 'cuda' ? tensorflowCuda : tensorflowCpu;

/** Folder of a build in the cache, named for all that goes into it. */
export async function engineFolder(cache: string, variant: BuildVariant): Promise<string> {
  const wheel = tensorflowWheel(variant);
  const parts = [
    String(recipeVersion),
    process.platform,
    process.arch,
    wheel.sha256,
    ...(await addonDigestParts()),
  ];
  const digest = createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 12);
  return join(cache, `tensorflow-${variant}-${wheel.version}-${digest}`);
}

/** Folder of an NVIDIA wheel's libraries in the cache. */
export function cudaFolder(cache: string, wheel: CudaWheel): string {
  return join(cache, `${wheel.name}-${wheel.version}-${wheel.sha256.slice(0, 12)}`);
}

/** What the addon includes, and nothing of the other 200 MB of headers. */
const wantedHeaders =
  /^tensorflow\/include\/(tensorflow\/c|tensorflow\/core\/platform|tsl\/platform|xla\/tsl)\/.*\.h$/;

function unpacking(report: Report, message: string, totalBytes: number): (doneBytes: number) => void {
  let last = 0;
  report({ stage: 'unpack', message, doneBytes: 0, totalBytes });
  return (doneBytes) => {
    if (doneBytes !== totalBytes && Date.now() - last < 250) return;
    last = Date.now();
    report({ stage: 'unpack', message, doneBytes, totalBytes });
  };
}

/** Download TensorFlow, build the addon against it, try it and put both at `target`. */
export async function buildEngine(
  variant: BuildVariant,
  target: string,
  cache: string,
  libraryPath: readonly string[],
  report: Report,
  signal?: AbortSignal,
): Promise<void> {
  const wheel = tensorflowWheel(variant);
  const path = await obtainWheel(wheel, cache, report, signal);
  await requireSpace(cache, wheel.unpackedBytes);
  await install(target, async (folder) => {
    const wanted = (await listZip(path)).filter(
      ({ name }) => (builtFiles as readonly string[]).includes(name) || wantedHeaders.test(name),
    );
    const total = wanted.reduce((sum, { bytes }) => sum + bytes, 0);
    await unpackZip(path, wanted, folder, unpacking(report, 'Unpacking TensorFlow', total), signal);
    const compiler = await compileAddon(folder, cache, report, signal);
    await rm(join(folder, 'tensorflow', 'include'), { recursive: true });
    report({ stage: 'check', message: 'Trying TensorFlow' });
    const tried = await probe(join(folder, 'tfjs_binding.node'), libraryPath, signal);
    if (!tried.works)
      throw doesNotCompute('The built TensorFlow addon', `${tried.reason}\n${gist(tried.log)}`);
    return {
      files: builtFiles,
      from: { variant, tensorflow: tried.tensorflow, wheel: `${wheel.name} ${wheel.version}`, compiler },
    };
  });
  await rm(path, { force: true });
}

/** Download an NVIDIA wheel and put its libraries at `target`. */
export async function installCuda(
  wheel: CudaWheel,
  target: string,
  cache: string,
  report: Report,
  signal?: AbortSignal,
): Promise<void> {
  const path = await obtainWheel(wheel, cache, report, signal);
  await requireSpace(cache, wheel.unpackedBytes);
  await install(target, async (folder) => {
    const members = (await listZip(path)).filter(({ name }) => /^nvidia\/[^/]+\/lib\/[^/]+\.so/.test(name));
    const total = members.reduce((sum, { bytes }) => sum + bytes, 0);
    const tell = unpacking(report, `Unpacking ${wheel.name}`, total);
    await unpackZip(path, members, folder, tell, signal);
    const part = dirname(members[0]?.name ?? '');
    await rename(join(folder, part), join(folder, 'lib'));
    await rm(join(folder, 'nvidia'), { recursive: true });
    const files = members.map(({ name }) => `lib/${basename(name)}`);
    return { files, from: { wheel: `${wheel.name} ${wheel.version}` } };
  });
  await rm(path, { force: true });
}
