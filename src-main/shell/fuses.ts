import { existsSync, readFileSync, writeFileSync } from 'fs';
import { join } from 'path';
import { ConfigError } from '../contract/errors.ts';

// Electron's fuses: bytes in its binary that switch off for good what a packaged app does not need. Packaging flips them
// with `node resources/bin/fuses.mjs PROGRAM`, before it signs; nothing else does.

/** The fuses of version 1 of the wire, in its order, and how the packaged app has them. */
export const fuses = [
  // Our Node is a program of its own: Electron need not be another.
  { name: 'RunAsNode', on: false },
  { name: 'EnableCookieEncryption', on: true },
  // Nobody gets into the main process through the environment or the command line.
  { name: 'EnableNodeOptionsEnvironmentVariable', on: false },
  { name: 'EnableNodeCliInspectArguments', on: false },
  // Of macOS and Windows: the archive's hash, which packaging writes into the program.
  { name: 'EnableEmbeddedAsarIntegrityValidation', on: true },
  { name: 'OnlyLoadAppFromAsar', on: true },
  // We make no snapshots.
  { name: 'LoadBrowserProcessSpecificV8Snapshot', on: false },
  // The page comes over a scheme of our own (address.ts).
  { name: 'GrantFileProtocolExtraPrivileges', on: false },
] as const;

/** Stands before each wire; a macOS program for two processors has two. */
const SENTINEL = Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX');
const VERSION = 1;
const MOST_WIRES = 2;

/** What stands in a wire. */
const OFF = 0x30;
const ON = 0x31;

/** How a program has its fuses. */
export type FuseState = 'on' | 'off' | 'removed';

/** The file of a program in which its fuses are: on macOS the framework within the app. */
export function fuseFile(program: string): string {
  const app = /^(.*\.app)(\/Contents\/MacOS\/[^/]+)?\/?$/.exec(program)?.[1];
  const framework = 'Contents/Frameworks/Electron Framework.framework/Electron Framework';
  return app === undefined ? program : join(app, framework);
}

/** @returns the fuses of a program by their names, of those that it has. @throws ConfigError where it has none. */
export function readFuses(program: string): Record<string, FuseState> {
  const bytes = open(program);
  const wires = wiresOf(bytes, program).map((wire) => states(wire));
  const [first = {}] = wires;
  if (wires.some((other) => JSON.stringify(other) !== JSON.stringify(first)))
    throw new ConfigError(`${program} has other fuses for each processor`, 'Flip them.');
  return first;
}

/**
 * Flips the fuses of a program to what `fuses` says. A fuse that is newer than this list stays as it is.
 * @returns names of those that were changed.
 * @throws ConfigError where it is no Electron of 12 or later, or lacks a fuse.
 */
export function flipFuses(program: string): string[] {
  const bytes = open(program);
  const changed = new Set<string>();
  for (const wire of wiresOf(bytes, program)) {
    for (const [at, { name, on }] of fuses.entries()) {
      if (at >= wire.length)
        throw new ConfigError(`${program} has no fuse ${name}`, 'Package the Electron of package.json.');
      // Other letters say that Electron no longer has it.
      if (wire[at] !== OFF && wire[at] !== ON) continue;
      const wanted = on ? ON : OFF;
      if (wire[at] === wanted) continue;
      wire[at] = wanted;
      changed.add(name);
    }
  }
  if (changed.size > 0) writeFileSync(fuseFile(program), bytes);
  return [...changed];
}

/** @returns the fuses that are not as `fuses` says. */
export function wrongFuses(program: string): string[] {
  const found = readFuses(program);
  return fuses
    .filter(({ name, on }) => found[name] !== (on ? 'on' : 'off') && found[name] !== 'removed')
    .map(({ name }) => name);
}

function states(wire: Buffer): Record<string, FuseState> {
  const found: Record<string, FuseState> = {};
  for (const [at, { name }] of fuses.entries())
    if (at < wire.length) found[name] = wire[at] === ON ? 'on' : wire[at] === OFF ? 'off' : 'removed';
  return found;
}

function open(program: string): Buffer {
  const file = fuseFile(program);
  if (!existsSync(file))
    throw new ConfigError(`there is no ${file}`, 'Give the packaged Electron: its program, or the .app.');
  return readFileSync(file);
}

/** The wires within a program's bytes: what is written there is written into the bytes. */
function wiresOf(bytes: Buffer, program: string): Buffer[] {
  const wires: Buffer[] = [];
  for (let at = bytes.indexOf(SENTINEL); at >= 0; at = bytes.indexOf(SENTINEL, at + SENTINEL.length)) {
    const begin = at + SENTINEL.length;
    const [version, length = 0] = bytes.subarray(begin, begin + 2);
    if (version !== VERSION)
      throw new ConfigError(
        `${program} has fuses of version ${version}, and only ${VERSION} is known`,
        'Look up what changed (electron/fuses), and bring src-main/shell/fuses.ts up to it.',
      );
    wires.push(bytes.subarray(begin + 2, begin + 2 + length));
  }
  if (wires.length === 0 || wires.length > MOST_WIRES)
    throw new ConfigError(
      `${program} has ${wires.length === 0 ? 'no fuses' : `fuses in ${wires.length} places`}`,
      'Give the program of an Electron of version 12 or later, not damaged.',
    );
  return wires;
}
