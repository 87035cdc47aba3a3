import { setTimeout } from 'node:timers/promises';
import type { Client } from '../contract/api/index.ts';
import type { EngineBuild } from '../contract/job.ts';
import type { StoredResolution } from '../experiment/resolve.ts';
import { backendOf } from '../experiment/resolve.ts';
import type { Studio } from '../experiment/studio.ts';
import { libraryFolder, openLibrary, type Library } from '../store/library.ts';
import { holderOf, isHeld } from '../store/lock.ts';
import type { SocketClient } from '../transport/client.ts';
import type { Output } from './output.ts';
import { appVersion, engineFor, engineOf, type CommonOptions } from './session.ts';

/** A host that has just begun, or another command at work on the library, is waited for so long. */
const PATIENCE_MS = 5000;

/** Who does what the contract says: this process, or the host that it is attached to. */
export interface Host {
  readonly client: Client;
  /** To read from. */
  readonly library: Library;
  /** The process that this one is attached to; `null`: this is the host. */
  readonly attachedTo: number | null;
  /** Resolves when the connection to the host is lost. Never in the host itself. */
  readonly lost: Promise<Error | null>;
  /** Workers for what needs them beside the queue: timing, checking an export. */
  withStudio<T>(
    resolution: StoredResolution,
    signal: AbortSignal,
    use: (studio: Studio) => Promise<T>,
  ): Promise<T>;
  /** In the host: ends what runs and waits. Elsewhere nothing. */
  stop(): Promise<void>;
  /** In the host: resolves when nothing runs or waits. */
  whenEmpty(): Promise<void>;
  /** In the host: resolves when nothing has run or waited and nobody was attached for so long. */
  whenForsaken(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export interface ServiceOptions extends CommonOptions {
  /** Make the library where there is none. */
  readonly create?: boolean;
  /** An engine that is ready already. */
  readonly engine?: EngineBuild;
}

/**
 * The library's host for as long as `use` runs: where a process holds the library this one attaches to it, else it is
 * the host itself, and others attach.
 * @throws LibraryError where the library cannot be used, or is held by a process that serves nobody.
 */
export async function withService<T>(
  options: ServiceOptions,
  output: Output,
  use: (host: Host) => Promise<T>,
): Promise<T> {
  const folder = libraryFolder(options.library);
  for (const until = Date.now() + PATIENCE_MS; ; await setTimeout(50)) {
    const patient = Date.now() < until;
    const socket = holderOf(folder)?.socket;
    if (socket !== undefined) {
      let attachment: Attachment;
      try {
        attachment = await attachTo(socket);
      } catch (error) {
        if (!patient || isHeld(folder)) throw error;
        continue;
      }
      // Outside the try: what has begun is not done twice where its host dies.
      return await attached(folder, attachment, options, use);
    } else if (!patient || !isHeld(folder)) {
      return await hosting(openLibrary(folder, { create: options.create ?? false }), options, output, use);
    }
  }
}

async function engineBy(
  { engine }: ServiceOptions,
  resolution: StoredResolution,
  signal: AbortSignal,
): Promise<EngineBuild> {
  if (engine && resolution.backend === backendOf(engine)) return engine;
  return await engineFor(await engineOf(resolution), signal);
}

/** A connection to a host that has answered. */
interface Attachment {
  readonly client: SocketClient;
  readonly pid: number;
}

async function attachTo(socket: string): Promise<Attachment> {
  const { attach } = await import('../transport/client.ts');
  const client = await attach(socket, appVersion());
  try {
    const { pid } = await client.call('host.info', {});
    return { client, pid };
  } catch (error) {
    client.close();
    throw error;
  }
}

async function attached<T>(
  folder: string,
  { client, pid }: Attachment,
  options: ServiceOptions,
  use: (host: Host) => Promise<T>,
): Promise<T> {
  try {
    const library = openLibrary(folder, { readOnly: true });
    try {
      return await use({
        client,
        library,
        attachedTo: pid,
        lost: client.closed,
        withStudio: async (resolution, signal, work) =>
          await ownStudio(library, await engineBy(options, resolution, signal), work),
        stop: () => Promise.resolve(),
        whenEmpty: () => Promise.resolve(),
        whenForsaken: () => Promise.resolve(),
      });
    } finally {
      library.close();
    }
  } finally {
    client.close();
  }
}

async function hosting<T>(
  library: Library,
  options: ServiceOptions,
  output: Output,
  use: (host: Host) => Promise<T>,
): Promise<T> {
  try {
    const { Service } = await import('../service/service.ts');
    const { serve } = await import('../transport/server.ts');
    const { engineSource } = await import('./engines.ts');
    const service = new Service({ library, engines: engineSource(options.engine), app: appVersion() });
    for (const id of service.recover())
      output.note(`${id} was interrupted; \`swamp resume ${id}\` goes on with it.`);
    const server = await serve(service, { library: library.dir, app: appVersion() });
    library.announce(server.address);
    const { queue } = service;
    try {
      return await use({
        client: service,
        library,
        attachedTo: null,
        lost: new Promise(() => undefined),
        withStudio: async (resolution, signal, work) =>
          await (queue.withStudio(resolution, signal, work) ??
            ownStudio(library, await service.engines.of(resolution, signal), work)),
        stop: () => queue.stop(),
        whenEmpty: () => queue.whenEmpty(),
        whenForsaken: async (milliseconds, signal) => {
          for (
            let since = Date.now();
            !signal.aborted && Date.now() - since < milliseconds;
            await setTimeout(50)
          )
            if (service.busy || server.clients > 0) since = Date.now();
        },
      });
    } finally {
      await service.close();
      await server.close();
    }
  } finally {
    library.close();
  }
}

async function ownStudio<T>(
  library: Library,
  engine: EngineBuild,
  use: (studio: Studio) => Promise<T>,
): Promise<T> {
  const { Studio } = await import('../experiment/studio.ts');
  const studio = new Studio(library, engine, appVersion());
  try {
    return await use(studio);
  } finally {
    await studio.close();
  }
}
