import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ExitCode, LibraryError } from '../contract/errors.ts';
import { libraryFolder } from '../store/library.ts';
import { isHeld } from '../store/lock.ts';
import type { Output } from './output.ts';
import { isServed, withService } from './service.ts';
import { interruptible, type CommonOptions } from './session.ts';

/** A host that nobody needs ends after this. */
const LINGER_SECONDS = 10;
/** A host that is not there by then has failed. */
const START_MS = 30_000;
/** The host's log begins anew above this. */
const LARGEST_LOG = 2 ** 20;

/** `swamp host`, hidden: serves the library without a terminal until nobody needs it any more. */
export async function host(options: CommonOptions & { linger?: number }, output: Output): Promise<ExitCode> {
  const stamp = (text: string): void => output.note(`${new Date().toISOString()} ${text}`);
  return await interruptible(async (signal) =>
    withService({ ...options, create: true }, output, async (service) => {
      if (service.attachedTo !== null) {
        stamp(`process ${service.attachedTo} is the host already`);
        return ExitCode.ok;
      }
      stamp(`host of ${service.library.dir}, process ${process.pid}`);
      await service.whenForsaken((options.linger ?? LINGER_SECONDS) * 1000, signal);
      stamp(signal.aborted ? 'asked to end' : 'nobody needs it any more');
      return signal.aborted ? ExitCode.stopped : ExitCode.ok;
    }),
  );
}

/**
 * Starts a host in the background where none serves the library, and waits until it does.
 * @returns whether it had to be started.
 * @throws LibraryError with what it said, where it does not.
 */
export async function ensureHost({ library }: CommonOptions): Promise<boolean> {
  const folder = libraryFolder(library);
  if (isServed(folder)) return false;
  const logs = join(folder, 'logs');
  mkdirSync(logs, { recursive: true });
  const path = join(logs, 'host.log');
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const log = openSync(path, size > LARGEST_LOG ? 'w' : 'a');
  const begin = size > LARGEST_LOG ? 0 : size;
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../host.ts', import.meta.url)), '--library', folder],
    // A session of its own: it outlives the terminal.
    { detached: true, stdio: ['ignore', log, log] },
  );
  closeSync(log);
  let over = false;
  child.on('exit', () => (over = true));
  child.on('error', () => (over = true));
  child.unref();
  for (const until = Date.now() + START_MS; !isServed(folder); await setTimeout(50)) {
    if (over && isHeld(folder)) return true;
    if (!over && Date.now() < until) continue;
    const said = existsSync(path) ? readFileSync(path).subarray(begin).toString('utf8').trim() : '';
    throw new LibraryError(
      `the host could not be started: ${said || 'it said nothing'}`,
      `Its log is ${path}.`,
    );
  }
  return true;
}
