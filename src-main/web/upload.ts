import { createWriteStream, mkdirSync, rmSync, statfsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { pipeline } from 'node:stream/promises';

// Run files that a browser opens: they come here whole before anybody looks into them, and go when serving ends.

/** Most bytes of a file that is sent. */
const MOST_BYTES = 32 * 2 ** 30;
/** Share of the free disk that it may take. */
const MOST_OF_DISK = 0.9;
/** A browser that sends nothing for so long is gone. */
const SILENT_MS = 60_000;

/** What is answered: where the file lies, or why it was not taken. */
export type Uploaded = { readonly file: string } | { readonly status: number; readonly text: string };

/** Where they lie, below the library. */
export function uploadsFolder(library: string): string {
  return join(library, 'uploads');
}

/** Removes what was sent. */
export function forgetUploads(library: string): void {
  rmSync(uploadsFolder(library), { recursive: true, force: true });
}

/** Takes the file that a request carries. What does not come whole leaves nothing. */
export async function takeUpload(request: IncomingMessage, library: string, name: string): Promise<Uploaded> {
  // Each in a folder of its own, so that it keeps its name.
  const file = join(uploadsFolder(library), randomBytes(6).toString('hex'), name);
  try {
    const refusal = refusalOf(request, library, name);
    if (refusal) return refusal;
    mkdirSync(dirname(file), { recursive: true });
    request.setTimeout(SILENT_MS, () => request.destroy());
    await pipeline(request, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
    return { file };
  } catch (error) {
    rmSync(dirname(file), { recursive: true, force: true });
    const why = error instanceof Error ? error.message : String(error);
    return { status: 500, text: `The file did not arrive: ${why}. Nothing was kept of it.` };
  }
}

function refusalOf(request: IncomingMessage, library: string, name: string): Uploaded | null {
  if (!/^[^/\\\0]{1,200}\.swamp$/i.test(name) || name.startsWith('.'))
    return { status: 400, text: 'Only run files are taken; their names end with .swamp.' };
  const bytes = Number(request.headers['content-length'] ?? NaN);
  if (!Number.isSafeInteger(bytes)) return { status: 411, text: 'The length of the file must be said.' };
  if (bytes > MOST_BYTES)
    return {
      status: 413,
      text: `The file is larger than ${MOST_BYTES / 2 ** 30} GiB. Copy it to the machine itself and open it by its path.`,
    };
  const disk = statfsSync(library);
  if (bytes > MOST_OF_DISK * disk.bavail * disk.bsize)
    return {
      status: 507,
      text: 'The disk of the library has no room for the file. Free some space and open it again.',
    };
  return null;
}
