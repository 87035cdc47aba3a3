import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Tensor } from '../checkpoint/tensor.ts';
import { LibraryError } from '../contract/errors.ts';
import type { Digest } from '../contract/ids.ts';
import { ObjectStore } from './objects.ts';
import { keyOf } from './testing.ts';

let folder: string;
let objects: ObjectStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'objects-'));
  objects = new ObjectStore(folder);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const tensors = new Map<string, Tensor>([['x', { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }]]);

test('needs no database, and names an object by its content', () => {
  const { digest, bytes } = objects.put(tensors, { job: 'a' });
  expect(objects.path(digest)).toBe(join(folder, 'objects', digest.slice(0, 2), `${digest}.safetensors`));
  expect(statSync(objects.path(digest)).size).toBe(bytes);
  expect(objects.read(digest)).toEqual({ tensors, metadata: { job: 'a' } });
  expect(objects.put(tensors, { job: 'b' }).digest).not.toBe(digest);
});

test('does not write again what is there, but counts it as new', () => {
  const { digest } = objects.put(tensors);
  const path = objects.path(digest);
  const inode = statSync(path).ino;
  utimesSync(path, 1, 1);
  objects.put(tensors);
  expect(statSync(path).ino).toBe(inode);
  expect(Date.now() - statSync(path).mtimeMs).toBeLessThan(60_000);
});

test('a flipped byte is found by verify, a cut-off file by reading and mended by putting again', () => {
  const { digest } = objects.put(tensors);
  const path = objects.path(digest);
  expect(objects.verify(digest)).toBe('sound');
  const bytes = readFileSync(path);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(path, bytes);
  expect(objects.verify(digest)).toBe('damaged');
  expect(() => objects.read(digest)).toThrow(LibraryError);
  truncateSync(path, 20);
  expect(() => objects.read(digest)).toThrow(LibraryError);
  expect(() => objects.read(digest)).toThrow(path);
  objects.put(tensors);
  expect(objects.verify(digest)).toBe('sound');
});

test('a missing object is a clear error, and a name that is no digest never becomes a path', () => {
  const none = '0'.repeat(64) as Digest;
  expect(objects.has(none)).toBe(false);
  expect(objects.verify(none)).toBe('missing');
  expect(() => objects.read(none)).toThrow(/the library has no object 000/);
  objects.remove(none);
  expect(() => objects.path('../../etc/passwd' as Digest)).toThrow(RangeError);
});

test('checkpoints of unfinished jobs are replaced whole, and a damaged one counts as none', () => {
  const job = keyOf('job');
  expect(objects.readPartial(job)).toBeNull();
  objects.writePartial(job, tensors, { iteration: '7' });
  objects.writePartial(job, tensors, { iteration: '8' });
  expect(objects.readPartial(job)).toEqual({ tensors, metadata: { iteration: '8' } });
  expect(readdirSync(join(folder, 'partial'))).toEqual([`${job}.safetensors`]);
  truncateSync(objects.partialPath(job), 9);
  expect(objects.readPartial(job)).toBeNull();
  objects.removePartial(job);
  objects.removePartial(job);
  expect(readdirSync(join(folder, 'partial'))).toEqual([]);
});

test('lists objects, checkpoints and what crashes left', () => {
  const { digest, bytes } = objects.put(tensors);
  objects.writePartial(keyOf('job'), tensors);
  writeFileSync(`${objects.path(digest)}.1-ab.tmp`, 'half');
  expect([...objects.list()]).toMatchObject([{ digest, bytes }]);
  expect([...objects.listPartial()]).toMatchObject([{ job: keyOf('job') }]);
  expect([...objects.listTemporary()]).toMatchObject([{ bytes: 4 }]);
});

test('a full disk leaves no object, no half file, and a hint', ({ skip }) => {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    skip('mounting a tiny file system needs root');
  }
  try {
    const tiny = new ObjectStore(disk);
    const large = new Map<string, Tensor>([
      ['x', { dtype: 'F32', shape: [65536], data: new Float32Array(65536) }],
    ]);
    expect(() => tiny.put(large)).toThrow(/disk is full \(ENOSPC\)/);
    expect([...tiny.list(), ...tiny.listTemporary()]).toEqual([]);
    expect(tiny.verify(tiny.put(tensors).digest)).toBe('sound');
  } finally {
    execFileSync('umount', [disk]);
  }
});
