import { newerGlibc, oldestGlibc } from './glibc.ts';
import type { Platform } from './machine.ts';
import {
  tensorflowArm,
  tensorflowCpu,
  tensorflowCuda,
  tensorflowMac,
  zigArm,
  zigCompiler,
  zigMac,
  type Wheel,
} from './pins.ts';

export type BuildVariant = 'cpu' | 'cuda';

/** What a build of TensorFlow is made from on a platform, and how. */
export interface Target {
  readonly wheel: Wheel;
  /** TensorFlow's libraries in the wheel, and in the build; the addon finds them relative to itself. */
  readonly libraries: readonly [api: string, framework: string];
  /** For the compiler, in order. */
  readonly flags: readonly string[];
  /** C++ compilers by the names they go by, the usual first. */
  readonly compilers: readonly string[];
  /** The compiler that stands in where there is none. */
  readonly zig: Wheel;
}

/** Node-API version that the addon asks for. */
export const napi = 8;

const elf = ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2'] as const;
const machO = ['tensorflow/libtensorflow_cc.2.dylib', 'tensorflow/libtensorflow_framework.2.dylib'] as const;

const linuxFlags = [
  '-O2',
  '-std=c++17',
  '-fPIC',
  '-shared',
  `-DNAPI_VERSION=${napi}`,
  '-Wl,-rpath,$ORIGIN/tensorflow',
];

/**
 * As node-gyp builds addons there: what Node itself exports is looked up when the addon loads. The libraries are called
 * @rpath/…, and the addon brings the path; DYLD_LIBRARY_PATH would not do, macOS keeps it from protected programs.
 */
const macFlags = [
  '-O2',
  '-std=c++17',
  '-fPIC',
  '-shared',
  '-undefined',
  'dynamic_lookup',
  '-mmacosx-version-min=12.0',
  `-DNAPI_VERSION=${napi}`,
  '-Wl,-rpath,@loader_path/tensorflow',
];

/** Why TensorFlow cannot be provided on a platform; `null` if it can. */
export function platformFault({ platform, arch, glibc }: Platform): string | null {
  if (platform === 'darwin') {
    return arch === 'arm64' ? null : 'TensorFlow is no longer made for Macs with Intel processors.';
  }
  // Its library there is one with Python's: python311.dll would have to be in every process that loads it.
  if (platform === 'win32') return 'on Windows TensorFlow is provided inside WSL 2 only.';
  if (platform !== 'linux') return 'only Linux and macOS are supported.';
  if (arch !== 'x64' && arch !== 'arm64') return 'only x86-64 and 64-bit Arm processors are supported.';
  if (glibc === null) return 'the C library is not glibc (Alpine Linux and other musl systems).';
  if (newerGlibc(glibc, oldestGlibc) !== glibc) return `glibc ${glibc} is older than ${oldestGlibc}.`;
  return null;
}

/** Whether there is a build for NVIDIA GPUs. */
export function hasCuda({ platform, arch }: Pick<Platform, 'platform' | 'arch'>): boolean {
  return platform === 'linux' && arch === 'x64';
}

/** How a variant is built on a platform that {@link platformFault} has nothing against. */
export function targetOf(
  { platform, arch }: Pick<Platform, 'platform' | 'arch'>,
  variant: BuildVariant,
): Target {
  if (platform === 'darwin') {
    return {
      wheel: tensorflowMac,
      libraries: machO,
      flags: macFlags,
      compilers: ['clang++', 'c++', 'g++'],
      zig: zigMac,
    };
  }
  const linux = { libraries: elf, flags: linuxFlags, compilers: ['g++', 'clang++', 'c++'] };
  if (arch === 'arm64') return { ...linux, wheel: tensorflowArm, zig: zigArm };
  return { ...linux, wheel: variant === 'cuda' ? tensorflowCuda : tensorflowCpu, zig: zigCompiler };
}
