#!/usr/bin/env node
// Starts the command line under the Node 24 that the package brings, whatever Node the shell has:
// the sources are TypeScript that Node 24 runs as it is.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const major = Number(process.versions.node.split('.')[0]);
let node = process.execPath;
if (major < 24) {
  const home = dirname(createRequire(join(root, 'package.json')).resolve('node/package.json'));
  node = join(home, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}
const child = spawn(node, [join(root, 'src-main', 'cli.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 128 : (code ?? 1)));
