import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { basename, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { ConfigError } from '../contract/errors.ts';
import { LONGEST_FRAME } from '../contract/names.ts';
import { findBelow, type Found } from './files.ts';
import { isOwnOrigin, loopbackHost, securityHeaders } from './headers.ts';
import { relay } from './relay.ts';
import { Sessions } from './sessions.ts';
import { forgetUploads, takeUpload } from './upload.ts';

/** Windows that may be open at a time. */
const MOST_WINDOWS = 64;
/** A window that has not answered between two of these is gone, though its connection does not say so. */
const PING_MS = 30_000;

const HOW_TO_COME_IN =
  'Run `swamp serve` for this library again: it prints an address that lets one browser in.';

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
}

export interface WebServer {
  readonly port: number;
  /** @returns an address that lets one browser in, once. */
  invite(): string;
  close(): Promise<void>;
}

/**
 * Serves the interface on this machine alone: its files, what was exported, and the contract's frames at `/socket`.
 * @throws ConfigError where the port cannot be opened.
 */
export async function serveWeb(options: WebOptions): Promise<WebServer> {
  const sessions = new Sessions(options.library);
  const server = createServer((request, response) => answer(request, response, options, sessions));
  server.maxRequestsPerSocket = 1000;
  server.headersTimeout = 10_000;
  // A run file may be hours on its way; one of which nothing comes is given up (upload.ts).
  server.requestTimeout = 0;
  forgetUploads(options.library);
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
    invite: () => `http://127.0.0.1:${port}/?token=${sessions.invite()}`,
    close: async () => {
      forgetUploads(options.library);
      for (const window of windows.clients) window.close(1001);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        // Whoever does not answer is not waited for.
        setTimeout(() => {
          for (const window of windows.clients) window.terminate();
          server.closeAllConnections();
        }, 300).unref();
      });
    },
  };
}

interface Refusal {
  readonly status: number;
  readonly text: string;
}

const foreignHost: Refusal = {
  status: 403,
  text: 'This server answers to 127.0.0.1, localhost and [::1] only.',
};
const noSession: Refusal = { status: 401, text: `This browser has not been let in. ${HOW_TO_COME_IN}` };
const badToken: Refusal = {
  status: 401,
  text: `This address has been used already, or was never given out. ${HOW_TO_COME_IN}`,
};

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

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { library, pages }: WebOptions,
  sessions: Sessions,
): void {
  const host = loopbackHost(request);
  for (const [name, value] of Object.entries(securityHeaders(host ?? 'localhost')))
    response.setHeader(name, value);
  const refuse = ({ status, text }: Refusal): void => {
    response.statusCode = status;
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    response.end(`${text}\n`);
  };
  if (host === null) return refuse(foreignHost);
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
  if (request.method === 'POST' && path === '/upload') {
    if (!isOwnOrigin(request.headers.origin, host))
      return refuse({ status: 403, text: 'Pages of other origins may not send files.' });
    if (!sessions.admits(request.headers.cookie)) return refuse(noSession);
    const name = new URLSearchParams(query).get('name') ?? '';
    void takeUpload(request, library, name).then((taken) => {
      if ('status' in taken) return refuse(taken);
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(taken));
    });
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return refuse({ status: 405, text: 'Only GET and HEAD are answered.' });
  const token = path === '/' ? new URLSearchParams(query).get('token') : null;
  if (token !== null) {
    const session = sessions.exchange(token);
    if (session === null) return refuse(badToken);
    response.setHeader('Set-Cookie', sessions.setCookie(session));
    // A page of ours goes on to the window: where another site's link led here, a redirect would come without the cookie.
    response.setHeader('Refresh', '0; url=/');
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(
      '<!doctype html><title>Swamp Studio</title><link rel="icon" href="/icon.svg"><a href="/">Open Swamp Studio</a>\n',
    );
    return;
  }
  if (!sessions.admits(request.headers.cookie)) return refuse(noSession);
  if (path.startsWith('/exports/')) {
    const found = findBelow(join(library, 'exports'), path.slice('/exports/'.length));
    if (found === null) return refuse({ status: 404, text: 'There is no such export.' });
    response.setHeader('Content-Disposition', disposition(found.path));
    send(request, response, { ...found, type: 'application/octet-stream' });
    return;
  }
  const found = findBelow(pages, path === '/' ? 'index.html' : path);
  if (found === null) return refuse({ status: 404, text: 'There is nothing here.' });
  // Their names change with what is in them.
  if (path.startsWith('/assets/'))
    response.setHeader('Cache-Control', 'private, max-age=31536000, immutable');
  send(request, response, found);
}

function send(request: IncomingMessage, response: ServerResponse, { path, bytes, type }: Found): void {
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', bytes);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const file = createReadStream(path);
  file.on('error', () => response.destroy());
  response.on('close', () => file.destroy());
  file.pipe(response);
}

/** To be saved, under the file's own name; quotes and whatever is not ASCII are only in the encoded one. */
function disposition(path: string): string {
  const name = basename(path);
  const plain = name.replace(/[^\w.() -]/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, escape)}`;
}

function keepAlive(window: WebSocket): void {
  let alive = true;
  window.on('pong', () => (alive = true));
  const timer = setInterval(() => {
    if (!alive) window.terminate();
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
