import { existsSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LibraryError } from '../contract/errors.ts';

/** Network and cluster file systems by the type that Linux's statfs gives (linux/magic.h). */
const network = new Map<number, string>([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x5346414f, 'AFS'],
  [0x73757245, 'Coda'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x19830326, 'BeeGFS'],
]);

/** Plan 9 protocol: Windows drives in WSL, some virtual machines. It has locks, but no shared memory for WAL. */
const plan9 = 0x01021997;

export type Journal = 'wal' | 'delete';

/**
 * How SQLite may journal on a file system of this type: locks on network file systems cannot be relied on, so they are
 * refused. FUSE is taken as local, as most of it is.
 * @throws LibraryError on a network file system.
 */
export function journalFor(type: number, folder: string): Journal {
  const name = network.get(type >>> 0);
  if (name !== undefined)
    throw new LibraryError(
      `the library ${folder} is on a network file system (${name}), where a database is not safe`,
      'Choose a folder on a local disk (--library or SWAMP_LIBRARY).',
    );
  return type >>> 0 === plan9 ? 'delete' : 'wal';
}

/**
 * As `journalFor`, for the folder or, where it does not exist yet, the one it will be made in.
 * @throws LibraryError on a network file system.
 */
export function journalAt(folder: string): Journal {
  const full = resolve(folder);
  if (process.platform === 'win32' && full.startsWith('\\\\')) return journalFor(0xff534d42, folder);
  // The types of other systems' statfs mean other things.
  if (process.platform !== 'linux') return 'wal';
  let existing = full;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  return journalFor(statfsSync(existing).type, folder);
}
