import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { environment } from './failures.ts';
import type { Wheel } from './pins.ts';

/** For tests: stand-ins for python, pip and the compilers, and a wheel small enough to make on the spot. */

export interface Sandbox {
  readonly root: string;
  readonly cache: string;
  /** The only folder on PATH. */
  readonly bin: string;
  /** Where the fake pip takes wheels from. */
  readonly index: string;
  /** Restore the environment and remove everything. */
  close(): Promise<void>;
}

const touched = ['PATH', 'CXX', 'LD_LIBRARY_PATH', 'FAKE_PIP', ...Object.values(environment)];

export async function openSandbox(): Promise<Sandbox> {
  const before = touched.map((name) => [name, process.env[name]] as const);
  const root = await mkdtemp(join(tmpdir(), 'swamp-provision-'));
  const sandbox = { root, cache: join(root, 'cache'), bin: join(root, 'bin'), index: join(root, 'index') };
  for (const folder of [join(sandbox.cache, 'downloads'), sandbox.bin, sandbox.index]) {
    await mkdir(folder, { recursive: true });
  }
  for (const name of touched) Reflect.deleteProperty(process.env, name);
  process.env['PATH'] = sandbox.bin;
  process.env[environment.cache] = sandbox.cache;
  const close = async (): Promise<void> => {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    await rm(root, { recursive: true, force: true });
  };
  return { ...sandbox, close };
}

/** An executable on the sandbox's PATH: a Node script. */
export async function addProgram(sandbox: Sandbox, name: string, script: string): Promise<void> {
  const path = join(sandbox.bin, name);
  await writeFile(path, `#!${process.execPath}\n${script}`);
  await chmod(path, 0o755);
}

/**
 * A python3 whose pip copies wheels from the sandbox's index. FAKE_PIP changes it: `corrupt` flips a byte,
 * `corrupt-once` only the first time, `offline` fails as pip does, `slow` writes half and waits.
 * Its calls are counted in `pip.log`.
 */
export async function addPython(sandbox: Sandbox, withPip = true): Promise<void> {
  await addProgram(
    sandbox,
    'python3',
    `
const fs = require('node:fs'), path = require('node:path');
const args = process.argv.slice(2), root = ${JSON.stringify(sandbox.root)}, mode = process.env.FAKE_PIP;
if (args[0] === '--version') { console.log('Python 3.12.1'); process.exit(0); }
if (!${withPip}) { console.error('No module named pip'); process.exit(1); }
if (args[2] === '--version') { console.log('pip 24.0 from somewhere'); process.exit(0); }
fs.appendFileSync(root + '/pip.log', args.join(' ') + '\\n');
const calls = fs.readFileSync(root + '/pip.log', 'utf8').trim().split('\\n').length;
const [name, version] = args.at(-1).split('==');
if (mode === 'offline') {
  console.error("WARNING: Retrying after connection broken by 'Temporary failure in name resolution'");
  console.error('ERROR: No matching distribution found for ' + args.at(-1));
  process.exit(1);
}
const prefix = name.replaceAll('-', '_') + '-' + version + '-';
const file = fs.readdirSync(root + '/index').find((found) => found.startsWith(prefix));
if (file === undefined) { console.error('ERROR: No matching distribution found for ' + args.at(-1)); process.exit(1); }
const data = fs.readFileSync(root + '/index/' + file);
const unpack = path.join(process.env.TMPDIR, 'pip-unpack-x');
fs.mkdirSync(unpack);
if (mode === 'corrupt' || (mode === 'corrupt-once' && calls === 1)) data[data.length >> 1] ^= 255;
fs.writeFileSync(path.join(unpack, file), data.subarray(0, data.length >> 1));
const finish = () => { fs.rmSync(unpack, { recursive: true }); fs.writeFileSync(path.join(args[args.indexOf('-d') + 1], file), data); };
if (mode === 'slow') setTimeout(finish, 60000); else finish();
`,
  );
}

export async function pipCalls(sandbox: Sandbox): Promise<string[]> {
  const log = await readFile(join(sandbox.root, 'pip.log'), 'utf8').catch(() => '');
  return log.split('\n').filter((line) => line !== '');
}

/** A compiler that writes its arguments as its output. */
export async function addCompiler(sandbox: Sandbox, name = 'g++', fails = false): Promise<void> {
  await addProgram(
    sandbox,
    name,
    `
const args = process.argv.slice(2);
if (args.at(-1) === '--version') { console.log('${name} (fake) 1.0'); process.exit(0); }
if (${fails}) { console.error("tfjs_backend.cc:1:1: error: no such thing"); process.exit(1); }
require('node:fs').writeFileSync(args[args.indexOf('-o') + 1], args.join('\\n'));
`,
  );
}

/** What the tensorflow wheels hold, as far as it is used. */
export const tensorflowMembers: Readonly<Record<string, string>> = {
  'tensorflow/libtensorflow_cc.so.2': 'the C API '.repeat(5000),
  'tensorflow/libtensorflow_framework.so.2': 'the framework',
  'tensorflow/include/tensorflow/c/c_api.h': '// the C API',
  'tensorflow/include/LICENSE': 'Apache License',
  'tensorflow/THIRD_PARTY_NOTICES.txt': '== Others',
  'tensorflow/include/external/other.h': '// not wanted',
  'tensorflow/python/ops.py': 'pass',
};

/** Put a wheel with `members` into the index and describe it. */
export async function addWheel(
  sandbox: Sandbox,
  name: string,
  members: Readonly<Record<string, string>> = tensorflowMembers,
): Promise<Wheel> {
  const entries = Object.entries(members).map(([path, text]) => [path, strToU8(text)] as const);
  const data = zipSync(Object.fromEntries(entries), { mtime: '2026-01-01' });
  await writeFile(join(sandbox.index, `${name.replaceAll('-', '_')}-1.0-py3-none-any.whl`), data);
  return {
    name,
    version: '1.0',
    sha256: createHash('sha256').update(data).digest('hex'),
    bytes: data.length,
    unpackedBytes: entries.reduce((sum, [, bytes]) => sum + bytes.length, 0),
    platforms: ['manylinux_2_27_x86_64'],
  };
}
