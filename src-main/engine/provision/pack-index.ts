import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { EngineError } from '../../contract/errors.ts';

/** Name of the table of contents; it is written last, so a folder that has one is whole. */
export const indexName = 'index.json';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const size = z.number().int().min(0);
/** A name or path that stays inside the folder it is joined to. */
const inside = z.string().regex(/^(?!\.{1,2}(\/|$))[\w.+-]+(\/(?!\.{1,2}(\/|$))[\w.+-]+)*$/);
const plain = z.string().regex(/^[\w+-][\w.+-]*$/);

const PackedFile = z.strictObject({ path: inside, bytes: size, sha256: digest });

/** One file of a pack: whole zstd frames, so that `cat` of all pieces is one zstd stream. */
export const Piece = z.strictObject({
  name: plain,
  bytes: size,
  sha256: digest,
  /** Bytes before this piece, and in it, of all files laid end to end. */
  start: size,
  unpacked: size,
  /** Bytes of each frame. */
  frames: z.array(size),
});
export type Piece = z.infer<typeof Piece>;

/** An engine on its way to another machine (docs/engine.md, Packs). */
export const PackIndex = z.strictObject({
  format: z.literal(1),
  tensorflow: z.string(),
  variant: z.enum(['cpu', 'cuda']),
  platform: z.string(),
  arch: z.string(),
  /** The oldest glibc it runs on; `null`: not Linux. */
  glibc: z.string().nullable(),
  /** The oldest Node-API it runs on. */
  napi: z.number().int(),
  /** Folder of the engine among `folders`. */
  engine: plain,
  /** Folders of the cache, their files in the order in which the pieces hold them. */
  folders: z.array(z.strictObject({ name: plain, files: z.array(PackedFile) })).min(1),
  /** Bytes of all files. */
  unpackedBytes: size,
  /** Bytes that a frame unpacks to; the last may have fewer. */
  chunk: z.number().int().positive(),
  /** Bytes of all pieces, and SHA-256 of all, one after the other. */
  bytes: size,
  sha256: digest,
  pieces: z.array(Piece),
});
export type PackIndex = z.infer<typeof PackIndex>;

const HINT = 'Give the folder that `swamp engine pack` wrote, with all its files.';

/** @throws EngineError where the folder holds no pack, or none that this version reads. */
export async function readIndex(folder: string): Promise<PackIndex> {
  const path = join(folder, indexName);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const why = code === 'ENOENT' || code === 'ENOTDIR' ? 'is not there' : `cannot be read (${code})`;
    throw new EngineError(`${path} ${why}.`, HINT, { cause });
  }
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw new EngineError(`${path} is damaged: ${(cause as Error).message}`, 'Copy it again.', { cause });
  }
  const { format } = (raw ?? {}) as { format?: unknown };
  if (typeof format === 'number' && format > 1) {
    throw new EngineError(
      `${path} is of format ${format}, which this version does not read.`,
      'Bring Swamp Studio here to the version of the machine that packed it.',
    );
  }
  const read = PackIndex.safeParse(raw);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new EngineError(
    `${path} is damaged: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    'Copy it again.',
  );
}
