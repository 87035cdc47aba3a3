import { mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { strToU8, zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listZip, readMember, unpackZip, ZipError, type ZipEntry } from './zip.ts';

let root: string;
let path: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'swamp-zip-'));
  path = join(root, 'archive.zip');
});
afterEach(() => rm(root, { recursive: true }));

describe('reading a zip archive', () => {
  it('unpacks deflated, stored, empty and large members, and keeps the executable bit', async () => {
    const large = new Uint8Array(6_000_000).map((_, index) => (index * index) % 251);
    const archive = zipSync({
      'a/deflated.txt': strToU8('text '.repeat(1000)),
      'a/stored.txt': [strToU8('as it is'), { level: 0 }],
      'a/stored-large.bin': [large, { level: 0 }],
      'b/empty': new Uint8Array(0),
      'b/large.bin': large,
      'b/tool': [strToU8('#!'), { os: 3, attrs: 0o755 << 16 }],
    });
    await writeFile(path, archive);
    const entries = await listZip(path);
    expect(entries.map(({ name }) => name)).toContain('b/large.bin');
    let told = 0;
    await unpackZip(path, entries, root, (bytes) => (told = bytes));
    expect(await readFile(join(root, 'a/deflated.txt'), 'utf8')).toBe('text '.repeat(1000));
    expect(await readFile(join(root, 'a/stored.txt'), 'utf8')).toBe('as it is');
    expect((await readFile(join(root, 'b/empty'))).length).toBe(0);
    expect((await readFile(join(root, 'b/large.bin'))).equals(large)).toBe(true);
    expect((await readFile(join(root, 'a/stored-large.bin'))).equals(large)).toBe(true);
    expect((await stat(join(root, 'b/tool'))).mode & 0o111).not.toBe(0);
    expect(told).toBe(entries.reduce((sum, { bytes }) => sum + bytes, 0));
  });

  it('refuses members that point outside, files that are no archive and archives cut short', async () => {
    await writeFile(path, zipSync({ '../evil': strToU8('x') }));
    await expect(listZip(path)).rejects.toThrow(ZipError);
    await writeFile(path, 'hello');
    await expect(listZip(path)).rejects.toThrow('not a zip archive');
    const whole = zipSync({ a: strToU8('text '.repeat(1000)) });
    await writeFile(path, whole.subarray(0, whole.length - 30));
    await expect(listZip(path)).rejects.toThrow(ZipError);
  });

  it('stops when aborted', async () => {
    await writeFile(path, zipSync({ a: strToU8('a') }));
    const entries = await listZip(path);
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(unpackZip(path, entries, root, undefined, stopped)).rejects.toThrow('stopped');
  });

  it('reads single members and checks them', async () => {
    const archive = zipSync({
      a: strToU8('text '.repeat(1000)),
      b: [strToU8('as it is'), { level: 0 }],
      c: new Uint8Array(0),
    });
    archive[Buffer.from(archive).indexOf('as it is')] = 1;
    await writeFile(path, archive);
    const entries = await listZip(path);
    const file = await open(path);
    const member = async (index: number): Promise<string> =>
      String(await readMember(file, path, entries[index] as ZipEntry));
    expect(await member(0)).toBe('text '.repeat(1000));
    await expect(member(1)).rejects.toThrow('b is damaged');
    expect(await member(2)).toBe('');
    await file.close();
    await expect(unpackZip(path, entries, root)).rejects.toThrow('b is damaged');
    await expect(stat(join(root, 'b'))).rejects.toThrow('ENOENT');
  });

  it('reads archives with 64-bit fields', async () => {
    await writeFile(path, zip64('inner/a.txt', strToU8('sixty-four')));
    const [entry] = await listZip(path);
    expect(entry).toMatchObject({ name: 'inner/a.txt', bytes: 10, compressedBytes: 10, offset: 0 });
    const file = await open(path);
    expect(String(entry && (await readMember(file, path, entry)))).toBe('sixty-four');
    await file.close();
  });

  it('refuses what is encrypted, and a table of contents that is damaged', async () => {
    const archive = Buffer.from(zipSync({ a: strToU8('a'), b: strToU8('b') }));
    const central = archive.indexOf('PK\u0001\u0002');
    archive[central + 8] = (archive[central + 8] ?? 0) | 1;
    await writeFile(path, archive);
    await expect(listZip(path)).rejects.toMatchObject({
      message: `${path}: a is encrypted`,
      member: 'a',
      problem: 'is encrypted',
    });
    archive[central + 8] = 0;
    archive[archive.lastIndexOf('PK\u0001\u0002')] = 0;
    await writeFile(path, archive);
    await expect(listZip(path)).rejects.toThrow('table of contents is damaged');
  });
});

/** An archive of one stored member whose sizes and places all stand in zip64 records (APPNOTE 4.3.14, 4.5.3). */
function zip64(name: string, data: Uint8Array): Buffer {
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt32LE(crc32(data), 16);
  central.writeUInt16LE(name.length, 28);
  central.writeUInt16LE(28, 30);
  for (const at of [20, 24, 42]) central.writeUInt32LE(0xffffffff, at);
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  for (const at of [4, 12]) extra.writeBigUInt64LE(BigInt(data.length), at);
  const directory = Buffer.concat([central, Buffer.from(name), extra]);
  const start = local.length + name.length + data.length;
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x06064b50, 0);
  end64.writeBigUInt64LE(BigInt(directory.length), 40);
  end64.writeBigUInt64LE(BigInt(start), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(start + directory.length), 8);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.fill(0xff, 8, 20);
  return Buffer.concat([local, Buffer.from(name), data, directory, end64, locator, end]);
}
