import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type LaunchOptions } from '@playwright/test';

// The browser of the tests: whatever Chromium this machine has, or can be given.

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const PLACES = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/opt/google/chrome/chrome'];

const isRoot = process.getuid?.() === 0;

/** @returns the browser's program: `SWAMP_BROWSER`, Playwright's own, or the system's; `null` where there is none. */
export function findBrowser(): string | null {
  const named = process.env['SWAMP_BROWSER'];
  if (named) {
    if (!isProgram(named)) throw new Error(`SWAMP_BROWSER: ${named} is no program`);
    return named;
  }
  const own = chromium.executablePath();
  const inPath = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = [own, ...NAMES.flatMap((name) => inPath.map((dir) => join(dir, name))), ...PLACES];
  return candidates.find(isProgram) ?? null;
}

/**
 * Finds the browser, or installs one: from Debian's packages where this is Debian and we may, else Playwright's own.
 * @throws Error that says what to install.
 */
export function provideBrowser(): string {
  const found = findBrowser() ?? installPackages(['chromium']) ?? findBrowser() ?? download();
  const browser = found ?? findBrowser();
  if (browser !== null) return browser;
  throw new Error(
    'There is no browser to test in. Install Chromium or Chrome, run `npx playwright install chromium`, or name one in SWAMP_BROWSER.',
  );
}

/** How it is started: as root it cannot use its own sandbox. */
export function launchOptions(): LaunchOptions {
  return { executablePath: provideBrowser(), args: isRoot ? ['--no-sandbox'] : [] };
}

/** Installs packages of Debian where this is Debian and we are root. @returns `null`, so that what they brought is looked for. */
export function installPackages(names: readonly string[]): null {
  if (!isRoot || !existsSync('/etc/debian_version') || !isProgram('/usr/bin/apt-get')) return null;
  process.stdout.write(`Installing ${names.join(', ')} with apt-get …\n`);
  const options = { stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'], env: quiet() };
  try {
    execFileSync('apt-get', ['update', '-qq'], options);
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], options);
  } catch (error) {
    process.stdout.write(`apt-get failed: ${String(error)}\n`);
  }
  return null;
}

function quiet(): NodeJS.ProcessEnv {
  return { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
}

/** Playwright's own, of this user. */
function download(): null {
  const cli = join(import.meta.dirname, '..', '..', 'node_modules', 'playwright', 'cli.js');
  if (!existsSync(cli)) return null;
  process.stdout.write('Fetching the browser of Playwright …\n');
  try {
    execFileSync(process.execPath, [cli, 'install', 'chromium'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: 300_000,
    });
  } catch {
    // What to do is said by whoever finds none.
  }
  return null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    // A shell script of a distribution that only says where to get the real one.
    return !(path.startsWith('/usr/bin/chromium') && isStub(path));
  } catch {
    return false;
  }
}

/** Ubuntu's `chromium-browser` without its snap. */
function isStub(path: string): boolean {
  return readFileSync(path).subarray(0, 4096).toString('latin1').includes('snap install');
}
