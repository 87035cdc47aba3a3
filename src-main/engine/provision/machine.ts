import { access } from 'node:fs/promises';
import { run } from './command.ts';
import { noCuda, unsupportedPlatform } from './failures.ts';
import { cudaWheels, type CudaWheel } from './pins.ts';
import { hasCuda, platformFault } from './targets.ts';

export interface Platform {
  readonly platform: string;
  readonly arch: string;
  /** Version of glibc; `null` elsewhere (musl). */
  readonly glibc: string | null;
}

export function thisPlatform(): Platform {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return {
    platform: process.platform,
    arch: process.arch,
    glibc: report.header?.glibcVersionRuntime ?? null,
  };
}

/** @throws EngineError naming the platform where there is no way to provide TensorFlow. */
export function requirePlatform(): void {
  const here = thisPlatform();
  const fault = platformFault(here);
  if (fault !== null) throw unsupportedPlatform(`${here.platform} ${here.arch}`, fault);
}

/** @throws EngineError where there is no build for NVIDIA GPUs. */
export function requireCuda(): void {
  if (!hasCuda(process)) throw noCuda(`${process.platform} ${process.arch}`);
}

/**
 * A usable NVIDIA GPU: its name, or `NVIDIA GPU` where only the driver's traces tell of it. `null` if there is none, or
 * no build for it on this platform.
 */
export async function findGpu(signal?: AbortSignal): Promise<string | null> {
  if (!hasCuda(process)) return null;
  const asked = await run('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], { signal });
  if (asked.code === 0) {
    const names = asked.stdout.split('\n').filter((line) => line.trim() !== '');
    return names.length > 0 ? names.join(', ') : null;
  }
  for (const path of ['/proc/driver/nvidia/version', '/dev/nvidia0', '/dev/dxg']) {
    // WSL has /dev/dxg with any GPU; only the NVIDIA driver brings its library.
    if (path === '/dev/dxg' && !(await exists('/usr/lib/wsl/lib/libcuda.so.1'))) continue;
    if (await exists(path)) return 'NVIDIA GPU';
  }
  return null;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The CUDA wheels of which the loader does not already find every library on this machine. */
export async function missingCuda(signal?: AbortSignal): Promise<CudaWheel[]> {
  const listed = await run('ldconfig', ['-p'], { signal });
  const sbin = listed.missing ? await run('/sbin/ldconfig', ['-p'], { signal }) : listed;
  const known = new Set(
    sbin.stdout
      .split('\n')
      .filter((line) => line.includes('x86-64'))
      .map((line) => line.trim().split(' ')[0]),
  );
  const folders = (process.env['LD_LIBRARY_PATH'] ?? '').split(':').filter((folder) => folder !== '');
  const missing: CudaWheel[] = [];
  for (const wheel of cudaWheels) {
    for (const library of wheel.libraries) {
      if (known.has(library)) continue;
      const beside = await Promise.all(folders.map((folder) => exists(`${folder}/${library}`)));
      if (beside.includes(true)) continue;
      missing.push(wheel);
      break;
    }
  }
  return missing;
}
