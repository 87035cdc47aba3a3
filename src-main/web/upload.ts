import { createWriteStream, mkdirSync, rmSync, statfsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { Refusal } from './refuse.ts';

// Run files that a browser opens: they come here whole before anybody looks into them, and go when serving ends.

/** Most bytes of a file that is sent. */
const MOST_BYTES = 32 * 2 ** 30;
/** Share of the free disk that they may take, all that are under way together. */
const MOST_OF_DISK = 0.9;
/** Files that may be under way at a time. */
const MOST_AT_A_TIME = 16;
/** A browser that sends nothing for so long is gone. */
const SILENT_MS = 60_000;
/** Bytes a second: one that sends less, though it does send, is given up as well. */
const SLOWEST = 16 * 1024;
/** The longest that a timer takes. */
const LONGEST_MS = 2 ** 31 - 1;

/** What is answered: where the file lies, or why it was not taken. */
export type Uploaded = { readonly file: string } | Refusal;

/** How long senders are waited for. */
export interface UploadLimits {
  readonly silentMs: number;
  readonly slowest: number;
}

/** Where they lie, below the library. */
export function uploadsFolder(library: string): string {
  return join(library, 'uploads');
}

/** The files that browsers send to one library. */
export class Uploads {
  readonly #library: string;
  readonly #limits: UploadLimits;
  /** Bytes that are still to come, of each that is under way. */
  readonly #left = new Map<IncomingMessage, number>();
  #ended = false;

  /** Removes what an earlier process left. */
  constructor(library: string, limits: Partial<UploadLimits> = {}) {
    this.#library = library;
    this.#limits = { silentMs: SILENT_MS, slowest: SLOWEST, ...limits };
    this.#remove();
  }

  /** Takes the file that a request carries. What does not come whole leaves nothing. */
  async take(request: IncomingMessage, name: string): Promise<Uploaded> {
    // Each in a folder of its own, so that it keeps its name.
    const file = join(uploadsFolder(this.#library), randomBytes(6).toString('hex'), name);
    const bytes = Number(request.headers['content-length'] ?? NaN);
    try {
      const refusal = this.#refusalOf(bytes, name);
      if (refusal) return refusal;
      this.#left.set(request, bytes);
      mkdirSync(dirname(file), { recursive: true });
      await this.#receive(request, file, bytes);
      if (this.#ended) throw new Error('serving ends');
      return { file };
    } catch (error) {
      rmSync(dirname(file), { recursive: true, force: true });
      const { message, code } = error as NodeJS.ErrnoException;
      if (code === 'ENOSPC' || code === 'EDQUOT') return noRoom;
      return { status: 500, text: `The file did not arrive: ${message}. Nothing was kept of it.` };
    } finally {
      this.#left.delete(request);
    }
  }

  /** Serving has ended: what is under way is given up, and what was sent is removed. */
  end(): void {
    this.#ended = true;
    for (const request of this.#left.keys()) request.destroy();
    this.#remove();
  }

  #remove(): void {
    rmSync(uploadsFolder(this.#library), { recursive: true, force: true });
  }

  async #receive(request: IncomingMessage, file: string, bytes: number): Promise<void> {
    const { silentMs, slowest } = this.#limits;
    const giveUp = (): void => void request.destroy(new Error('it comes too slowly'));
    const patience = setTimeout(giveUp, Math.min(silentMs + (1000 * bytes) / slowest, LONGEST_MS));
    request.setTimeout(silentMs, giveUp);
    // A disk that is full must not end the request: its sender is told.
    const parts = request.iterator({ destroyOnReturn: false });
    const left = this.#left;
    const counted = async function* (): AsyncGenerator<Buffer> {
      for await (const part of parts as AsyncIterable<Buffer>) {
        yield part;
        left.set(request, (left.get(request) ?? 0) - part.length);
      }
    };
    try {
      await pipeline(counted, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
    } finally {
      clearTimeout(patience);
      request.setTimeout(0);
    }
  }

  #refusalOf(bytes: number, name: string): Refusal | null {
    if (!/^[^/\\\0-\x1f:*?"<>|]{1,200}\.swamp$/i.test(name) || name.startsWith('.'))
      return { status: 400, text: 'Only run files are taken; their names end with .swamp.' };
    if (!Number.isSafeInteger(bytes)) return { status: 411, text: 'The length of the file must be said.' };
    if (bytes > MOST_BYTES)
      return {
        status: 413,
        text: `The file is larger than ${MOST_BYTES / 2 ** 30} GiB. Copy it to the machine itself and open it by its path.`,
      };
    if (this.#ended) return { status: 503, text: 'Serving ends. Start `swamp serve` again.' };
    if (this.#left.size >= MOST_AT_A_TIME)
      return {
        status: 503,
        text: `${MOST_AT_A_TIME} files are on their way already. Wait until some are there, and open it again.`,
      };
    const { bavail, bsize } = statfsSync(this.#library);
    const promised = [...this.#left.values()].reduce((sum, left) => sum + left, 0);
    return bytes + promised > MOST_OF_DISK * bavail * bsize ? noRoom : null;
  }
}

const noRoom: Refusal = {
  status: 507,
  text: 'The disk of the library has no room for the file. Free some space and open it again.',
};
