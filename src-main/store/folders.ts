import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from '../checkpoint/files.ts';

/**
 * Makes a folder with its parents, one by one: Node's own recursion never ends where the system says that a parent is
 * missing, as in /proc, and takes a read-only disk for a missing folder.
 */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}
