import { join } from 'node:path';
import { vanished } from './failures.ts';
import { inCache, sweep } from './folder.ts';
import { withLock } from './lock.ts';
import type { Report } from './progress.ts';

/**
 * Makes what is not in the cache yet, while no other process makes anything there; what interrupted attempts left is
 * removed before.
 * @returns whether it was made: not where another process was first
 * @throws EngineError where it is not there even then
 */
export async function underLock(
  cache: string,
  isThere: () => Promise<boolean>,
  make: () => Promise<void>,
  report: Report,
  signal?: AbortSignal,
): Promise<boolean> {
  return await inCache(cache, () =>
    withLock(
      join(cache, 'lock'),
      async () => {
        if (await isThere()) return false;
        await sweep(cache);
        await make();
        if (!(await isThere())) throw vanished(cache);
        return true;
      },
      () => report({ stage: 'find', message: 'Another process is preparing TensorFlow; waiting for it' }),
      signal,
    ),
  );
}
