import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { ConfigError } from '../contract/errors.ts';
import type { OwnSource, OwnThing } from '../contract/own.ts';

/** Files that Node runs as they are. */
const CODE = /\.(ts|mts|js|mjs)$/;

/** Whether a `kind` is the path of a file: ./x, ../x, an absolute path, or a name that ends as code does. */
export function isOwnPath(kind: string): boolean {
  return /^\.\.?[/\\]/.test(kind) || isAbsolute(kind) || CODE.test(kind);
}

/** @throws ConfigError where a file cannot be one of code. */
export function checkName(thing: OwnThing, file: string): void {
  if (CODE.test(file)) return;
  throw new ConfigError(
    `${thing}: ${file} is no TypeScript or JavaScript file`,
    'Its name must end in .ts, .mts, .js or .mjs.',
  );
}

/** Path of an imported file as it is stored: relative to the folder of the file that is named, with `/`. */
export function importName(file: string, imported: string): string {
  return relative(dirname(file), imported).split(sep).join('/');
}

/**
 * Digest of a file and what it imports. The file's own name is not part of it, and neither is its folder: moving or
 * renaming it changes nothing.
 * @param imports contents by {@link importName}
 */
export function codeDigest(root: Uint8Array, imports: ReadonlyMap<string, Uint8Array>): string {
  const hash = createHash('sha256');
  const add = (name: string, bytes: Uint8Array): void => {
    hash.update(`${JSON.stringify(name)} ${bytes.length}\n`).update(bytes);
  };
  add('', root);
  for (const name of [...imports.keys()].sort()) add(name, imports.get(name) as Uint8Array);
  return hash.digest('hex');
}

/** Bytes of a file of code. @throws ConfigError where it cannot be read. */
export function readCode(thing: OwnThing, file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const why =
      code === 'ENOENT' || code === 'ENOTDIR'
        ? `there is no file ${file}`
        : code === 'EISDIR'
          ? `${file} is a folder`
          : `${file} cannot be read (${code})`;
    throw new ConfigError(
      `${thing}: ${why}`,
      `Give the path of the file that defines the ${thing}; a relative one starts from the experiment file's folder.`,
      undefined,
      { cause },
    );
  }
}

/** Digest of the files as they are now, without running any. @throws ConfigError where one is gone. */
export function digestNow(thing: OwnThing, { file, imports }: Pick<OwnSource, 'file' | 'imports'>): string {
  const read = (name: string): [string, Uint8Array] => [
    name,
    readCode(thing, resolve(dirname(file), ...name.split('/'))),
  ];
  return codeDigest(readCode(thing, file), new Map(imports.map(read)));
}

/**
 * Whether the code an experiment was planned with is still what lies there. Looks, and runs nothing: a library
 * from elsewhere must not have code executed that merely lies at a path it names.
 * @throws ConfigError where it changed or is gone.
 */
export function verifyCode(thing: OwnThing, own: OwnSource): void {
  const { file, digest } = own;
  const now = digestNow(thing, own);
  if (now === digest) return;
  const which = own.imports.length > 0 ? `${file}, or a file it imports,` : file;
  throw new ConfigError(
    `${thing}: ${which} changed since the experiment was planned (digest ${now.slice(0, 12)}, planned ${digest.slice(0, 12)})`,
    `Put the old file back, or start a new experiment with the new one (--set ${thing}.kind=${file}).`,
  );
}
