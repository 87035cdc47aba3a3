import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ExitCode, LibraryError } from '../contract/errors.ts';
import { fileError, writeAtomically } from './files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('replaces a file whole, and leaves the old one where writing fails half-way', () => {
  const path = join(folder, 'a');
  writeFileSync(path, 'old');
  function* failing(): Generator<Uint8Array> {
    yield Buffer.from('half');
    throw new Error('stop');
  }
  expect(() => writeAtomically(path, failing())).toThrow('stop');
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['a']);
  expect(writeAtomically(path, [Buffer.from('n'), Buffer.from('ew')]).bytes).toBe(3);
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(readdirSync(folder)).toEqual(['a']);
});

test('a folder that is not there', () => {
  expect(() => writeAtomically(join(folder, 'none', 'a'), [])).toThrow(LibraryError);
});

test.skipIf(process.getuid?.() === 0)('a folder that may not be written', () => {
  chmodSync(folder, 0o500);
  expect(() => writeAtomically(join(folder, 'a'), [])).toThrow(/permission denied \(EACCES\)/);
  chmodSync(folder, 0o700);
});

test.each([
  ['ENOSPC', /disk is full/],
  ['EDQUOT', /quota/],
  ['EROFS', /read-only/],
  ['EACCES', /permission denied/],
  ['EPERM', /permission denied/],
  ['EIO', /EIO happened/],
])('%s becomes a LibraryError with a hint', (code, message) => {
  const error = fileError(Object.assign(new Error(`${code} happened`), { code }), '/x/y', 'write');
  expect(error).toBeInstanceOf(LibraryError);
  expect((error as LibraryError).message).toMatch(message);
  expect((error as LibraryError).message).toContain('/x/y');
  expect((error as LibraryError).hint).not.toBe('');
  expect((error as LibraryError).exitCode).toBe(ExitCode.library);
});

/** Mounts a file system of `size` at `at`; false where we may not (needs root on Linux). */
function mountTiny(at: string, size: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', at], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('a full disk: a clear error, and nothing left behind', ({ skip }) => {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  if (!mountTiny(disk, '64k')) skip('mounting a tiny file system needs root');
  try {
    expect(() => writeAtomically(join(disk, 'a'), [new Uint8Array(1 << 20)])).toThrow(
      /disk is full \(ENOSPC\)/,
    );
    expect(readdirSync(disk)).toEqual([]);
    writeAtomically(join(disk, 'a'), [new Uint8Array(1 << 10)]);
  } finally {
    execFileSync('umount', [disk]);
  }
});
