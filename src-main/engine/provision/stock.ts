import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EngineBuild } from '../../contract/job.ts';
import { addonSources } from './compile.ts';
import { probe } from './probe.ts';

/** By addon path: trying one takes a process. */
const tried = new Map<string, EngineBuild | null>();

/** The addon that @tensorflow/tfjs-node-gpu's own install script leaves in its folder, if it loads and computes. */
export async function findStock(signal?: AbortSignal): Promise<EngineBuild | null> {
  const folder = join(dirname(addonSources()), 'lib');
  const versions = (await readdir(folder).catch((): string[] => []))
    .filter((name) => name.startsWith('napi-v'))
    .sort((a, b) => Number(b.slice(6)) - Number(a.slice(6)));
  for (const version of versions) {
    const binding = join(folder, version, 'tfjs_binding.node');
    let build = tried.get(binding);
    if (build === undefined) {
      const outcome = await probe(binding, [], signal);
      build = outcome.works
        ? { variant: 'stock', tensorflow: outcome.tensorflow, binding, libraryPath: [] }
        : null;
      tried.set(binding, build);
    }
    if (build !== null) return build;
  }
  return null;
}
