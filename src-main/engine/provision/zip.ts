import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createInflateRaw, inflateRaw } from 'node:zlib';

/**
 * A wheel is a zip of up to a gigabyte of which a few members are wanted. Each is streamed from its place in the
 * file through Node's zlib, so memory stays small and the inflating happens off the main thread; the zip libraries
 * at hand read the whole archive or inflate in JavaScript.
 */

/** The file is not a zip archive that can be read here. */
export class ZipError extends Error {
  constructor(path: string, problem: string) {
    super(`${path}: ${problem}`);
    this.name = 'ZipError';
  }
}

export interface ZipEntry {
  /** Path inside the archive, with `/`. */
  readonly name: string;
  readonly method: 'stored' | 'deflated';
  readonly compressedBytes: number;
  readonly bytes: number;
  readonly executable: boolean;
  /** Where the member's local header begins. */
  readonly offset: number;
}

const signatures = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50 };
const endBytes = 22;
const localBytes = 30;
const centralBytes = 46;
/** In a 32-bit field: the value stands in a zip64 record. */
const zip64 = 0xffffffff;
const ioBytes = 1 << 20;

const inflateWhole = promisify(inflateRaw) as (packed: Buffer) => Promise<Buffer>;

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** The archive's table of contents, folders left out. */
export async function listZip(path: string): Promise<ZipEntry[]> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const tailStart = Math.max(0, size - endBytes - 0xffff);
    const tail = await read(file, tailStart, size - tailStart);
    let end = tail.length - endBytes;
    while (end >= 0 && tail.readUInt32LE(end) !== signatures.end) end -= 1;
    if (end < 0) throw new ZipError(path, 'not a zip archive, or cut short');
    const directory = await read(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
    const entries: ZipEntry[] = [];
    let at = 0;
    while (at + centralBytes <= directory.length && directory.readUInt32LE(at) === signatures.central) {
      const nameBytes = directory.readUInt16LE(at + 28);
      const name = directory.toString('utf8', at + centralBytes, at + centralBytes + nameBytes);
      const method = directory.readUInt16LE(at + 10);
      const compressedBytes = directory.readUInt32LE(at + 20);
      const bytes = directory.readUInt32LE(at + 24);
      const executable = ((directory.readUInt32LE(at + 38) >>> 16) & 0o100) !== 0;
      const offset = directory.readUInt32LE(at + 42);
      if (compressedBytes === zip64 || bytes === zip64 || offset === zip64) {
        throw new ZipError(path, `${name} is larger than 4 GiB`);
      }
      if (method !== 0 && method !== 8) throw new ZipError(path, `${name} has compression method ${method}`);
      at += centralBytes + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
      if (name.endsWith('/')) continue;
      if (name.startsWith('/') || name.includes('\\') || name.split('/').includes('..')) {
        throw new ZipError(path, `${name} points outside the archive`);
      }
      const kind = method === 0 ? 'stored' : 'deflated';
      entries.push({ name, method: kind, compressedBytes, bytes, executable, offset });
    }
    return entries;
  } finally {
    await file.close();
  }
}

/**
 * Unpack `entries` of the archive at `path` below `folder`, keeping their paths.
 * @param onBytes is told how many unpacked bytes were written, in sum.
 */
export async function unpackZip(
  path: string,
  entries: readonly ZipEntry[],
  folder: string,
  onBytes: (done: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<void> {
  const file = await open(path);
  const made = new Set<string>();
  let done = 0;
  try {
    for (const entry of entries) {
      signal?.throwIfAborted();
      const header = await read(file, entry.offset, localBytes);
      if (header.length < localBytes || header.readUInt32LE(0) !== signatures.local) {
        throw new ZipError(path, `${entry.name} is not where the table of contents says`);
      }
      const start = entry.offset + localBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
      const target = join(folder, entry.name);
      if (!made.has(dirname(target))) await mkdir(dirname(target), { recursive: true });
      made.add(dirname(target));
      const mode = entry.executable ? 0o755 : 0o644;
      let written = 0;
      if (entry.compressedBytes <= ioBytes && entry.bytes <= 4 * ioBytes) {
        const packed = await read(file, start, entry.compressedBytes);
        const data = entry.method === 'deflated' ? await inflateWhole(packed) : packed;
        await writeFile(target, data, { mode });
        written = data.length;
        onBytes(done + written);
      } else {
        await pipeline(
          createReadStream(path, {
            start,
            end: start + entry.compressedBytes - 1,
            highWaterMark: ioBytes,
          }),
          entry.method === 'deflated' ? createInflateRaw({ chunkSize: ioBytes }) : new PassThrough(),
          async function* (chunks: AsyncIterable<Buffer>) {
            for await (const chunk of chunks) {
              written += chunk.length;
              onBytes(done + written);
              yield chunk;
            }
          },
          createWriteStream(target, { mode }),
          { signal },
        );
      }
      if (written !== entry.bytes) throw new ZipError(path, `${entry.name} unpacked to ${written} bytes`);
      done += written;
    }
  } finally {
    await file.close();
  }
}
