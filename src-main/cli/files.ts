import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { codeOf, writeAtomically } from '../checkpoint/files.ts';
import { ConfigError } from '../contract/errors.ts';

/**
 * Whether a file that the user named can be written, before anything is computed for it.
 * @param option as given on the command line, for example `--out`.
 * @throws ConfigError
 */
export function requireWritable(option: string, file: string): void {
  const refuse = (why: string, cause?: unknown): ConfigError =>
    new ConfigError(
      `${option} ${file}: ${why}`,
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

/** Writes a text whole or not at all. */
export function writeText(path: string, text: string): void {
  writeAtomically(path, [new TextEncoder().encode(text)]);
}
