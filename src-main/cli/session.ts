import { readFileSync } from 'node:fs';
import type { EngineBuild } from '../contract/job.ts';
import { ensureEngine, type EngineVariant } from '../engine/provision/index.ts';
import { Studio } from '../experiment/studio.ts';
import { provisionProgress } from '../report/progress.ts';
import { libraryFolder, openLibrary, type Library } from '../store/library.ts';
import type { Output } from './output.ts';

/** Options that every command has. */
export interface CommonOptions {
  readonly library?: string;
  readonly json?: boolean;
}

/** The app's version, for provenance. */
export const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

/** The library for looking only: works beside a host that holds it. */
export function withLibrary<T>({ library }: CommonOptions, use: (library: Library) => T): T {
  const opened = openLibrary(libraryFolder(library), { readOnly: true });
  try {
    return use(opened);
  } finally {
    opened.close();
  }
}

/** The engine, provisioned on first use with a progress bar on standard error. */
export async function engineFor(variant: EngineVariant, signal?: AbortSignal): Promise<EngineBuild> {
  const progress = provisionProgress({ stream: process.stderr });
  try {
    return await ensureEngine({ variant, onProgress: (step) => progress.update(step), signal });
  } finally {
    progress.close();
  }
}

/** A studio that holds the library for as long as `use` runs. */
export async function withStudio<T>(
  { library }: CommonOptions,
  engine: EngineBuild,
  output: Output,
  use: (studio: Studio) => Promise<T>,
): Promise<T> {
  const opened = openLibrary(libraryFolder(library), { create: true });
  try {
    const { experiments } = opened.store.recover();
    for (const id of experiments)
      output.note(`${id} was interrupted; \`swamp resume ${id}\` goes on with it.`);
    return await use(new Studio(opened, engine, version));
  } finally {
    opened.close();
  }
}

/** A signal that Ctrl-C raises: the first time to stop cleanly, the second time to leave at once. */
export function stopSignal(output: Output): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    output.note('\nStopping after the step under way; press Ctrl-C again to leave at once.');
    controller.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal);
    },
  };
}
