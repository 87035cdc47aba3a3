import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { EngineError, ExitCode, LibraryError } from '../contract/errors.ts';
import type { EngineBuild } from '../contract/job.ts';
import type { EngineVariant, ProvisionProgress } from '../engine/provision/index.ts';
import type { StoredResolution } from '../experiment/resolve.ts';
import type { Studio } from '../experiment/studio.ts';
import { libraryFolder, openLibrary, type Library } from '../store/library.ts';
import { isHeld } from '../store/lock.ts';
import type { Output } from './output.ts';

/** Options that every command has. */
export interface CommonOptions {
  readonly library?: string;
  readonly json?: boolean;
}

/** The app's version, for provenance. */
export function appVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** The library for looking only: works beside a host that holds it. */
export async function withLibrary<T>(
  { library }: CommonOptions,
  use: (library: Library) => T | Promise<T>,
): Promise<T> {
  const opened = openLibrary(libraryFolder(library), { readOnly: true });
  try {
    return await use(opened);
  } finally {
    opened.close();
  }
}

/**
 * Finds out early, before minutes of provisioning, that a library cannot be used. Makes nothing.
 * @throws LibraryError where it is newer or damaged, or could not be made.
 */
export function checkLibrary({ library }: CommonOptions): void {
  const folder = libraryFolder(library);
  if (existsSync(join(folder, 'swamp.db'))) {
    // Beside a host the work is the host's.
    if (!isHeld(folder)) openLibrary(folder).close();
    return;
  }
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  const hint = 'Choose another folder (--library DIR or SWAMP_LIBRARY).';
  if (!statSync(existing).isDirectory()) {
    throw new LibraryError(`the library ${folder} cannot be made: ${existing} is a file`, hint);
  }
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new LibraryError(`the library ${folder} cannot be made: you may not write to ${existing}`, hint, {
      cause,
    });
  }
}

/** The engine, provisioned on first use with a progress bar on standard error. @param tell is told how far it is as well. */
export async function engineFor(
  variant: EngineVariant,
  signal?: AbortSignal,
  tell: (step: ProvisionProgress) => void = () => undefined,
): Promise<EngineBuild> {
  const { ensureEngine, findGpu, inPlaceOfTensorFlow } = await import('../engine/provision/index.ts');
  if (variant === 'cuda' && (await findGpu(signal)) === null) {
    throw new EngineError(
      'engine: "cuda" needs an NVIDIA GPU (Linux on x86-64), and none was found on this machine',
      'Use --set engine=cpu or leave the engine to be chosen; `swamp doctor` shows what there is.',
    );
  }
  const { provisionProgress } = await import('../report/progress.ts');
  const progress = provisionProgress({ stream: process.stderr });
  let fallen = '';
  try {
    const onProgress = (step: ProvisionProgress): void => {
      progress.update(step);
      tell(step);
    };
    const engine = await ensureEngine({ variant, onProgress, signal });
    if (engine.variant === 'wasm' && variant === 'auto') fallen = inPlaceOfTensorFlow();
    return engine;
  } finally {
    progress.close();
    if (fallen) process.stderr.write(`${fallen}\n`);
  }
}

/**
 * The engine that a stored experiment goes on with: of its own kind where the machine has both, so that a machine
 * that got a GPU since does not fetch what the experiment cannot use.
 */
export async function engineOf({ backend }: Pick<StoredResolution, 'backend'>): Promise<EngineVariant> {
  if (backend === 'wasm') return 'wasm';
  const { findGpu } = await import('../engine/provision/index.ts');
  if ((await findGpu()) === null) return 'auto';
  return backend === 'tensorflow-cuda' ? 'cuda' : 'cpu';
}

/** A studio that only reads the library. */
export async function withReadingStudio<T>(
  { library }: CommonOptions,
  engine: EngineBuild,
  use: (studio: Studio) => Promise<T>,
): Promise<T> {
  return await inLibrary(openLibrary(libraryFolder(library), { readOnly: true }), engine, null, use);
}

/**
 * A studio to plan in: changes nothing but the times of steps, and not even those beside a run that holds the
 * library. Where there is no library yet, none is made.
 */
export async function withPlanningStudio<T>(
  { library }: CommonOptions,
  engine: EngineBuild,
  output: Output,
  use: (studio: Studio) => Promise<T>,
): Promise<T> {
  const folder = libraryFolder(library);
  if (existsSync(join(folder, 'swamp.db'))) {
    let opened = openLibrary(folder, { readOnly: true });
    if (!opened.held) {
      opened.close();
      opened = openLibrary(folder);
    }
    return await inLibrary(opened, engine, output, use);
  }
  const temporary = mkdtempSync(join(tmpdir(), 'swamp-plan-'));
  try {
    return await inLibrary(openLibrary(temporary, { create: true }), engine, output, use);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function inLibrary<T>(
  opened: Library,
  engine: EngineBuild,
  output: Output | null,
  use: (studio: Studio) => Promise<T>,
): Promise<T> {
  const { Studio } = await import('../experiment/studio.ts');
  try {
    if (!opened.readOnly) {
      const { experiments } = opened.store.recover();
      for (const id of experiments)
        output?.note(`${id} was interrupted; \`swamp resume ${id}\` goes on with it.`);
    }
    const studio = new Studio(opened, engine, appVersion());
    try {
      return await use(studio);
    } finally {
      await studio.close();
    }
  } finally {
    opened.close();
  }
}

/** Ctrl-C within this of the first is the same one, which a terminal and a launcher both pass on. */
const SAME_MS = 300;

/**
 * Runs `use` with a signal that Ctrl-C raises, or the end of the terminal or session: the first time to stop cleanly.
 * Ctrl-C again leaves at once.
 */
export async function interruptible<T>(use: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let at = 0;
  const onSignal = (): void => {
    const now = performance.now();
    if (controller.signal.aborted && now - at > SAME_MS) process.exit(ExitCode.stopped);
    if (controller.signal.aborted) return;
    at = now;
    controller.abort();
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, onSignal);
  try {
    return await use(controller.signal);
  } finally {
    for (const name of names) process.off(name, onSignal);
  }
}
