import { access } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { z } from 'zod';
import { EngineError } from '../../contract/errors.ts';
import { EngineBuild } from '../../contract/job.ts';
import { findCompiler } from './compile.ts';
import { run } from './command.ts';
import {
  environment,
  gist,
  installCompiler,
  installPip,
  installPython,
  provisionCommand,
  wasmCost,
} from './failures.ts';
import { cacheFolder, faultOf, freeBytes } from './folder.ts';
import { targetHere } from './build.ts';
import { cudaWheels } from './pins.ts';
import { findEngine } from './find.ts';
import { findGpu, missingCuda, thisPlatform } from './machine.ts';
import { probe, type ProbeOutcome } from './probe.ts';
import { findPython } from './python.ts';
import { platformFault } from './targets.ts';
import { probeWasm } from './wasm.ts';

/** One thing the engine needs. Names and states are stable: scripts read them from `swamp doctor --json`. */
export const DiagnosisCheck = z.strictObject({
  name: z.enum([
    'node',
    'platform',
    'python',
    'pip',
    'compiler',
    'engine',
    'addon',
    'device',
    'gpu',
    'cuda',
    'disk',
    'sqlite',
  ]),
  /** `warn`: works, but not as well as it could; or is needed only for a download that is already done. */
  state: z.enum(['ok', 'warn', 'missing']),
  detail: z.string(),
  /** A command that mends it; empty where nothing is to be done or no command does it. */
  fix: z.string(),
});
export type DiagnosisCheck = z.infer<typeof DiagnosisCheck>;

/** What `swamp doctor` finds; every check appears once, in the order of the names above. */
export const Diagnosis = z.strictObject({
  /** Nothing is missing. */
  ok: z.boolean(),
  checks: z.array(DiagnosisCheck),
  /** The provisioned engine; `null` if there is none. */
  engine: EngineBuild.nullable(),
  /** What TensorFlow computes on, for people; empty if it does not load. */
  device: z.string(),
});
export type Diagnosis = z.infer<typeof Diagnosis>;

type Name = DiagnosisCheck['name'];
const ok = (name: Name, detail: string): DiagnosisCheck => ({ name, state: 'ok', detail, fix: '' });
const warn = (name: Name, detail: string, fix = ''): DiagnosisCheck => ({ name, state: 'warn', detail, fix });
const missing = (name: Name, detail: string, fix = ''): DiagnosisCheck => ({
  name,
  state: 'missing',
  detail,
  fix,
});

const oldestNode = 24;

function checkNode(): DiagnosisCheck {
  const { node } = process.versions;
  if (Number.parseInt(node, 10) >= oldestNode) return ok('node', `Node ${node}`);
  return missing('node', `Node ${node} is older than ${oldestNode}; npm ci brings the right one`, 'npm ci');
}

function checkPlatform(build: EngineBuild | null): DiagnosisCheck {
  const here = thisPlatform();
  const title = `${here.platform} ${here.arch}${here.glibc === null ? '' : `, glibc ${here.glibc}`}`;
  const fault = platformFault(here);
  if (fault === null) return ok('platform', title);
  if (build === null) return missing('platform', `${title}: ${fault}`);
  const instead = build.variant === 'wasm' ? 'WebAssembly computes' : 'your own build of it computes';
  return warn('platform', `${title}: TensorFlow is not provided here (${fault}), ${instead}`);
}

/** Python, pip and the compiler matter only until the engine is there. */
async function checkTools(needed: boolean): Promise<DiagnosisCheck[]> {
  const python = await findPython();
  const compiler = await findCompiler(targetHere('cpu').compilers);
  const lacking = needed ? missing : warn;
  const later = needed ? '' : ' (needed only to prepare the engine anew)';
  const noPip = `no pip${later}`;
  return [
    python === null
      ? lacking('python', `Python 3 was not found${later}`, installPython)
      : ok('python', `Python ${python.version} (${python.program})`),
    python === null || python.pip === null
      ? lacking('pip', noPip, python === null ? installPython : installPip)
      : ok('pip', `pip ${python.pip}`),
    compiler === null
      ? warn(
          'compiler',
          'no C++ compiler: Zig will be downloaded in its place, which is slower',
          installCompiler,
        )
      : ok('compiler', compiler.title),
  ];
}

async function checkEngine(build: EngineBuild | null, problem: string): Promise<DiagnosisCheck> {
  if (build === null) return missing('engine', problem, provisionCommand);
  if (build.variant === 'wasm')
    return warn('engine', `${build.tensorflow}, ${wasmCost} than TensorFlow; nothing is to be prepared`);
  const folder = dirname(build.binding);
  const title = `TensorFlow ${build.tensorflow} (${build.variant}) in ${folder}`;
  if (build.variant === 'stock') return ok('engine', title);
  for (const part of [folder, ...build.libraryPath.map((path) => dirname(path))]) {
    const fault = await faultOf(part, true);
    if (fault !== null)
      return missing('engine', `${part} is damaged: ${fault}`, `rm -r '${part}' && ${provisionCommand}`);
  }
  return ok('engine', title);
}

function checkAddon(outcome: ProbeOutcome | null): DiagnosisCheck {
  if (outcome === null) return missing('addon', 'no engine to load', provisionCommand);
  if (outcome.works) return ok('addon', 'loads and multiplies two matrices');
  return missing(
    'addon',
    `does not compute: ${outcome.reason} ${gist(outcome.log, 3)}`.trim(),
    provisionCommand,
  );
}

function checkGpu(
  gpu: string | null,
  build: EngineBuild | null,
  outcome: ProbeOutcome | null,
): DiagnosisCheck {
  if (gpu === null) return ok('gpu', 'no usable NVIDIA GPU; the processor computes');
  if (build?.variant === 'wasm') return warn('gpu', `${gpu}, not used by WebAssembly`);
  if (outcome?.works !== true || build === null) return ok('gpu', gpu);
  if (outcome.gpu) return ok('gpu', `${gpu}, used by TensorFlow`);
  if (build.variant === 'cpu') {
    return warn('gpu', `${gpu}, not used: ${environment.variant}=cpu is set`, `unset ${environment.variant}`);
  }
  const told = outcome.log.split('\n').filter((line) => /dlopen|cuda|GPU/i.test(line));
  return warn('gpu', `${gpu}, not used by TensorFlow. It said: ${told.slice(0, 3).join(' ')}`);
}

async function checkCuda(gpu: string | null, build: EngineBuild | null): Promise<DiagnosisCheck> {
  if (gpu === null || build?.variant === 'wasm') return ok('cuda', 'not needed without a usable NVIDIA GPU');
  const absent = await missingCuda();
  const own = `${cudaWheels.length - absent.length} of ${cudaWheels.length} CUDA parts on this machine`;
  if (absent.length === 0) return ok('cuda', own);
  if (build?.variant === 'cuda') return ok('cuda', `${own}, ${absent.length} in the engine's cache`);
  return warn('cuda', `${own}; the others come with the engine`, provisionCommand);
}

async function checkDisk(cache: string, build: EngineBuild | null, gpu: boolean): Promise<DiagnosisCheck> {
  let folder = cache;
  while (
    !(await access(folder).then(
      () => true,
      () => false,
    ))
  ) {
    folder = dirname(folder);
  }
  const free = await freeBytes(folder);
  const title = `${(free / 1e9).toFixed(1)} GB free for ${cache}`;
  if (build !== null) return ok('disk', title);
  const wheels = gpu ? [targetHere('cuda').wheel, ...cudaWheels] : [targetHere('cpu').wheel];
  const needed =
    wheels.reduce((sum, wheel) => sum + wheel.unpackedBytes, 0) +
    Math.max(...wheels.map(({ bytes }) => bytes));
  if (free >= needed) return ok('disk', title);
  return missing('disk', `${title}, ${(needed / 1e9).toFixed(1)} GB needed; ${environment.cache} moves it`);
}

/** In a process of its own: a binary for another Node ends the process that loads it. */
async function checkSqlite(): Promise<DiagnosisCheck> {
  let path: string;
  try {
    path = createRequire(import.meta.url).resolve('better-sqlite3');
  } catch {
    return missing('sqlite', 'the npm package better-sqlite3 is not installed', 'npm ci');
  }
  const script =
    "const S = require(process.argv[1]); console.log(new S(':memory:').prepare('select sqlite_version() v').get().v)";
  const child = await run(process.execPath, ['-e', script, path]);
  if (child.code === 0) return ok('sqlite', `SQLite ${child.stdout.trim()}`);
  return missing(
    'sqlite',
    `better-sqlite3 does not load: ${gist(child.stderr, 2) || child.signal}`,
    'npm ci',
  );
}

/** Look at everything the engine needs. Nothing is downloaded or changed, and nothing thrown. */
export async function diagnose(): Promise<Diagnosis> {
  let build: EngineBuild | null = null;
  let problem = 'not prepared yet; it is made ready when the first experiment runs';
  try {
    build = await findEngine();
  } catch (error) {
    problem = error instanceof EngineError ? `${error.message} ${error.hint}` : String(error);
  }
  const gpu = await findGpu();
  if (build === null && gpu !== null && (await findEngine('cpu').catch(() => null)) !== null) {
    problem = `the CUDA engine is not prepared yet; the CPU's is there (${environment.variant}=cpu uses it)`;
  }
  const outcome =
    build === null
      ? null
      : build.variant === 'wasm'
        ? await probeWasm(build)
        : await probe(build.binding, build.libraryPath);
  const device =
    outcome?.works !== true
      ? ''
      : outcome.gpu
        ? outcome.gpuName
        : `CPU: ${cpus()[0]?.model ?? 'unknown'} (${availableParallelism()} threads)`;
  const checks = [
    checkNode(),
    checkPlatform(build),
    ...(await checkTools(build === null)),
    await checkEngine(build, problem),
    checkAddon(outcome),
    device === ''
      ? missing('device', 'unknown until the addon loads', provisionCommand)
      : ok('device', device),
    checkGpu(gpu, build, outcome),
    await checkCuda(gpu, build),
    await checkDisk(cacheFolder(), build, gpu !== null),
    await checkSqlite(),
  ];
  return { ok: checks.every(({ state }) => state !== 'missing'), checks, engine: build, device };
}
