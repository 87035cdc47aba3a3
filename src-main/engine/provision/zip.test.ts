import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSandbox, type Sandbox } from './fakes.ts';
import { listZip, unpackZip, ZipError } from './zip.ts';

let sandbox: Sandbox;
let path: string;
beforeEach(async () => {
  sandbox = await openSandbox();
  path = join(sandbox.root, 'archive.zip');
});
afterEach(() => sandbox.close());

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
    await unpackZip(path, entries, sandbox.root, (bytes) => (told = bytes));
    expect(await readFile(join(sandbox.root, 'a/deflated.txt'), 'utf8')).toBe('text '.repeat(1000));
    expect(await readFile(join(sandbox.root, 'a/stored.txt'), 'utf8')).toBe('as it is');
    expect((await readFile(join(sandbox.root, 'b/empty'))).length).toBe(0);
    expect((await readFile(join(sandbox.root, 'b/large.bin'))).equals(large)).toBe(true);
    expect((await readFile(join(sandbox.root, 'a/stored-large.bin'))).equals(large)).toBe(true);
    expect((await stat(join(sandbox.root, 'b/tool'))).mode & 0o111).not.toBe(0);
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
    await expect(unpackZip(path, entries, sandbox.root, undefined, stopped)).rejects.toThrow('stopped');
  });
});
