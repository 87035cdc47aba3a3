import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { codeOf } from '../checkpoint/files.ts';
import { ConfigError, LibraryError } from '../contract/errors.ts';
import { makeFolder } from '../store/folders.ts';

// Files that a user asks for: where they go, and whether that can be before anything is computed for them.

/** Where files go for which no folder is named. @param library the library's folder. */
export function exportsFolder(library: string): string {
  return join(library, 'exports');
}

/**
 * Where a path leads that a user typed in the window: absolute, in the home folder with `~`, else below `exports/` of the
 * library. @throws ConfigError where it leads out of that.
 */
export function outPath(library: string, out: string): string {
  if (isInHome(out)) return join(homedir(), out.slice(1));
  if (isAbsolute(out)) return resolve(out);
  const folder = exportsFolder(library);
  const path = resolve(folder, out);
  const inside = relative(folder, path);
  if (inside === '' || /^\.\.([/\\]|$)/.test(inside) || isAbsolute(inside))
    throw new ConfigError(
      `${out} leads out of ${folder}`,
      'Give a whole path, or a name that is to be in that folder.',
    );
  return out.endsWith('/') ? `${path}/` : path;
}

/** `~` alone or before a separator is the home folder; `~notes.csv` is a name like any other. */
function isInHome(out: string): boolean {
  return out === '~' || /^~[/\\]/.test(out);
}

/**
 * A path as `outPath` gives it, for a file that is going to be written. The library's own folder for exports is made.
 * @throws ConfigError where it cannot be written, or is there and is not to be replaced.
 */
export function prepareOut(library: string, out: string, replace: boolean): string {
  const path = outPath(library, out);
  const folder = exportsFolder(library);
  if (!isAbsolute(out) && !isInHome(out)) makeOwnFolder(dirname(path), folder);
  requireWritable('', path);
  if (!replace && statSync(path, { throwIfNoEntry: false }) !== undefined)
    throw new ConfigError(`${path} is there already`, 'Give another name, or choose to replace it.');
  return path;
}

function makeOwnFolder(path: string, folder: string): void {
  try {
    makeFolder(path);
  } catch (cause) {
    throw new ConfigError(
      `the folder ${folder} cannot be made (${codeOf(cause)})`,
      'Give a whole path in a folder that you may write to.',
      undefined,
      { cause },
    );
  }
}

/**
 * Whether a file that the user named can be written, before anything is computed for it.
 * @param option as given on the command line, for example `--out`; empty in the window.
 * @throws ConfigError
 */
export function requireWritable(option: string, file: string): void {
  const refuse = (why: string, cause?: unknown): ConfigError =>
    new ConfigError(
      `${option} ${file}: ${why}`.trimStart(),
      'Give a file in a folder that exists and that you may write to.',
      undefined,
      { cause },
    );
  if (file === '') throw refuse('a file name is missing');
  const folder = dirname(resolve(file));
  const parent = statSync(folder, { throwIfNoEntry: false });
  if (parent === undefined) throw refuse(`there is no folder ${folder}`);
  if (!parent.isDirectory()) throw refuse(`${folder} is not a folder`);
  if (file.endsWith('/') || statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    throw refuse('this is a folder');
  }
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw refuse(`the folder ${folder} cannot be written (${codeOf(cause)})`, cause);
  }
}

/** Says in words why a file that a user asked for could not be written. What is no file error comes back as it is. */
export function outError(error: unknown, path: string): unknown {
  const full = ['ENOSPC', 'EDQUOT'].includes(codeOf(error));
  if (codeOf(error) === '') return error;
  return new LibraryError(
    `cannot write ${path}: ${full ? 'the disk is full' : (error as Error).message}`,
    full
      ? 'Free some space, or give a path on another disk. Nothing is left of the file, and the library is untouched.'
      : 'Give another path. Nothing is left of the file, and the library is untouched.',
    { cause: error },
  );
}
