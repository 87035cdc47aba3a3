import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { EngineError } from '../../contract/errors.ts';
import { SMALLEST_PIECE } from '../../contract/names.ts';
import { thisPlatform } from './machine.ts';
import { diskFull, notWritable } from './failures.ts';
import { faultOf, readManifest, sha256 } from './folder.ts';
import { indexName, PackIndex, Piece } from './pack-index.ts';
import { tensorflowVersion } from './pins.ts';
import type { Report } from './progress.ts';
import { addonGlibc } from './glibc.ts';
import { napi, type BuildVariant } from './targets.ts';

/** The smallest piece: one frame must fit. */
export const leastPiece = SMALLEST_PIECE;
/** A frame unpacks to so much, or to half a piece where pieces are small. */
const largestChunk = 4 << 20;
/** Smaller than gzip in less time; higher levels take many times as long for little. */
const level = 3;

const compress = promisify(zstdCompress) as (
  data: Buffer,
  options: { params: Record<number, number> },
) => Promise<Buffer>;

/** What is packed: folders of the cache that are whole. */
export interface PackSource {
  readonly variant: BuildVariant;
  /** The engine's folder first, then those with NVIDIA's libraries. */
  readonly folders: readonly { readonly name: string; readonly path: string }[];
}

export interface PackOptions {
  readonly out: string;
  /** Bytes a piece at most. */
  readonly piece: number;
  readonly report: Report;
  readonly signal?: AbortSignal | undefined;
}

/** A file and where it begins among all. */
interface Placed {
  readonly path: string;
  readonly start: number;
  readonly bytes: number;
}

/**
 * Writes an engine in pieces with a table of contents. The same engine and piece size give the same bytes. Pieces that
 * are there already and right are kept, so that what was interrupted goes on.
 * @throws EngineError where the engine is damaged or the folder cannot be written; the signal's reason if aborted.
 */
export async function packEngine(source: PackSource, options: PackOptions): Promise<PackIndex> {
  const { out } = options;
  try {
    await mkdir(out, { recursive: true });
    return await writePack(source, options);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new EngineError(
        `The disk of ${out} became full while the engine was packed.`,
        'Free some space and run the same command again: finished pieces are kept.',
        { cause: diskFull(out, error) },
      );
    }
    if (/^(EACCES|EPERM|EROFS|ENOTDIR|EEXIST)$/.test(code)) {
      throw new EngineError(notWritable(out, error).message, 'Give another folder.', {
        cause: error,
      });
    }
    throw error;
  }
}

async function writePack({ variant, folders }: PackSource, options: PackOptions): Promise<PackIndex> {
  const { out, piece, report, signal } = options;
  const listed = await Promise.all(folders.map(async (folder) => await listFolder(folder)));
  const files = place(folders, listed);
  const unpackedBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const { platform, arch, glibc } = thisPlatform();
  const [engine] = folders;
  if (!engine) throw new Error('nothing to pack');
  const chunk = Math.min(largestChunk, piece >> 1);
  const head = {
    format: 1,
    tensorflow: tensorflowVersion,
    variant,
    platform,
    arch,
    glibc: glibc === null ? null : await addonGlibc(join(engine.path, 'tfjs_binding.node')),
    napi,
    engine: engine.name,
    folders: folders.map(({ name }, at) => ({ name, files: listed[at] ?? [] })),
    unpackedBytes,
    chunk,
  } as const;
  const before = await readBefore(out, head, piece);
  // From here on the folder is not whole, whatever lay in it.
  await rm(join(out, indexName), { force: true });
  const reader = new Reader(files);
  let hash = createHash('sha256');
  const pieces: Piece[] = [];
  const tell = (doneBytes: number): void =>
    report({ stage: 'pack', message: 'Packing the engine', doneBytes, totalBytes: unpackedBytes });
  try {
    for (let start = 0; start < unpackedBytes; start = end(pieces)) {
      signal?.throwIfAborted();
      tell(start);
      const name = `engine-${String(pieces.length + 1).padStart(4, '0')}.zst`;
      const old = before.find((each) => each.start === start && each.name === name);
      const kept = old ? await hashWith(join(out, name), old, hash) : null;
      if (old && kept) {
        pieces.push(old);
        hash = kept;
      } else {
        const work = { name, start, piece, chunk, unpackedBytes, reader, hash, tell, signal };
        pieces.push(await writePiece(join(out, name), work));
      }
      await writeAtomically(
        join(out, partialName),
        JSON.stringify({ head: headDigest(head, piece), pieces }),
      );
    }
  } finally {
    await reader.close();
  }
  const bytes = pieces.reduce((sum, each) => sum + each.bytes, 0);
  const index: PackIndex = PackIndex.parse({ ...head, bytes, sha256: hash.digest('hex'), pieces });
  await tidy(out, new Set(pieces.map(({ name }) => name)));
  await writeAtomically(join(out, indexName), `${JSON.stringify(index, null, 1)}\n`);
  await rm(join(out, partialName), { force: true });
  tell(unpackedBytes);
  return index;
}

const end = (pieces: readonly Piece[]): number => {
  const last = pieces.at(-1);
  return last ? last.start + last.unpacked : 0;
};

/** Files of a folder that matter, its manifest first. @throws EngineError where one is not what the manifest says. */
async function listFolder({
  path,
}: PackSource['folders'][number]): Promise<PackIndex['folders'][number]['files']> {
  const fault = await faultOf(path, true);
  const manifest = await readManifest(path);
  if (fault !== null || manifest === null) {
    throw new EngineError(
      `${path} is damaged: ${fault ?? 'its manifest is missing'}`,
      'Run `swamp doctor`: it names the command that mends it.',
    );
  }
  const own = join(path, 'manifest.json');
  const files = Object.entries(manifest.files).map(([file, { bytes, sha256: sum }]) => ({
    path: file,
    bytes,
    sha256: sum,
  }));
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return [{ path: 'manifest.json', bytes: (await stat(own)).size, sha256: await sha256(own) }, ...files];
}

function place(
  folders: PackSource['folders'],
  listed: readonly PackIndex['folders'][number]['files'][],
): Placed[] {
  let start = 0;
  return folders.flatMap((folder, at) =>
    (listed[at] ?? []).map(({ path, bytes }) => {
      const placed = { path: join(folder.path, path), start, bytes };
      start += bytes;
      return placed;
    }),
  );
}

/** Reads any stretch of all files laid end to end. */
class Reader {
  readonly #files: readonly Placed[];
  #open: { readonly path: string; readonly handle: FileHandle } | null = null;

  constructor(files: readonly Placed[]) {
    this.#files = files;
  }

  async read(start: number, length: number): Promise<Buffer> {
    const buffer = Buffer.alloc(length);
    for (const file of this.#files) {
      const from = Math.max(start, file.start);
      const to = Math.min(start + length, file.start + file.bytes);
      if (from >= to) continue;
      const handle = await this.#handle(file.path);
      const { bytesRead } = await handle.read(buffer, from - start, to - from, from - file.start);
      if (bytesRead !== to - from)
        throw new EngineError(`${file.path} changed while it was packed.`, 'Try again.');
    }
    return buffer;
  }

  async close(): Promise<void> {
    await this.#open?.handle.close();
    this.#open = null;
  }

  async #handle(path: string): Promise<FileHandle> {
    if (this.#open?.path === path) return this.#open.handle;
    await this.close();
    const handle = await open(path);
    this.#open = { path, handle };
    return handle;
  }
}

interface PieceWork {
  readonly name: string;
  readonly start: number;
  readonly piece: number;
  readonly chunk: number;
  readonly unpackedBytes: number;
  readonly reader: Reader;
  readonly hash: Hash;
  readonly tell: (doneBytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Chunks compressed at a time: as many as Node's threads for it. */
const atOnce = 4;

/** As many whole frames from `start` on as fit. */
async function writePiece(path: string, work: PieceWork): Promise<Piece> {
  const { name, start, piece, chunk, unpackedBytes, reader, hash, tell, signal } = work;
  const frames: number[] = [];
  const own = createHash('sha256');
  let bytes = 0;
  let at = start;
  const temporary = `${path}.part`;
  const file = await open(temporary, 'w');
  try {
    let full = false;
    while (!full && at < unpackedBytes) {
      signal?.throwIfAborted();
      const packed: Promise<Buffer>[] = [];
      let next = at;
      for (; packed.length < atOnce && next < unpackedBytes; next += chunk) {
        const data = await reader.read(next, Math.min(chunk, unpackedBytes - next));
        packed.push(compress(data, { params: { [constants.ZSTD_c_compressionLevel]: level } }));
      }
      for (const frame of await Promise.all(packed)) {
        if (bytes + frame.length > piece) {
          full = true;
          break;
        }
        await file.write(frame);
        own.update(frame);
        hash.update(frame);
        bytes += frame.length;
        frames.push(frame.length);
        at = Math.min(at + chunk, unpackedBytes);
      }
      tell(at);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  return { name, bytes, sha256: own.digest('hex'), start, unpacked: at - start, frames };
}

/** What was packed so far; becomes the table of contents. */
const partialName = 'index.partial.json';

const headDigest = (head: object, piece: number): string =>
  createHash('sha256')
    .update(JSON.stringify([head, piece]))
    .digest('hex');

/** Pieces that an earlier packing of the same engine into pieces of the same size wrote down. */
async function readBefore(out: string, head: object, piece: number): Promise<readonly Piece[]> {
  const wanted = headDigest(head, piece);
  const read = async (name: string): Promise<unknown> => {
    try {
      return JSON.parse(await readFile(join(out, name), 'utf8')) as unknown;
    } catch {
      return null;
    }
  };
  const partial = (await read(partialName)) as { head?: unknown; pieces?: unknown } | null;
  if (partial?.head === wanted) {
    const pieces = Piece.array().safeParse(partial.pieces);
    if (pieces.success) return pieces.data;
  }
  const whole = PackIndex.safeParse(await read(indexName));
  if (!whole.success) return [];
  const { bytes: _bytes, sha256: _sum, pieces, ...rest } = whole.data;
  // A larger piece size would have made fewer pieces, a smaller one would not have let these be.
  const same = JSON.stringify(rest) === JSON.stringify(head) && pieces.every(({ bytes }) => bytes <= piece);
  return same ? pieces : [];
}

/** The hash of all with a piece's bytes, where the piece is there as it was written; `null` where it is not. */
async function hashWith(path: string, piece: Piece, hash: Hash): Promise<Hash | null> {
  const found = await stat(path).catch(() => null);
  if (found?.size !== piece.bytes) return null;
  const all = hash.copy();
  const own = createHash('sha256');
  for await (const data of createReadStream(path, { highWaterMark: 1 << 20 })) {
    own.update(data as Buffer);
    all.update(data as Buffer);
  }
  return own.digest('hex') === piece.sha256 ? all : null;
}

/** Removes pieces of an earlier pack that are none of this one. */
async function tidy(out: string, names: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(out)) {
    if (/^engine-\d{4,}\.zst(\.part)?$/.test(name) && !names.has(name)) await rm(join(out, name));
  }
}

async function writeAtomically(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text, { flush: true });
  await rename(`${path}.part`, path);
}
