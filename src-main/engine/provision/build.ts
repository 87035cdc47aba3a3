import { createHash } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { addonDigestParts, builtFiles, compileAddon } from './compile.ts';
import { obtainWheel } from './download.ts';
import { doesNotCompute, gist } from './failures.ts';
import { install, requireSpace } from './folder.ts';
import { probe } from './probe.ts';
import type { Report } from './progress.ts';
import { recipeVersion, type CudaWheel } from './pins.ts';
import { targetOf, type BuildVariant, type Target } from './targets.ts';
import { listZip, unpackZip, type ZipEntry } from '../../archive/zip.ts';

/** How a variant is built on this machine. */
export const targetHere = (variant: BuildVariant): Target => targetOf(process, variant);

/** Folder of a build in the cache, named for all that goes into it. */
export async function engineFolder(cache: string, variant: BuildVariant): Promise<string> {
  const target = targetHere(variant);
  const { wheel } = target;
  const parts = [
    String(recipeVersion),
    process.platform,
    process.arch,
    wheel.sha256,
    ...(await addonDigestParts(target)),
  ];
  const digest = createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 12);
  return join(cache, `tensorflow-${variant}-${wheel.version}-${digest}`);
}

/** Folder of an NVIDIA wheel's libraries in the cache. */
export function cudaFolder(cache: string, wheel: CudaWheel): string {
  const digest = createHash('sha256').update(`${recipeVersion}\n${wheel.sha256}`).digest('hex');
  return join(cache, `${wheel.name}-${wheel.version}-${digest.slice(0, 12)}`);
}

/** Where the licence texts lie in TensorFlow's wheels, and in a build. */
const licences = {
  'tensorflow/include/LICENSE': 'LICENSE',
  'tensorflow/THIRD_PARTY_NOTICES.txt': 'THIRD_PARTY_NOTICES.txt',
} as const;

/** What the addon includes, and nothing of the other 200 MB of headers. */
const wantedHeaders =
  /^tensorflow\/include\/(tensorflow\/c|tensorflow\/core\/platform|tsl\/platform|xla\/tsl)\/.*\.h$/;

/** What a build takes from TensorFlow's wheel. */
export function wantedMembers(members: readonly ZipEntry[], { libraries }: Target): ZipEntry[] {
  return members.filter(
    ({ name }) => libraries.includes(name) || name in licences || wantedHeaders.test(name),
  );
}

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
  const from = targetHere(variant);
  const { wheel } = from;
  const path = await obtainWheel(wheel, cache, report, signal);
  await requireSpace(cache, wheel.unpackedBytes);
  await install(target, async (folder) => {
    const wanted = wantedMembers(await listZip(path), from);
    const total = wanted.reduce((sum, { bytes }) => sum + bytes, 0);
    await unpackZip(path, wanted, folder, unpacking(report, 'Unpacking TensorFlow', total), signal);
    const compiler = await compileAddon(from, folder, cache, report, signal);
    for (const [member, name] of Object.entries(licences))
      await rename(join(folder, member), join(folder, name));
    await rm(join(folder, 'tensorflow', 'include'), { recursive: true });
    report({ stage: 'check', message: 'Trying TensorFlow' });
    const tried = await probe(join(folder, 'tfjs_binding.node'), libraryPath, signal);
    if (!tried.works)
      throw doesNotCompute('The built TensorFlow addon', `${tried.reason}\n${gist(tried.log)}`);
    return {
      files: [...builtFiles(from), ...Object.values(licences)],
      from: { variant, tensorflow: tried.tensorflow, wheel: `${wheel.name} ${wheel.version}`, compiler },
    };
  });
  await rm(path, { force: true });
}

/** What is taken from an NVIDIA wheel; every one should have a licence. */
export function cudaMembers(members: readonly ZipEntry[]): {
  libraries: ZipEntry[];
  licence: ZipEntry | undefined;
} {
  return {
    libraries: members.filter(({ name }) => /^nvidia\/[^/]+\/lib\/[^/]+\.so/.test(name)),
    licence: members.find(({ name }) => /^[^/]+\.dist-info\/(licenses\/)?licen[sc]e[^/]*$/i.test(name)),
  };
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
    const { libraries, licence } = cudaMembers(await listZip(path));
    const members = licence ? [...libraries, licence] : libraries;
    const total = members.reduce((sum, { bytes }) => sum + bytes, 0);
    const tell = unpacking(report, `Unpacking ${wheel.name}`, total);
    await unpackZip(path, members, folder, tell, signal);
    const part = dirname(libraries[0]?.name ?? '');
    await rename(join(folder, part), join(folder, 'lib'));
    await rm(join(folder, 'nvidia'), { recursive: true });
    const files = libraries.map(({ name }) => `lib/${basename(name)}`);
    if (licence) {
      await rename(join(folder, licence.name), join(folder, 'LICENSE'));
      await rm(join(folder, licence.name.split('/')[0] ?? ''), { recursive: true });
      files.push('LICENSE');
    }
    return { files, from: { wheel: `${wheel.name} ${wheel.version}` } };
  });
  await rm(path, { force: true });
}
