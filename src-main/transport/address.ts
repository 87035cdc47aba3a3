import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { LibraryError } from '../contract/errors.ts';

/** Longest path of a Unix socket that every system takes: 104 bytes on macOS, with the closing zero. */
const LONGEST_PATH = 103;

/** What listens there: the library's host, or `swamp serve`, which gives another address for a browser. */
type Purpose = 'host' | 'serve';

/**
 * Where the host of a library listens: a named pipe on Windows, elsewhere a socket in a folder that only this user may
 * enter. The library's own folder would not do: paths of sockets are limited to some hundred bytes.
 * @throws LibraryError where no such folder can be had.
 */
export function socketAddress(
  library: string,
  environment: NodeJS.ProcessEnv = process.env,
  purpose: Purpose = 'host',
): string {
  const hash = createHash('sha256').update(realpathSync(library)).digest('hex').slice(0, 16);
  const name = purpose === 'host' ? hash : `${hash}-${purpose}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\swamp-${userInfo().username}-${name}`;
  const folder = `swamp-${userInfo().uid}`;
  const candidates = [environment['XDG_RUNTIME_DIR'], tmpdir(), '/tmp'].flatMap((base) =>
    base === undefined || base === '' ? [] : [join(base, folder, `${name}.sock`)],
  );
  let why: unknown = null;
  for (const path of candidates) {
    if (Buffer.byteLength(path) > LONGEST_PATH) continue;
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      requireOwn(path);
      return path;
    } catch (error) {
      why ??= error;
    }
  }
  throw new LibraryError(
    `there is no folder for the host's socket: ${why instanceof Error ? why.message : 'all paths are too long'}`,
    'Set XDG_RUNTIME_DIR to a folder of yours that nobody else may enter.',
  );
}

/** @throws LibraryError where others than this user could stand behind the socket. */
export function requireOwn(path: string): void {
  if (process.platform === 'win32') return;
  const folder = dirname(path);
  const { uid, mode } = lstatSync(folder);
  const isFolder = lstatSync(folder).isDirectory();
  if (isFolder && uid === userInfo().uid && (mode & 0o077) === 0) return;
  throw new LibraryError(
    `${folder} is not a folder that only you may enter`,
    'Somebody else made it, or its permissions were changed. Remove it, or set XDG_RUNTIME_DIR.',
  );
}
