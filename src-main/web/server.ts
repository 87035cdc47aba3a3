import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { ConfigError } from '../contract/errors.ts';
import { LONGEST_FRAME } from '../contract/names.ts';
import { answer, foreignHost, noSession } from './answer.ts';
import { isOwnOrigin, loopbackHost } from './headers.ts';
import { tellsPeers } from './peer.ts';
import type { Refusal } from './refuse.ts';
import { relay } from './relay.ts';
import { Sessions } from './sessions.ts';
import { Uploads, type UploadLimits } from './upload.ts';

/** Windows that may be open at a time. */
const MOST_WINDOWS = 64;
/** A window that has not answered between two of these is gone, though its connection does not say so. */
const PING_MS = 30_000;

/** Connections at a time, of whomever. */
const MOST_CONNECTIONS = 512;
/** Whoever connects must have said what they want within this. */
const HEADERS_MS = 10_000;
/** Windows and files on their way are waited for so long when serving ends. */
const PARTING_MS = 300;

export interface WebOptions {
  /** 0: any that is free. */
  readonly port: number;
  /** Whether another port will do where that one is taken. */
  readonly otherPort: boolean;
  readonly library: string;
  /** Folder of the built interface. */
  readonly pages: string;
  /** A new connection to the library's host. */
  readonly connect: () => Promise<Socket>;
  /** How long others are waited for, where it is not the usual. */
  readonly limits?: Partial<UploadLimits & { readonly headersMs: number }>;
}

export interface WebServer {
  readonly port: number;
  /** @returns an address that lets one browser in, once. */
  invite(): string;
  /**
   * The same for a command line, which others on this machine can read: where the system says whose program asks, it
   * lets in only those of this user.
   */
  inviteOwn(): string;
  close(): Promise<void>;
}

/**
 * Serves the interface on this machine alone: its files, what was exported, and the contract's frames at `/socket`.
 * @throws ConfigError where the port cannot be opened.
 */
export async function serveWeb(options: WebOptions): Promise<WebServer> {
  const { library, pages, limits } = options;
  const sessions = new Sessions(library);
  const uploads = new Uploads(library, limits);
  const headersTimeout = limits?.headersMs ?? HEADERS_MS;
  const server = createServer(
    {
      headersTimeout,
      connectionsCheckingInterval: headersTimeout / 4,
      // A run file may be hours on its way; one of which too little comes is given up (upload.ts), and nothing else that
      // follows the headers is taken.
      requestTimeout: 0,
    },
    (request, response) => void answer(request, response, { library, pages, sessions, uploads }),
  );
  server.maxRequestsPerSocket = 1000;
  server.maxConnections = MOST_CONNECTIONS;
  const windows = new WebSocketServer({
    noServer: true,
    maxPayload: LONGEST_FRAME,
    perMessageDeflate: false,
    clientTracking: true,
  });
  server.on('upgrade', (request, stream, head) => {
    stream.on('error', () => undefined);
    const refusal = refusalOfUpgrade(request, sessions, windows.clients.size);
    if (refusal) {
      refuseUpgrade(stream, refusal);
      return;
    }
    windows.handleUpgrade(request, stream, head, (window) => {
      window.on('error', () => undefined);
      keepAlive(window);
      void relay(window, options.connect);
    });
  });
  const port = await listening(server, options);
  return {
    port,
    invite: () => `http://127.0.0.1:${port}/?token=${sessions.invite('anybody')}`,
    inviteOwn: () =>
      tellsPeers()
        ? `http://127.0.0.1:${port}/?own=${sessions.invite('own')}`
        : `http://127.0.0.1:${port}/?token=${sessions.invite('anybody')}`,
    close: async () => {
      for (const window of windows.clients) window.close(1001);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        // Whoever does not answer is not waited for.
        setTimeout(() => {
          for (const window of windows.clients) window.terminate();
          server.closeAllConnections();
        }, PARTING_MS).unref();
      });
      // Not before: somebody might have sent another meanwhile.
      uploads.end();
    },
  };
}

function refusalOfUpgrade(request: IncomingMessage, sessions: Sessions, windows: number): Refusal | null {
  const host = loopbackHost(request);
  if (host === null) return foreignHost;
  if (!isOwnOrigin(request.headers.origin, host))
    return { status: 403, text: 'Pages of other origins may not connect.' };
  if (!sessions.admits(request.headers.cookie)) return noSession;
  if (request.url !== '/socket') return { status: 404, text: 'There is nothing here.' };
  if (windows >= MOST_WINDOWS) return { status: 503, text: `${MOST_WINDOWS} windows are open already.` };
  return null;
}

function refuseUpgrade(stream: Duplex, { status, text }: Refusal): void {
  // One that does not end its side would stay, and closing the server would wait for it.
  stream.once('finish', () => stream.destroy());
  stream.end(
    `HTTP/1.1 ${status} Refused\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

function keepAlive(window: WebSocket): void {
  let alive = true;
  window.on('pong', () => (alive = true));
  const timer = setInterval(() => {
    // One that is not read from, because its host takes nothing, cannot be heard.
    if (!alive && !window.isPaused) window.terminate();
    alive = false;
    window.ping();
  }, PING_MS);
  timer.unref();
  window.on('close', () => clearInterval(timer));
}

async function listening(server: Server, { port, otherPort }: WebOptions): Promise<number> {
  try {
    return await listen(server, port);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' && otherPort) return await listen(server, 0);
    if (code === 'EADDRINUSE')
      throw new ConfigError(
        `--port: another program listens on port ${port} of this machine`,
        'Choose another.',
      );
    throw new ConfigError(`--port: port ${port} cannot be opened: ${message}`, 'Choose another.');
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}
