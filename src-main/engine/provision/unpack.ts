import { createHash, type Hash } from 'node:crypto';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { EngineError } from '../../contract/errors.ts';
import type { EngineBuild } from '../../contract/job.ts';
import { engineFolder } from './build.ts';
import { doesNotCompute, environment, gist } from './failures.ts';
import { cacheFolder, faultOf, requireSpace, sha256, temporaryFolder } from './folder.ts';
import { newerGlibc } from './glibc.ts';
import { thisPlatform } from './machine.ts';
import { readIndex, type PackIndex } from './pack-index.ts';
import { probe } from './probe.ts';
import type { Report } from './progress.ts';
import { underLock } from './under-lock.ts';

const decompress = promisify(zstdDecompress) as (
  data: Buffer,
  options: { maxOutputLength: number },
) => Promise<Buffer>;

/** What an installation found or did. */
export interface Installed {
  readonly build: EngineBuild;
  /** Nothing was to be done. */
  readonly already: boolean;
}

/**
 * Puts a packed engine into the cache: checks every piece, unpacks beside, tries it, renames. Needs neither Python nor
 * a compiler nor a network. Installing what is there already does nothing.
 * @throws EngineError naming the pieces that are missing or damaged, or why the engine does not fit this machine.
 */
export async function installEngine(
  folder: string,
  report: Report,
  signal?: AbortSignal,
): Promise<Installed> {
  report({ stage: 'find', message: 'Reading the pack' });
  const index = await readIndex(folder);
  const cache = cacheFolder();
  await checkFit(index, cache);
  const build = buildIn(index, cache);
  const lacking = async (): Promise<Set<string>> => {
    const names = new Set<string>();
    for (const { name } of index.folders) if ((await faultOf(join(cache, name))) !== null) names.add(name);
    return names;
  };
  const isThere = async (): Promise<boolean> => (await lacking()).size === 0;
  if (await isThere()) return { build, already: true };
  await checkPieces(folder, index, report, signal);
  const install = async (): Promise<void> => {
    await requireSpace(cache, index.unpackedBytes);
    await unpackInto(folder, index, { cache, names: await lacking(), report, signal });
  };
  return { build, already: !(await underLock(cache, isThere, install, report, signal)) };
}

function buildIn({ variant, tensorflow, engine, folders }: PackIndex, cache: string): EngineBuild {
  const others = folders.filter(({ name }) => name !== engine);
  return {
    variant,
    tensorflow,
    binding: join(cache, engine, 'tfjs_binding.node'),
    libraryPath: others.map(({ name }) => join(cache, name, 'lib')),
  };
}

/** @throws EngineError where the engine is for another kind of machine, or another version of the program. */
async function checkFit(index: PackIndex, cache: string): Promise<void> {
  const { platform, arch, glibc } = thisPlatform();
  const another = 'Pack one on a machine of this kind.';
  if (index.platform !== platform || index.arch !== arch) {
    throw new EngineError(
      `The packed engine is for ${index.platform} ${index.arch}; this is ${platform} ${arch}.`,
      another,
    );
  }
  if (index.glibc !== null && glibc === null) {
    throw new EngineError(
      'The packed engine needs glibc, and this system has another C library (musl).',
      'Use a system with glibc.',
    );
  }
  if (index.glibc !== null && glibc !== null && newerGlibc(glibc, index.glibc) !== glibc) {
    throw new EngineError(
      `The packed engine needs glibc ${index.glibc} or newer; this machine has ${glibc}.`,
      'Pack it on a machine as old as this one; Zig as the compiler (no g++ there) asks for less.',
    );
  }
  const offered = Number(process.versions['napi'] ?? 0);
  if (offered < index.napi) {
    throw new EngineError(
      `The packed engine needs Node-API ${index.napi}; Node ${process.versions.node} offers ${offered}.`,
      'Use the Node that npm ci brings.',
    );
  }
  const wanted = await engineFolder(cache, index.variant);
  if (join(cache, index.engine) !== wanted) {
    throw new EngineError(
      `The packed engine is ${index.engine}; this version of Swamp Studio wants ${wanted.slice(cache.length + 1)}.`,
      'Pack it with the same version of Swamp Studio.',
    );
  }
}

/** @throws EngineError naming every piece that is missing or is not what the table of contents says. */
async function checkPieces(
  folder: string,
  { pieces, bytes }: PackIndex,
  report: Report,
  signal?: AbortSignal,
): Promise<void> {
  const wrong: string[] = [];
  let doneBytes = 0;
  for (const { name, bytes: expected, sha256: sum } of pieces) {
    report({ stage: 'verify', message: 'Checking the pieces', doneBytes, totalBytes: bytes });
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (!found) wrong.push(`${name} is missing`);
    else if (found.size !== expected) wrong.push(`${name} has ${found.size} bytes instead of ${expected}`);
    else if ((await sha256(path, signal)) !== sum) wrong.push(`${name} is damaged`);
    doneBytes += expected;
  }
  if (wrong.length === 0) return;
  const count = `${wrong.length} of ${pieces.length} pieces`;
  throw new EngineError(
    wrong.length === 1
      ? `In ${folder}: ${wrong[0]}.`
      : `In ${folder}, ${count} are not right:\n${wrong.map((line) => `  ${line}`).join('\n')}`,
    'Copy these files again and repeat the command.',
  );
}

interface UnpackWork {
  readonly cache: string;
  /** Folders that the cache lacks. */
  readonly names: ReadonlySet<string>;
  readonly report: Report;
  readonly signal?: AbortSignal | undefined;
}

async function unpackInto(folder: string, index: PackIndex, work: UnpackWork): Promise<void> {
  const { cache, names, report, signal } = work;
  const temporary = await temporaryFolder(cache);
  try {
    const writer = new FolderWriter(temporary, index.folders, names);
    try {
      for await (const data of unpackedChunks(folder, index, report, signal)) await writer.write(data);
      await writer.end();
    } finally {
      await writer.close();
    }
    report({ stage: 'check', message: 'Trying TensorFlow' });
    const at = (name: string): string => join(names.has(name) ? temporary : cache, name);
    const libraries = index.folders.filter(({ name }) => name !== index.engine);
    const tried = await probe(
      join(at(index.engine), 'tfjs_binding.node'),
      libraries.map(({ name }) => join(at(name), 'lib')),
      signal,
    );
    if (!tried.works) throw doesNotCompute('The packed engine', `${tried.reason}\n${gist(tried.log)}`);
    for (const name of names) {
      await rm(join(cache, name), { recursive: true, force: true });
      await rename(join(temporary, name), join(cache, name));
    }
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Frames read ahead of the one that is written. */
const atOnce = 4;

/** All files laid end to end, in order. */
async function* unpackedChunks(
  folder: string,
  { pieces, chunk, unpackedBytes }: PackIndex,
  report: Report,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  let doneBytes = 0;
  for (const { name, frames } of pieces) {
    const file = await open(join(folder, name));
    try {
      let position = 0;
      for (let first = 0; first < frames.length; first += atOnce) {
        signal?.throwIfAborted();
        const some = frames.slice(first, first + atOnce);
        const packed = Buffer.alloc(some.reduce((sum, bytes) => sum + bytes, 0));
        await file.read(packed, 0, packed.length, position);
        position += packed.length;
        let at = 0;
        const data = some.map((bytes) =>
          decompress(packed.subarray(at, (at += bytes)), { maxOutputLength: chunk }),
        );
        for (const each of await Promise.all(data)) {
          yield each;
          doneBytes += each.length;
        }
        report({ stage: 'unpack', message: 'Unpacking the engine', doneBytes, totalBytes: unpackedBytes });
      }
    } finally {
      await file.close();
    }
  }
}

/** A file under way. */
interface Current {
  readonly target: Target;
  /** `null`: the cache has the file's folder, only the check remains. */
  readonly file: FileHandle | null;
  readonly hash: Hash;
  left: number;
}

interface Target {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly wanted: boolean;
}

/** Cuts what comes into files, and checks each. */
class FolderWriter {
  readonly #targets: Target[];
  #current: Current | null = null;

  constructor(root: string, folders: PackIndex['folders'], names: ReadonlySet<string>) {
    this.#targets = folders.flatMap(({ name, files }) =>
      files.map(({ path, bytes, sha256: sum }) => ({
        path: join(root, name, path),
        bytes,
        sha256: sum,
        wanted: names.has(name),
      })),
    );
  }

  async write(data: Buffer): Promise<void> {
    let at = 0;
    while (at < data.length) {
      const current = await this.#next();
      const part = data.subarray(at, at + current.left);
      current.hash.update(part);
      await current.file?.write(part);
      current.left -= part.length;
      at += part.length;
      if (current.left === 0) await this.#finish();
    }
  }

  /** @throws EngineError where less came than the files hold. */
  async end(): Promise<void> {
    while (this.#targets[0]?.bytes === 0) {
      await this.#next();
      await this.#finish();
    }
    if (this.#current !== null || this.#targets.length > 0) throw damaged('the pieces end too soon');
  }

  async close(): Promise<void> {
    await this.#current?.file?.close();
    this.#current = null;
  }

  async #next(): Promise<Current> {
    while (this.#current === null) {
      const target = this.#targets.shift();
      if (!target) throw damaged('the pieces hold more than the files');
      const { path, bytes, wanted } = target;
      if (wanted) await mkdir(dirname(path), { recursive: true });
      const file = wanted ? await open(path, 'w') : null;
      this.#current = { target, file, hash: createHash('sha256'), left: bytes };
      if (bytes === 0) await this.#finish();
    }
    return this.#current;
  }

  async #finish(): Promise<void> {
    if (this.#current === null) return;
    const { target, file, hash } = this.#current;
    this.#current = null;
    await file?.sync();
    await file?.close();
    if (hash.digest('hex') !== target.sha256) throw damaged(`${target.path} is not what was packed`);
  }
}

const damaged = (why: string): EngineError =>
  new EngineError(
    `The pack does not fit its table of contents: ${why}.`,
    `Pack it again; ${environment.cache} is untouched.`,
  );
