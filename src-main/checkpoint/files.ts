import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { LibraryError, SwampError } from '../contract/errors.ts';
import type { Digest } from '../contract/ids.ts';
import { crashPoint } from './crash.ts';

/** A file as it was written. */
export interface WrittenFile {
  readonly bytes: number;
  /** SHA-256 of its content. */
  readonly digest: Digest;
}

/** Most bytes handed to one write: some systems refuse 2 GiB and more. */
const largestWrite = 1 << 28;

/** Suffix of files under way. Whatever carries it after a crash is rubbish. */
export const temporarySuffix = '.tmp';

/**
 * Writes a file so that a crash leaves either the old content or the new one: a temporary name in the same
 * folder, fsync, rename, fsync of the folder. The temporary file is removed on error.
 * @throws LibraryError where the disk is full, not writable or fails.
 */
export function writeAtomically(path: string, chunks: Iterable<Uint8Array>): WrittenFile {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}${temporarySuffix}`;
  const hash = createHash('sha256');
  let bytes = 0;
  let file: number | null = null;
  try {
    file = openSync(temporary, 'wx');
    for (const chunk of chunks) {
      writeAll(file, chunk);
      hash.update(chunk);
      bytes += chunk.byteLength;
    }
    fsyncSync(file);
    closeSync(file);
    file = null;
    crashPoint('rename');
    renameSync(temporary, path);
  } catch (error) {
    if (file !== null) closeSync(file);
    rmSync(temporary, { force: true });
    throw fileError(error, path, 'write');
  }
  crashPoint('renamed');
  syncFolder(dirname(path));
  return { bytes, digest: hash.digest('hex') as Digest };
}

/** SHA-256 of a file's bytes. @throws LibraryError where it cannot be read. */
export function fileDigest(path: string): Digest {
  const hash = createHash('sha256');
  let file: number | null = null;
  try {
    file = openSync(path, 'r');
    const buffer = new Uint8Array(1 << 20);
    for (;;) {
      const length = readSync(file, buffer);
      if (length === 0) break;
      hash.update(buffer.subarray(0, length));
    }
  } catch (error) {
    throw fileError(error, path, 'read');
  } finally {
    if (file !== null) closeSync(file);
  }
  return hash.digest('hex') as Digest;
}

function writeAll(file: number, chunk: Uint8Array): void {
  let done = 0;
  while (done < chunk.byteLength)
    done += writeSync(file, chunk, done, Math.min(chunk.byteLength - done, largestWrite));
}

/** Makes names in a folder durable. Systems that cannot (Windows, some network mounts) need or offer nothing. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  let file: number | null = null;
  try {
    file = openSync(folder, 'r');
    fsyncSync(file);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'EINVAL' && code !== 'ENOTSUP' && code !== 'EACCES') throw fileError(error, folder, 'write');
  } finally {
    if (file !== null) closeSync(file);
  }
}

/** The system's code of a file error, for example `ENOSPC`; empty for anything else. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Says in words why a file could not be read or written. Faults of ours (no system code) come back as they are. */
export function fileError(error: unknown, path: string, verb: 'read' | 'write'): unknown {
  if (error instanceof SwampError) return error;
  const code = codeOf(error);
  const failed = `cannot ${verb} ${path}`;
  const because = { cause: error };
  switch (code) {
    case '':
      return error;
    case 'ENOSPC':
    case 'EDQUOT':
      return new LibraryError(
        `${failed}: ${code === 'ENOSPC' ? 'the disk is full' : 'your disk quota is used up'} (${code})`,
        'Free some space, or move the library to another disk (--library). What was finished before is kept.',
        because,
      );
    case 'EROFS':
      return new LibraryError(
        `${failed}: the file system is read-only (${code})`,
        'Choose a folder on a writable disk (--library).',
        because,
      );
    case 'EACCES':
    case 'EPERM':
      return new LibraryError(
        `${failed}: permission denied (${code})`,
        'Check who owns the file and its folder, or choose another folder (--library).',
        because,
      );
    case 'ENOENT':
      return new LibraryError(
        `${failed}: no such file or folder (${code})`,
        'Check the path; somebody may have moved or deleted it.',
        because,
      );
    default:
      return new LibraryError(
        `${failed}: ${error instanceof Error ? error.message : code}`,
        'Check the disk and the path.',
        because,
      );
  }
}
