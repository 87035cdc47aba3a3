import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32, deflateRaw } from 'node:zlib';
import { signatures, zip64, zip64Field } from './zip-records.ts';

/**
 * Zip archives written in one go to a file that is open for writing: what is small is deflated, what is large is copied
 * as it comes and never held in memory. The libraries at hand build the whole archive in memory.
 */

const deflateWhole = promisify(deflateRaw) as (data: Uint8Array, options?: object) => Promise<Buffer>;

/** Names are UTF-8. */
const utf8 = 0x800;
/** 1 January 1980: the same content gives the same archive. */
const date = 0x21;
const crcOffset = 14;
/** Bytes below which nothing is gained. */
const leastDeflated = 64;

interface Member {
  readonly name: Buffer;
  readonly method: 0 | 8;
  readonly crc: number;
  readonly packed: number;
  readonly bytes: number;
  readonly offset: number;
}

export class ZipWriter {
  readonly #file: FileHandle;
  readonly #members: Member[] = [];
  #at = 0;

  /** @param file empty, and written by nobody else. */
  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Bytes written. */
  get bytes(): number {
    return this.#at;
  }

  /** Adds a member that is small enough to be held in memory. */
  async add(name: string, data: Uint8Array): Promise<void> {
    const deflated = data.byteLength < leastDeflated ? data : await deflateWhole(data);
    const [method, packed] =
      deflated.byteLength < data.byteLength ? ([8, deflated] as const) : ([0, data] as const);
    const member: Member = {
      name: Buffer.from(name),
      method,
      crc: crc32(data),
      packed: packed.byteLength,
      bytes: data.byteLength,
      offset: this.#at,
    };
    await this.#write(Buffer.concat([localHeader(member), packed]));
    this.#members.push(member);
  }

  /**
   * Adds a member as it comes, not deflated.
   * @param bytes its length, known before. @throws RangeError where it has another.
   */
  async addStored(name: string, bytes: number, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const planned = {
      name: Buffer.from(name),
      method: 0,
      crc: 0,
      packed: bytes,
      bytes,
      offset: this.#at,
    } as const;
    await this.#write(localHeader(planned));
    const start = this.#at;
    let crc = 0;
    for await (const chunk of chunks) {
      crc = crc32(chunk, crc);
      await this.#write(chunk);
    }
    if (this.#at - start !== bytes)
      throw new RangeError(`${name} has ${this.#at - start} bytes, ${bytes} were announced`);
    const field = Buffer.alloc(4);
    field.writeUInt32LE(crc);
    await writeAll(this.#file, field, planned.offset + crcOffset);
    this.#members.push({ ...planned, crc });
  }

  /** Writes the table of contents. */
  async finish(): Promise<void> {
    const start = this.#at;
    for (const member of this.#members) await this.#write(centralHeader(member));
    const length = this.#at - start;
    const count = this.#members.length;
    if (count >= 0xffff || start >= zip64 || length >= zip64)
      await this.#write(end64(count, length, start, this.#at));
    const end = Buffer.alloc(22);
    end.writeUInt32LE(signatures.end);
    end.writeUInt16LE(Math.min(count, 0xffff), 8);
    end.writeUInt16LE(Math.min(count, 0xffff), 10);
    end.writeUInt32LE(Math.min(length, zip64), 12);
    end.writeUInt32LE(Math.min(start, zip64), 16);
    await this.#write(end);
  }

  async #write(data: Uint8Array): Promise<void> {
    await writeAll(this.#file, data, this.#at);
    this.#at += data.byteLength;
  }
}

async function writeAll(file: FileHandle, data: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < data.byteLength;)
    done += (await file.write(data, done, data.byteLength - done, position + done)).bytesWritten;
}

function localHeader({ name, method, crc, packed, bytes }: Member): Buffer {
  const extra = bytes >= zip64 || packed >= zip64 ? wideField([bytes, packed]) : Buffer.alloc(0);
  const head = Buffer.alloc(30);
  head.writeUInt32LE(signatures.local);
  head.writeUInt16LE(extra.length > 0 ? 45 : 20, 4);
  head.writeUInt16LE(utf8, 6);
  head.writeUInt16LE(method, 8);
  head.writeUInt16LE(date, 12);
  head.writeUInt32LE(crc, crcOffset);
  head.writeUInt32LE(extra.length > 0 ? zip64 : packed, 18);
  head.writeUInt32LE(extra.length > 0 ? zip64 : bytes, 22);
  head.writeUInt16LE(name.length, 26);
  head.writeUInt16LE(extra.length, 28);
  return Buffer.concat([head, name, extra]);
}

function centralHeader({ name, method, crc, packed, bytes, offset }: Member): Buffer {
  const large = [bytes, packed, offset].filter((value) => value >= zip64);
  const extra = large.length > 0 ? wideField(large) : Buffer.alloc(0);
  const head = Buffer.alloc(46);
  head.writeUInt32LE(signatures.central);
  head.writeUInt16LE(45, 4);
  head.writeUInt16LE(extra.length > 0 ? 45 : 20, 6);
  head.writeUInt16LE(utf8, 8);
  head.writeUInt16LE(method, 10);
  head.writeUInt16LE(date, 14);
  head.writeUInt32LE(crc, 16);
  head.writeUInt32LE(Math.min(packed, zip64), 20);
  head.writeUInt32LE(Math.min(bytes, zip64), 24);
  head.writeUInt16LE(name.length, 28);
  head.writeUInt16LE(extra.length, 30);
  head.writeUInt32LE(Math.min(offset, zip64), 42);
  return Buffer.concat([head, name, extra]);
}

/** The 64-bit values of fields that are too narrow for them, in the fields' order. */
function wideField(values: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * values.length);
  field.writeUInt16LE(zip64Field);
  field.writeUInt16LE(8 * values.length, 2);
  for (const [index, value] of values.entries()) field.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
  return field;
}

/** Record of a table of contents that is large or far behind, and what tells where it is. */
function end64(count: number, length: number, start: number, at: number): Buffer {
  const record = Buffer.alloc(56 + 20);
  record.writeUInt32LE(signatures.end64);
  record.writeBigUInt64LE(44n, 4);
  record.writeUInt16LE(45, 12);
  record.writeUInt16LE(45, 14);
  record.writeBigUInt64LE(BigInt(count), 24);
  record.writeBigUInt64LE(BigInt(count), 32);
  record.writeBigUInt64LE(BigInt(length), 40);
  record.writeBigUInt64LE(BigInt(start), 48);
  record.writeUInt32LE(signatures.locator64, 56);
  record.writeBigUInt64LE(BigInt(at), 64);
  record.writeUInt32LE(1, 72);
  return record;
}
