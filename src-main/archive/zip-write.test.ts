import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { unzipSync } from 'fflate';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ZipWriter } from './zip-write.ts';
import { listZip, readMember, readStored } from './zip.ts';

let root: string;
let path: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'swamp-zip-write-'));
  path = join(root, 'archive.zip');
});
afterEach(() => rm(root, { recursive: true }));

async function* chunksOf(data: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < data.length; at += size) {
    await Promise.resolve();
    yield data.subarray(at, at + size);
  }
}

describe('writing a zip archive', () => {
  const text = new TextEncoder().encode('words, words, words '.repeat(500));
  const large = new Uint8Array(3_000_000).map((_, index) => (index * index) % 251);

  it('gives back what was put in, to this reader and to another', async () => {
    const file = await open(path, 'wx');
    const writer = new ZipWriter(file);
    await writer.add('a/text.json', text);
    await writer.add('empty', new Uint8Array(0));
    await writer.addStored('ö/large.bin', large.length, chunksOf(large, 700_001));
    await writer.finish();
    await file.close();
    const other = unzipSync(new Uint8Array(readFileSync(path)));
    expect(other['a/text.json']).toEqual(text);
    expect(other['ö/large.bin']).toEqual(large);
    const entries = await listZip(path);
    expect(entries.map(({ name, method, bytes }) => [name, method, bytes])).toEqual([
      ['a/text.json', 'deflated', text.length],
      ['empty', 'stored', 0],
      ['ö/large.bin', 'stored', large.length],
    ]);
    const archive = await open(path);
    const [words, , stored] = entries;
    expect(words && (await readMember(archive, path, words)).equals(text)).toBe(true);
    let crc = 0;
    if (stored) for await (const chunk of readStored(archive, path, stored)) crc = crc32(chunk, crc);
    await archive.close();
    expect(crc).toBe(crc32(large));
  });

  it('refuses a member of another length than was said', async () => {
    const file = await open(path, 'wx');
    await expect(new ZipWriter(file).addStored('a', 5, chunksOf(text, 100))).rejects.toThrow('10000 bytes');
    await file.close();
  });

  it('tells of damage in a stored member', async () => {
    const file = await open(path, 'wx');
    const writer = new ZipWriter(file);
    await writer.addStored('large', large.length, chunksOf(large, 1 << 20));
    await writer.finish();
    await file.write(Buffer.from([1, 2, 3, 4]), 0, 4, 2_000_000);
    const [entry] = await listZip(path);
    await file.close();
    const archive = await open(path);
    const read = async (): Promise<void> => {
      if (entry) for await (const _chunk of readStored(archive, path, entry));
    };
    await expect(read()).rejects.toThrow('is damaged');
    await archive.close();
  });

  it('holds more members than fit the old table of contents', async () => {
    const file = await open(path, 'wx');
    const writer = new ZipWriter(file);
    const one = new Uint8Array([1]);
    for (let index = 0; index < 66_000; index += 1) await writer.add(`m${index}`, one);
    await writer.finish();
    await file.close();
    expect(await listZip(path)).toHaveLength(66_000);
  });
});
