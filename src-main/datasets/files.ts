import { readdir, type FileHandle } from 'node:fs/promises';
import { DataError } from '../contract/errors.ts';

/** Names in the folder that `dataset.path` names. @throws DataError with `hint` where there is no such folder. */
export async function listFolder(folder: string, hint: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const wrong =
      code === 'ENOENT'
        ? 'there is no such folder'
        : code === 'ENOTDIR'
          ? 'it is not a folder'
          : `it cannot be read (${code})`;
    throw new DataError(`dataset.path ${folder}: ${wrong}`, hint, undefined, { cause });
  }
}

/** Most bytes asked of one read or write: some systems refuse 2 GiB and more. */
export const AT_ONCE = 1 << 28;

/** Fills `into` from a place in a file. @throws DataError where the file ends before. */
export async function readFully(
  handle: FileHandle,
  file: string,
  into: Uint8Array,
  position: number,
): Promise<void> {
  let filled = 0;
  while (filled < into.length) {
    const wanted = Math.min(AT_ONCE, into.length - filled);
    const { bytesRead } = await handle.read(into, filled, wanted, position + filled);
    if (bytesRead === 0)
      throw new DataError(
        `${file} ended at byte ${position + filled} while it was read`,
        'Copy the file again.',
      );
    filled += bytesRead;
  }
}
