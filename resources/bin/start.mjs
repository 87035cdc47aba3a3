#!/usr/bin/env node
// `npm start`: builds the window where its sources are newer, and opens it; without Electron in the default browser.
// Runs under whatever Node the shell has.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode, packageFolder } from './node.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const node = findNode(root);
const args = process.argv.slice(2);
/** Where the user is: file names are meant from there. */
const cwd = process.env.INIT_CWD ?? process.cwd();

/** The newest change below a file or folder, in milliseconds. */
function newest(path) {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Builds where a source is newer than what was built. */
function build() {
  const built = join(root, 'out', 'renderer', 'index.html');
  const sources = ['src-renderer', 'src-main', 'electron.vite.config.ts', 'package.json'];
  const isFresh =
    existsSync(built) && sources.every((name) => newest(join(root, name)) <= statSync(built).mtimeMs);
  if (isFresh) return;
  console.error('Building the window …');
  const program = join(packageFolder(root, 'electron-vite'), 'bin', 'electron-vite.js');
  const { status, stdout, stderr } = spawnSync(node, [program, 'build'], { cwd: root, encoding: 'utf8' });
  if (status === 0) return;
  console.error(`${stdout}${stderr}\nThe window could not be built.`);
  process.exit(1);
}

/** Electron's program, fetched where it is not there. @returns { program } or { why } there is none. */
function electron() {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
    return { why: 'There is no screen here' };
  const home = packageFolder(root, 'electron');
  const name =
    { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }[process.platform] ?? 'electron';
  const named = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const program = join(named ?? join(home, 'dist'), name);
  if (existsSync(program)) return { program };
  if (named) return { why: `There is no Electron in ${named} (ELECTRON_OVERRIDE_DIST_PATH)` };
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  console.error(`Fetching Electron ${version}, once …`);
  const fetched = spawnSync(node, [join(home, 'install.js')], { encoding: 'utf8', timeout: 600_000 });
  if (fetched.status === 0 && existsSync(program)) return { program };
  const [why = 'no answer'] =
    /[^\n]*(Error|ENOTFOUND|ECONN|EAI_AGAIN)[^\n]*/.exec(fetched.stderr ?? '') ?? [];
  return { why: `Electron cannot be fetched (${why.trim()})` };
}

function inBrowser(why) {
  console.error(`${why}: Swamp Studio opens in the browser instead.`);
  follow(
    spawn(node, [join(root, 'src-main', 'cli.ts'), 'serve', '--open', ...libraryArguments()], {
      cwd,
      stdio: 'inherit',
    }),
  );
}

/** Of the arguments those that `swamp serve` has too. */
function libraryArguments() {
  return args.filter((arg, at) => /^--library(=|$)/.test(arg) || args[at - 1] === '--library');
}

/** Ends with the program, and as it does; passes on what ends this one. */
function follow(child) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 128 : (code ?? 1)));
}

/** Electron that ends so soon, with an error, could not open its window: a library is missing, or a screen. */
const TOO_SOON_MS = 5000;

function inWindow(program) {
  const env = { ...process.env };
  delete env.ELECTRON_RUN_AS_NODE;
  const isRoot = process.platform === 'linux' && process.getuid() === 0;
  if (isRoot) console.error("You are root, for whom Chromium's own sandbox does not work: it is off.");
  const child = spawn(program, [...(isRoot ? ['--no-sandbox'] : []), root, ...args], {
    cwd,
    env,
    stdio: ['inherit', 'inherit', 'pipe'],
  });
  const started = Date.now();
  let said = '';
  child.stderr.on('data', (text) => (said = `${said}${text}`.slice(-4000)));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', ({ message }) => inBrowser(`Electron does not start (${message})`));
  child.on('exit', (code, signal) => {
    if (code === 0) process.exit(0);
    if (Date.now() - started > TOO_SOON_MS) process.exit(signal ? 128 : (code ?? 1));
    inBrowser(
      `Electron does not start (${said.trim().split('\n').at(-1) || `it ended with ${code ?? signal}`})`,
    );
  });
}

build();
const { program, why } = electron();
if (program) inWindow(program);
else inBrowser(why);
