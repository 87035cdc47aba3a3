import type { EngineBuild } from '../contract/job.ts';
import { loaderEnvironment } from './provision/probe.ts';

/**
 * Environment of a process that is going to load TensorFlow, to be laid over its own. What decides results or
 * speed is set here and nowhere else, so that workers, benchmarks and tests run alike (docs/performance.md).
 */
export function engineEnvironment(
  { libraryPath, variant }: Pick<EngineBuild, 'libraryPath' | 'variant'>,
  threads: number,
): Record<string, string> {
  return {
    ...loaderEnvironment(libraryPath),
    TF_CPP_MIN_LOG_LEVEL: '2',
    // Only the CUDA engine's results count as a GPU's: another must not find one by itself.
    ...(variant === 'cuda' ? {} : { CUDA_VISIBLE_DEVICES: '-1' }),
    // On by default; said, so that it stays.
    TF_ENABLE_ONEDNN_OPTS: '1',
    TF_NUM_INTRAOP_THREADS: String(threads),
    // One operation at a time, in one order: the same bits each time.
    TF_NUM_INTEROP_THREADS: '1',
  };
}
