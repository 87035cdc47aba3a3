import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  openSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, fileError, syncFolder, temporarySuffix, writeAtomically } from '../checkpoint/files.ts';
import { encodeSafetensors, readSafetensors, writeSafetensors } from '../checkpoint/safetensors.ts';
import type { TensorFile, TensorMetadata, Tensors } from '../checkpoint/tensor.ts';
import { DataError, LibraryError } from '../contract/errors.ts';
import type { Digest, JobKey } from '../contract/ids.ts';
import { makeFolder } from './folders.ts';

/** An object as it lies in the library. */
export interface StoredObject {
  readonly digest: Digest;
  readonly bytes: number;
}

/** An object is missing or damaged. It can be computed again. */
export class ObjectError extends LibraryError {}

/** An object that is in the library, but not under its name yet. */
export interface ReceivedObject {
  /** Gives it its name, on the disk's own storage when this returns. */
  keep(): void;
  discard(): void;
}

/** What `verify` found. */
export type ObjectHealth = 'sound' | 'missing' | 'damaged';

/** A file in the library's folders, as the sweep sees it. */
export interface FoundFile {
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since it was last written or put again. */
  readonly age: number;
}

const extension = '.safetensors';
const sha256 = /^[0-9a-f]{64}$/;

/**
 * The weights, masks and predictions of a library: `objects/ab/abcdef….safetensors`, named by the SHA-256 of the
 * content, and `partial/<job key>.safetensors`, the checkpoints of unfinished jobs. Needs only the folder, no
 * database, so workers use it too; what they write is complete or not there.
 */
export class ObjectStore {
  /** The library's folder. */
  readonly library: string;
  readonly #objects: string;
  readonly #partial: string;

  constructor(library: string) {
    this.library = library;
    this.#objects = join(library, 'objects');
    this.#partial = join(library, 'partial');
  }

  /**
   * Makes sure that the object is in the library, on the disk's own storage when this returns. An object that is
   * already there is not written again, but counts as new for the sweep.
   * @throws LibraryError where it cannot be written (disk full, no permission).
   */
  put(tensors: Tensors, metadata: TensorMetadata = {}): StoredObject {
    const chunks = encodeSafetensors(tensors, metadata);
    const hash = createHash('sha256');
    let bytes = 0;
    for (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.byteLength;
    }
    const digest = hash.digest('hex') as Digest;
    const path = this.path(digest);
    // Another size under this name can only be damage from outside: written again.
    if (this.bytes(digest) === bytes && touch(path)) return { digest, bytes };
    putFolder(dirname(path));
    writeAtomically(path, chunks);
    return { digest, bytes };
  }

  /**
   * Writes an object that comes from elsewhere under a temporary name; it counts when it is given its own. Nothing is
   * left of one that does not come whole.
   * @throws DataError where its content does not match its name; LibraryError where it cannot be written.
   */
  async receive(digest: Digest, chunks: AsyncIterable<Uint8Array>): Promise<ReceivedObject> {
    const path = this.path(digest);
    putFolder(dirname(path));
    const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}${temporarySuffix}`;
    const discard = (): void => rmSync(temporary, { force: true });
    const hash = createHash('sha256');
    try {
      const file = await open(temporary, 'wx');
      try {
        for await (const chunk of chunks) {
          hash.update(chunk);
          await file.writeFile(chunk);
        }
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (error) {
      discard();
      throw fileError(error, path, 'write');
    }
    if (hash.digest('hex') !== digest) {
      discard();
      throw new DataError(`object ${digest} does not match its name`, 'It is damaged where it comes from.');
    }
    return {
      discard,
      keep: () => {
        try {
          renameSync(temporary, path);
        } catch (error) {
          throw fileError(error, path, 'write');
        }
        syncFolder(dirname(path));
      },
    };
  }

  /** Where the object lies, or would lie. */
  path(digest: Digest): string {
    checkName(digest);
    return join(this.#objects, digest.slice(0, 2), `${digest}${extension}`);
  }

  has(digest: Digest): boolean {
    return this.bytes(digest) !== null;
  }

  /** Size of the object; `null` where it is not there. */
  bytes(digest: Digest): number | null {
    return statSync(this.path(digest), { throwIfNoEntry: false })?.size ?? null;
  }

  /**
   * Reads an object after comparing its content with its name: a second pass, which costs little beside what is done with
   * weights.
   * @throws ObjectError where the object is missing or damaged.
   */
  read(digest: Digest): TensorFile {
    const path = this.path(digest);
    const health = this.verify(digest);
    if (health === 'missing')
      throw new ObjectError(
        `the library has no object ${digest} (${path})`,
        'It was deleted outside the program, or retention did not keep it. `swamp resume` computes again what is missing.',
      );
    if (health === 'damaged')
      throw new ObjectError(`object ${path} is damaged: its content does not match its name`, damagedHint);
    try {
      return readSafetensors(path);
    } catch (error) {
      if (error instanceof DataError)
        throw new ObjectError(`object ${path} is damaged: ${error.message}`, damagedHint, { cause: error });
      throw error;
    }
  }

  /**
   * Compares the object's content with its name.
   * @throws LibraryError where the file is there but cannot be read.
   */
  verify(digest: Digest): ObjectHealth {
    const path = this.path(digest);
    if (!existsSync(path)) return 'missing';
    return hashFile(path) === digest ? 'sound' : 'damaged';
  }

  /** Deletes the object; nothing happens where it is not there. The caller knows that no row needs it. */
  remove(digest: Digest): void {
    this.discard(this.path(digest));
  }

  /** Where the checkpoint of an unfinished job lies, or would lie. */
  partialPath(job: JobKey): string {
    checkName(job);
    return join(this.#partial, `${job}${extension}`);
  }

  /** @throws LibraryError where it cannot be written. */
  writePartial(job: JobKey, tensors: Tensors, metadata: TensorMetadata = {}): void {
    const path = this.partialPath(job);
    putFolder(dirname(path));
    writeSafetensors(path, tensors, metadata);
  }

  /** The checkpoint of an unfinished job; `null` where there is none or it is damaged: the job starts afresh. */
  readPartial(job: JobKey): TensorFile | null {
    const path = this.partialPath(job);
    if (!existsSync(path)) return null;
    try {
      return readSafetensors(path);
    } catch (error) {
      if (error instanceof DataError) return null;
      throw error;
    }
  }

  removePartial(job: JobKey): void {
    this.discard(this.partialPath(job));
  }

  /** All objects. */
  *list(now = Date.now()): Generator<FoundFile & { readonly digest: Digest }> {
    for (const file of this.#files(this.#objects, now)) {
      const name = nameOf(file.path);
      if (name !== null) yield { ...file, digest: name as Digest };
    }
  }

  /** All checkpoints of unfinished jobs. */
  *listPartial(now = Date.now()): Generator<FoundFile & { readonly job: JobKey }> {
    for (const file of this.#files(this.#partial, now)) {
      const name = nameOf(file.path);
      if (name !== null) yield { ...file, job: name as JobKey };
    }
  }

  /** Files that a crash or a running writer left under a temporary name. */
  *listTemporary(now = Date.now()): Generator<FoundFile> {
    for (const folder of [this.#objects, this.#partial])
      for (const file of this.#files(folder, now)) if (file.path.endsWith(temporarySuffix)) yield file;
  }

  /** Deletes a file of the library. @throws LibraryError where that fails. */
  discard(path: string): void {
    try {
      rmSync(path, { force: true });
    } catch (error) {
      throw fileError(error, path, 'write');
    }
  }

  *#files(folder: string, now: number): Generator<FoundFile> {
    if (!existsSync(folder)) return;
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) yield* this.#files(path, now);
      const stat = entry.isFile() ? statSync(path, { throwIfNoEntry: false }) : undefined;
      if (stat !== undefined) yield { path, bytes: stat.size, age: now - stat.mtimeMs };
    }
  }
}

const damagedHint =
  'Check the disk. `swamp check` tells which job made it; `swamp check --fix` and `swamp resume` compute it again.';

/** Names come from other processes: nothing but a SHA-256 may become part of a path. */
function checkName(name: string): void {
  if (!sha256.test(name)) throw new RangeError(`not a SHA-256 in hexadecimal: ${name}`);
}

function nameOf(path: string): string | null {
  const name = path.slice(-64 - extension.length, -extension.length);
  return path.endsWith(extension) && sha256.test(name) ? name : null;
}

/** Makes the file count as new; false where it has just gone. */
function touch(path: string): boolean {
  try {
    const now = new Date();
    utimesSync(path, now, now);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw fileError(error, path, 'write');
  }
}

/** On the disk's own storage when this returns. */
function putFolder(folder: string): void {
  if (existsSync(folder)) return;
  try {
    makeFolder(folder);
  } catch (error) {
    throw fileError(error, folder, 'write');
  }
  syncFolder(dirname(folder));
}

function hashFile(path: string): string {
  const hash = createHash('sha256');
  const block = new Uint8Array(1 << 20);
  let file: number | null = null;
  try {
    file = openSync(path, 'r');
    for (let got = 1; got > 0;) {
      got = readSync(file, block);
      hash.update(block.subarray(0, got));
    }
  } catch (error) {
    throw fileError(error, path, 'read');
  } finally {
    if (file !== null) closeSync(file);
  }
  return hash.digest('hex');
}
