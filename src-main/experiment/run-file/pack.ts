import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, rmSync } from 'node:fs';
import { open, rename, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ZipWriter } from '../../archive/zip-write.ts';
import { syncFolder, temporarySuffix } from '../../checkpoint/files.ts';
import type { Along } from '../../contract/api/files.ts';
import { LibraryError } from '../../contract/errors.ts';
import type { Digest, ExperimentId } from '../../contract/ids.ts';
import { RUN_FILE } from '../../contract/names.ts';
import {
  MANIFEST_ENTRY,
  RUN_FILE_KIND,
  RUN_FILE_VERSION,
  type RunFileExperiment,
  type RunFileManifest,
} from '../../contract/runfile.ts';
import { runIdOf } from '../../store/adopt.ts';
import { LogBook } from '../../store/logs.ts';
import type { Library } from '../../store/library.ts';
import { outError } from '../out-file.ts';
import { objectsAlong } from './along.ts';
import { documentEntry, objectEntry, seriesEntry } from './names.ts';

export interface PackRequest {
  readonly experiments: readonly ExperimentId[];
  readonly along: Along;
  /** Absolute; may be written. */
  readonly out: string;
  /** Version of the app. */
  readonly app: string;
}

export interface Watch {
  readonly report: (progress: { readonly step?: string; readonly done?: number | null }) => void;
  readonly signal: AbortSignal;
}

export interface Packed {
  readonly file: string;
  readonly bytes: number;
  readonly experiments: number;
  /** Checkpoints in it. */
  readonly objects: number;
}

/** Bytes that stay free on the disk. */
const SPARE_BYTES = 16 * 2 ** 20;
const READ_BYTES = 1 << 20;

/** A name that tells what it is. */
export function runFileName(out: string): string {
  return out === '' || out.endsWith('/') || out.endsWith(`.${RUN_FILE}`) ? out : `${out}.${RUN_FILE}`;
}

/**
 * Writes experiments with their history, and checkpoints of them, into one file, which is complete or not there. The
 * library is only read.
 * @throws LibraryError where an object is damaged, or the file cannot be written; the signal's reason.
 */
export async function packExperiments(
  library: Library,
  { experiments, along, out, app }: PackRequest,
  { report, signal }: Watch,
): Promise<Packed> {
  const ids = [...new Set(experiments)];
  const temporary = `${out}.${process.pid}-${randomBytes(4).toString('hex')}${temporarySuffix}`;
  try {
    const file = await open(temporary, 'wx');
    let packed: Omit<Packed, 'file'>;
    try {
      const pack = new Pack(library, new ZipWriter(file));
      for (const id of ids) {
        signal.throwIfAborted();
        report({ step: `history of ${id}`, done: null });
        await pack.addExperiment(id, along);
      }
      await requireRoom(out, pack.objectBytes);
      await pack.addObjects({ report, signal });
      packed = await pack.finish({ app, along, written: new Date().toISOString() });
      await file.sync();
    } finally {
      await file.close();
    }
    signal.throwIfAborted();
    await rename(temporary, out);
    syncFolder(dirname(out));
    return { file: out, ...packed };
  } catch (error) {
    rmSync(temporary, { force: true });
    throw outError(error, out);
  }
}

/** What goes into the archive, and the list of it. */
class Pack {
  readonly #library: Library;
  readonly #zip: ZipWriter;
  readonly #log: LogBook;
  readonly #entries: RunFileManifest['entries'] = [];
  readonly #experiments: RunFileManifest['experiments'] = [];
  readonly #objects = new Map<Digest, number>();

  constructor(library: Library, zip: ZipWriter) {
    this.#library = library;
    this.#zip = zip;
    this.#log = new LogBook(library.dir);
  }

  /** Bytes of the objects that go along. */
  get objectBytes(): number {
    return [...this.#objects.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Its rows now; its objects are noted for later. */
  async addExperiment(id: ExperimentId, along: Along): Promise<void> {
    const { store, objects } = this.#library;
    const { experiment, series } = store.history(id);
    const document: RunFileExperiment = { ...experiment, log: this.#log.read(id) };
    await this.#add(documentEntry(id), Buffer.from(JSON.stringify(document)));
    await this.#add(seriesEntry(id), series);
    for (const digest of objectsAlong(experiment, along)) {
      const bytes = objects.bytes(digest);
      if (bytes !== null) this.#objects.set(digest, bytes);
    }
    const runs = experiment.runs.map((run) => {
      const { arm, seed, rounds } = run;
      return { id: runIdOf(id, run), arm, seed, rounds };
    });
    this.#experiments.push({ id, name: experiment.name, runs });
  }

  async addObjects({ report, signal }: Watch): Promise<void> {
    const total = this.objectBytes;
    let done = 0;
    for (const [digest, bytes] of this.#objects) {
      const chunks = this.#object(digest, (length) => {
        signal.throwIfAborted();
        done += length;
        report({ step: 'checkpoints', done: done / total });
      });
      const name = objectEntry(digest);
      await this.#zip.addStored(name, bytes, chunks);
      this.#entries.push({ name, bytes, sha256: digest });
    }
  }

  /** Writes the list. */
  async finish(about: Pick<RunFileManifest, 'app' | 'along' | 'written'>): Promise<Omit<Packed, 'file'>> {
    const [experiments, entries] = [this.#experiments, this.#entries];
    const manifest: RunFileManifest = {
      ...{ kind: RUN_FILE_KIND, version: RUN_FILE_VERSION, ...about },
      experiments,
      entries,
    };
    await this.#zip.add(MANIFEST_ENTRY, Buffer.from(JSON.stringify(manifest)));
    await this.#zip.finish();
    return { bytes: this.#zip.bytes, experiments: experiments.length, objects: this.#objects.size };
  }

  /** An object's bytes, compared with its name at their end. */
  async *#object(digest: Digest, onBytes: (length: number) => void): AsyncGenerator<Buffer> {
    const path = this.#library.objects.path(digest);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path, {
      highWaterMark: READ_BYTES,
    }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      onBytes(chunk.length);
      yield chunk;
    }
    if (hash.digest('hex') !== digest)
      throw new LibraryError(
        `object ${path} is damaged`,
        '`swamp check --fix` lets it be computed again; or pack without checkpoints (--with none).',
      );
  }

  async #add(name: string, data: Uint8Array): Promise<void> {
    await this.#zip.add(name, data);
    this.#entries.push({
      name,
      bytes: data.byteLength,
      sha256: createHash('sha256').update(data).digest('hex'),
    });
  }
}

async function requireRoom(out: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(out));
  if (bavail * bsize >= bytes + SPARE_BYTES) return;
  const mega = (value: number): string => `${Math.ceil(value / 2 ** 20)} MB`;
  throw new LibraryError(
    `the disk of ${out} has ${mega(bavail * bsize)} free; the file needs ${mega(bytes + SPARE_BYTES)}`,
    'Free some space, write it to another disk, or pack fewer checkpoints (--with networks or none).',
  );
}
