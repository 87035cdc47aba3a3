import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ExitCode, LibraryError } from '../contract/errors.ts';
import { libraryFolder } from '../store/library.ts';
import { holderOf } from '../store/lock.ts';
import { socketAddress } from '../transport/address.ts';
import { startHost, type Served } from '../transport/host-process.ts';
import type { Output } from './output.ts';
import { withService } from './service.ts';
import { interruptible, type CommonOptions } from './session.ts';

/** A host that nobody needs ends after this. */
const LINGER_SECONDS = 10;

export interface HostOptions extends CommonOptions {
  readonly linger?: number;
  /** Tell on standard output who serves the library, in one line of JSON. */
  readonly announce?: boolean;
}

/** `swamp host`, hidden: serves the library without a terminal until nobody needs it any more. */
export async function host(options: HostOptions, output: Output): Promise<ExitCode> {
  const stamp = (text: string): void => output.note(`${new Date().toISOString()} ${text}`);
  return await interruptible(async (signal) =>
    withService({ ...options, create: true }, output, async (service) => {
      const announce = (served: Served): void => {
        if (options.announce) process.stdout.write(`${JSON.stringify(served)}\n`);
      };
      const { dir } = service.library;
      if (service.attachedTo !== null) {
        const socket = holderOf(dir)?.socket;
        if (socket === undefined) throw new LibraryError('the host has just ended', 'Try again.');
        announce({ pid: service.attachedTo, socket });
        stamp(`process ${service.attachedTo} is the host already`);
        return ExitCode.ok;
      }
      // Its own lock must not be looked at here (lock.ts).
      announce({ pid: process.pid, socket: socketAddress(dir) });
      stamp(`host of ${dir}, process ${process.pid}`);
      await service.whenForsaken((options.linger ?? LINGER_SECONDS) * 1000, signal);
      stamp(signal.aborted ? 'asked to end' : 'nobody needs it any more');
      return signal.aborted ? ExitCode.stopped : ExitCode.ok;
    }),
  );
}

/**
 * Starts a host in the background where none serves the library, and waits until it does.
 * @returns where it listens, and whether it had to be started.
 * @throws LibraryError with what it said, where it does not.
 */
export async function ensureHost({
  library,
}: CommonOptions): Promise<Served & { readonly started: boolean }> {
  const folder = libraryFolder(library);
  const holder = existsSync(join(folder, 'host.lock.db')) ? holderOf(folder) : null;
  if (holder?.socket !== undefined) return { pid: holder.pid, socket: holder.socket, started: false };
  const entry = fileURLToPath(new URL('../host.ts', import.meta.url));
  return { ...(await startHost({ node: process.execPath, entry, library: folder })), started: true };
}
