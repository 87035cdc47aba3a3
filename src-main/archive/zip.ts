import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { crc32, createInflateRaw, inflateRaw } from 'node:zlib';
import { signatures, zip64, zip64Field } from './zip-records.ts';

/**
 * Zip archives of any size of which some or all members are wanted: wheels, folders of images. Each member is read
 * from its place in the file through Node's zlib, so memory stays small and the inflating happens off the main
 * thread; the zip libraries at hand read the whole archive or inflate in JavaScript.
 */

/** The file is not a zip archive that can be read here. */
export class ZipError extends Error {
  /** What is wrong, without the names of the archive and the member. */
  readonly problem: string;
  /** The one that is wrong; absent: the whole archive. */
  readonly member: string | undefined;

  constructor(path: string, problem: string, member?: string) {
    super(`${path}: ${member === undefined ? '' : `${member} `}${problem}`);
    this.name = 'ZipError';
    this.problem = problem;
    this.member = member;
  }
}

export interface ZipEntry {
  /** Path inside the archive, with `/`. */
  readonly name: string;
  readonly method: 'stored' | 'deflated';
  readonly compressedBytes: number;
  readonly bytes: number;
  readonly crc: number;
  readonly executable: boolean;
  /** Where the member's local header begins. */
  readonly offset: number;
}

const endBytes = 22;
const end64Bytes = 56;
const locator64Bytes = 20;
const localBytes = 30;
const centralBytes = 46;
/** Flag of a member that is encrypted. */
const encrypted = 1;
/** A table of contents larger than this (some million members) is not read into memory. */
const largestDirectory = 1 << 29;
const ioBytes = 1 << 20;

const inflateWhole = promisify(inflateRaw) as (packed: Buffer, options?: object) => Promise<Buffer>;

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** The archive's table of contents, folders left out. @throws ZipError */
export async function listZip(path: string): Promise<ZipEntry[]> {
  const file = await open(path);
  try {
    const directory = await readDirectory(file, path);
    const entries: ZipEntry[] = [];
    let at = 0;
    while (at + centralBytes <= directory.length && directory.readUInt32LE(at) === signatures.central) {
      const nameEnd = at + centralBytes + directory.readUInt16LE(at + 28);
      const extraEnd = nameEnd + directory.readUInt16LE(at + 30);
      const name = directory.toString('utf8', at + centralBytes, nameEnd);
      const method = directory.readUInt16LE(at + 10);
      const sizes = readSizes(directory, at, directory.subarray(nameEnd, extraEnd));
      const executable = ((directory.readUInt32LE(at + 38) >>> 16) & 0o100) !== 0;
      const crc = directory.readUInt32LE(at + 16);
      const locked = (directory.readUInt16LE(at + 8) & encrypted) !== 0;
      at = extraEnd + directory.readUInt16LE(at + 32);
      if (name.endsWith('/')) continue;
      if (sizes === null) throw new ZipError(path, 'has sizes that cannot be read', name);
      if (locked) throw new ZipError(path, 'is encrypted', name);
      if (method !== 0 && method !== 8) throw new ZipError(path, `has compression method ${method}`, name);
      if (name.startsWith('/') || name.includes('\\') || name.split('/').includes('..')) {
        throw new ZipError(path, 'points outside the archive', name);
      }
      entries.push({ name, method: method === 0 ? 'stored' : 'deflated', ...sizes, crc, executable });
    }
    if (at !== directory.length) throw new ZipError(path, 'its table of contents is damaged');
    return entries;
  } finally {
    await file.close();
  }
}

/** The table of contents as it lies in the file. */
async function readDirectory(file: FileHandle, path: string): Promise<Buffer> {
  const { size } = await file.stat();
  const tailStart = Math.max(0, size - endBytes - 0xffff);
  const tail = await read(file, tailStart, size - tailStart);
  let end = tail.length - endBytes;
  while (end >= 0 && tail.readUInt32LE(end) !== signatures.end) end -= 1;
  if (end < 0) throw new ZipError(path, 'not a zip archive, or cut short');
  let length = tail.readUInt32LE(end + 12);
  let start = tail.readUInt32LE(end + 16);
  if (length === zip64 || start === zip64 || tail.readUInt16LE(end + 10) === 0xffff) {
    const record = await readEnd64(file, tailStart + end);
    if (record !== null) [length, start] = record;
  }
  if (start + length > size) throw new ZipError(path, 'not a zip archive, or cut short');
  if (length > largestDirectory) throw new ZipError(path, 'its table of contents is larger than 512 MiB');
  return await read(file, start, length);
}

/** Length and start of the table of contents from the zip64 record in front of the end; `null`: there is none. */
async function readEnd64(file: FileHandle, end: number): Promise<[length: number, start: number] | null> {
  if (end < locator64Bytes) return null;
  const locator = await read(file, end - locator64Bytes, locator64Bytes);
  if (locator.readUInt32LE(0) !== signatures.locator64) return null;
  const record = await read(file, Number(locator.readBigUInt64LE(8)), end64Bytes);
  if (record.length < end64Bytes || record.readUInt32LE(0) !== signatures.end64) return null;
  return [Number(record.readBigUInt64LE(40)), Number(record.readBigUInt64LE(48))];
}

/** Sizes and place of the member at `at`; what is too large for 32 bits stands in the extra field, in this order. */
function readSizes(
  directory: Buffer,
  at: number,
  extra: Buffer,
): Pick<ZipEntry, 'bytes' | 'compressedBytes' | 'offset'> | null {
  const fields = [24, 20, 42].map((field) => directory.readUInt32LE(at + field));
  if (fields.includes(zip64)) {
    const wide = extraField(extra, zip64Field);
    let used = 0;
    for (const [index, value] of fields.entries()) {
      if (value !== zip64) continue;
      if (wide === null || used + 8 > wide.length) return null;
      fields[index] = Number(wide.readBigUInt64LE(used));
      used += 8;
    }
  }
  const [bytes = 0, compressedBytes = 0, offset = 0] = fields;
  return { bytes, compressedBytes, offset };
}

function extraField(extra: Buffer, id: number): Buffer | null {
  for (let at = 0; at + 4 <= extra.length;) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === id) return extra.subarray(at + 4, end);
    at = end;
  }
  return null;
}

/** Where the packed bytes of a member begin. */
async function dataStart(file: FileHandle, path: string, { name, offset }: ZipEntry): Promise<number> {
  const header = await read(file, offset, localBytes);
  if (header.length < localBytes || header.readUInt32LE(0) !== signatures.local) {
    throw new ZipError(path, 'is not where the table of contents says', name);
  }
  return offset + localBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
}

/**
 * One member, unpacked and checked against its checksum. Only for members known to be small: it is held in memory.
 * @throws ZipError where it is damaged
 */
export async function readMember(file: FileHandle, path: string, entry: ZipEntry): Promise<Buffer> {
  const { name, method, bytes, compressedBytes, crc } = entry;
  const packed = await read(file, await dataStart(file, path, entry), compressedBytes);
  let data: Buffer;
  try {
    data = method === 'stored' ? packed : await inflateWhole(packed, { maxOutputLength: Math.max(1, bytes) });
  } catch {
    throw new ZipError(path, 'does not unpack', name);
  }
  if (data.length !== bytes || crc32(data) !== crc) throw new ZipError(path, 'is damaged', name);
  return data;
}

/**
 * The bytes of a member that is not deflated, as they come, checked against its checksum at the end.
 * @throws ZipError where it is deflated, cut short or damaged
 */
export async function* readStored(file: FileHandle, path: string, entry: ZipEntry): AsyncGenerator<Buffer> {
  const { name, method, bytes, compressedBytes } = entry;
  if (method !== 'stored' || bytes !== compressedBytes) throw new ZipError(path, 'is deflated', name);
  const start = await dataStart(file, path, entry);
  let crc = 0;
  for (let done = 0; done < bytes;) {
    const chunk = await read(file, start + done, Math.min(ioBytes, bytes - done));
    if (chunk.length === 0) throw new ZipError(path, 'is cut short', name);
    crc = crc32(chunk, crc);
    done += chunk.length;
    yield chunk;
  }
  if (crc !== entry.crc) throw new ZipError(path, 'is damaged', name);
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
      const target = join(folder, entry.name);
      if (!made.has(dirname(target))) await mkdir(dirname(target), { recursive: true });
      made.add(dirname(target));
      const mode = entry.executable ? 0o755 : 0o644;
      let written = 0;
      if (entry.compressedBytes <= ioBytes && entry.bytes <= 4 * ioBytes) {
        const data = await readMember(file, path, entry);
        await writeFile(target, data, { mode });
        written = data.length;
        onBytes(done + written);
      } else {
        const start = await dataStart(file, path, entry);
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
      if (written !== entry.bytes) throw new ZipError(path, `unpacked to ${written} bytes`, entry.name);
      done += written;
    }
  } finally {
    await file.close();
  }
}
