#!/usr/bin/env node
// `node resources/bin/fuses.mjs PROGRAM [--check]`: flips the fuses of a packaged Electron, or says whether they are as
// wanted. For packaging, before it signs; never for an Electron below node_modules, which runs from a folder.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode } from './node.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const { status } = spawnSync(
  findNode(root),
  [join(root, 'src-main', 'shell', 'flip.ts'), ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
process.exit(status ?? 1);
