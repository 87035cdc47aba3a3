import { fileURLToPath } from 'node:url';
import { launchWith } from '../src-main/engine/launch.ts';
import { ensureEngine } from '../src-main/engine/provision/index.ts';

// node bench/launch.ts NAME runs a benchmark of this folder in a process of its own, in the environment that workers have.

const [, , name] = process.argv;
if (name === undefined) throw new Error('usage: launch.ts NAME');
const script = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
process.stdout.write(await launchWith(await ensureEngine(), script));
