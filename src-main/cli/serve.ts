import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ConfigError, ExitCode, LibraryError } from '../contract/errors.ts';
import { libraryFolder } from '../store/library.ts';
import { tryHold } from '../store/lock.ts';
import { hostLog, type Served } from '../transport/host-process.ts';
import { askForInvitation, giveInvitations, type Invitation } from '../web/control.ts';
import { serveWeb } from '../web/server.ts';
import { ensureHost } from './host.ts';
import type { Output } from './output.ts';
import { checkLibrary, interruptible, type CommonOptions } from './session.ts';

export interface ServeOptions extends CommonOptions {
  readonly port?: number;
  readonly open?: boolean;
}

/** Taken where `--port` names none, if it is free: a tunnel is easier to remember with one that stays. */
const USUAL_PORT = 7927;
/** A host that ends so often within a minute is not started again until the minute is over. */
const MOST_STARTS = 10;
const MINUTE_MS = 60_000;
/** Another `swamp serve` is waited for so long: longer than its host may take to start. */
const ALREADY_MS = 35_000;
/** A host that is about to end is waited for so long. */
const PATIENCE_MS = 2000;

const pages = fileURLToPath(new URL('../../out/renderer', import.meta.url));

/** `swamp serve`: the window in a browser of this machine, or of one that has a tunnel here. */
export async function serve(options: ServeOptions, output: Output): Promise<ExitCode> {
  if (!existsSync(join(pages, 'index.html')))
    throw new ConfigError('the window has not been built', 'Run `npm run build` first.');
  if (options.port !== undefined && options.port > 65535)
    throw new ConfigError(
      `--port: ${options.port} is no port`,
      'Give one from 1 to 65535, or 0 for any that is free.',
    );
  checkLibrary(options);
  const library = libraryFolder(options.library);
  mkdirSync(library, { recursive: true });
  const turn = await takeTurn(library);
  if ('url' in turn) {
    tell(turn, output, `Process ${turn.pid} serves this library already. For one more browser:`);
    if (options.open) openBrowser(turn.own);
    return ExitCode.ok;
  }
  return await interruptible(async (signal) => {
    const host = new HostKeeper(library);
    const serving = serveWeb({
      port: options.port ?? USUAL_PORT,
      otherPort: options.port === undefined,
      library,
      pages,
      connect: () => host.connect(),
    });
    try {
      const [server] = await Promise.all([serving, host.ensure()]);
      const invite = (): Invitation => ({
        pid: process.pid,
        port: server.port,
        url: server.invite(),
        own: server.inviteOwn(),
      });
      const stopInviting = await giveInvitations(library, invite);
      const first = invite();
      tell(first, output, 'Swamp Studio is at this address, which lets one browser in:');
      output.note(
        '`swamp serve` in another terminal gives one more. Ctrl-C ends serving; experiments go on.',
      );
      if (options.open) openBrowser(first.own);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      stopInviting();
      return ExitCode.stopped;
    } finally {
      // Also where no host could be started: what listens would keep this process.
      await (await serving.catch(() => null))?.close();
      turn.release();
    }
  });
}

/**
 * One process serves a library, however many are started in the same instant.
 * @returns gives the turn back; or an address of the process that serves it already.
 * @throws LibraryError where that one does not answer.
 */
async function takeTurn(library: string): Promise<{ readonly release: () => void } | Invitation> {
  for (const until = Date.now() + ALREADY_MS; ; await setTimeout(100)) {
    const release = tryHold(library, 'serve');
    if (release) return { release };
    // It may be starting its host yet, or ending.
    const invitation = await askForInvitation(library);
    if (invitation) return invitation;
    if (Date.now() > until)
      throw new LibraryError(
        'another `swamp serve` holds this library and does not answer',
        'End it (Ctrl-C in its terminal), and try again.',
      );
  }
}

function tell({ pid, port, url }: Invitation, output: Output, words: string): void {
  output.result({ pid, port, url }, () => `${words}\n${url}`);
}

/** The library's host, started in the background whenever a window wants it and none is there. */
class HostKeeper {
  readonly #library: string;
  #starting: Promise<Served> | null = null;
  #started: number[] = [];

  constructor(library: string) {
    this.#library = library;
  }

  async connect(): Promise<Socket> {
    const { openSocket } = await import('../transport/client.ts');
    for (const until = Date.now() + PATIENCE_MS; ; await setTimeout(50)) {
      const { socket } = await this.ensure();
      try {
        return await openSocket(socket);
      } catch (error) {
        // It may have ended between the two.
        if (Date.now() > until) throw error;
      }
    }
  }

  /** @throws LibraryError where it will not start, or dies again and again. */
  async ensure(): Promise<Served> {
    this.#starting ??= this.#start().finally(() => (this.#starting = null));
    return await this.#starting;
  }

  async #start(): Promise<Served> {
    this.#started = this.#started.filter((at) => Date.now() - at < MINUTE_MS);
    if (this.#started.length >= MOST_STARTS)
      throw new LibraryError(
        `the host ended ${MOST_STARTS} times within a minute`,
        `What is finished is kept. Its log is ${hostLog(this.#library)}.`,
      );
    const served = await ensureHost({ library: this.#library });
    if (served.started) this.#started.push(Date.now());
    return served;
  }
}

/**
 * Opens the default browser. Where there is none, the address is on the screen.
 * @param url as `inviteOwn` gives it: the command line shows it to everybody on this machine.
 */
function openBrowser(url: string): void {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', url]
        : ['xdg-open', url];
  const child = spawn(command ?? '', args, { detached: true, stdio: 'ignore' });
  child.on('error', () => undefined);
  child.unref();
}
