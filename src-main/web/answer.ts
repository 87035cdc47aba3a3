import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, join } from 'node:path';
import { findBelow, type Found } from './files.ts';
import { isOwnOrigin, loopbackHost, securityHeaders } from './headers.ts';
import { isOwnPeer } from './peer.ts';
import { carries, refuse, type Refusal } from './refuse.ts';
import type { Sessions } from './sessions.ts';
import type { Uploads } from './upload.ts';

/** What requests are answered from. */
export interface Site {
  readonly library: string;
  /** Folder of the built interface. */
  readonly pages: string;
  readonly sessions: Sessions;
  readonly uploads: Uploads;
}

const HOW_TO_COME_IN =
  'Run `swamp serve` for this library again: it prints an address that lets one browser in.';

export const foreignHost: Refusal = {
  status: 403,
  text: 'This server answers to 127.0.0.1, localhost and [::1] only.',
};
export const noSession: Refusal = {
  status: 401,
  text: `This browser has not been let in. ${HOW_TO_COME_IN}`,
};
const badToken: Refusal = {
  status: 401,
  text: `This address has been used already, or was never given out. ${HOW_TO_COME_IN}`,
};
const foreignUser: Refusal = {
  status: 403,
  text: 'This address is for a browser of the user who serves, on the same machine. Open the one that `swamp serve` printed.',
};

/** Answers a request; what goes wrong with it ends nothing else. */
export async function answer(request: IncomingMessage, response: ServerResponse, site: Site): Promise<void> {
  const host = loopbackHost(request);
  for (const [name, value] of Object.entries(securityHeaders(host ?? 'localhost')))
    response.setHeader(name, value);
  try {
    const refusal = host === null ? foreignHost : await answered(request, response, site, host);
    if (refusal) refuse(request, response, refusal);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (response.headersSent) response.destroy();
    else refuse(request, response, { status: 500, text: `This could not be answered: ${why}` });
  }
}

/** @returns why it is not answered, where it is not. */
async function answered(
  request: IncomingMessage,
  response: ServerResponse,
  { library, pages, sessions, uploads }: Site,
  host: string,
): Promise<Refusal | null> {
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
  const given = new URLSearchParams(query);
  if (request.method === 'POST' && path === '/upload') {
    if (!isOwnOrigin(request.headers.origin, host))
      return { status: 403, text: 'Pages of other origins may not send files.' };
    if (!sessions.admits(request.headers.cookie)) return noSession;
    const taken = await uploads.take(request, given.get('name') ?? '');
    if ('status' in taken) return taken;
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(taken));
    return null;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return { status: 405, text: 'Only GET and HEAD are answered.' };
  if (carries(request)) return { status: 413, text: 'Nothing is taken with such a request.' };
  const [token, own] = path === '/' ? [given.get('token'), given.get('own')] : [null, null];
  if (own !== null && !(await isOwnPeer(request.socket))) return foreignUser;
  if (token !== null || own !== null) {
    const session = own === null ? sessions.exchange(token ?? '', 'anybody') : sessions.exchange(own, 'own');
    if (session === null) return badToken;
    letIn(response, sessions.setCookie(session));
    return null;
  }
  if (!sessions.admits(request.headers.cookie)) return noSession;
  if (path.startsWith('/exports/')) {
    const found = findBelow(join(library, 'exports'), path.slice('/exports/'.length));
    if (found === null) return { status: 404, text: 'There is no such export.' };
    response.setHeader('Content-Disposition', disposition(found.path));
    send(request, response, { ...found, type: 'application/octet-stream' });
    return null;
  }
  const found = findBelow(pages, path === '/' ? 'index.html' : path);
  if (found === null) return { status: 404, text: 'There is nothing here.' };
  // Their names change with what is in them.
  if (path.startsWith('/assets/'))
    response.setHeader('Cache-Control', 'private, max-age=31536000, immutable');
  send(request, response, found);
  return null;
}

/** A page of ours goes on to the window: where another site's link led here, a redirect would come without the cookie. */
function letIn(response: ServerResponse, cookie: string): void {
  response.setHeader('Set-Cookie', cookie);
  response.setHeader('Refresh', '0; url=/');
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.end(
    '<!doctype html><title>Swamp Studio</title><link rel="icon" href="/icon.svg"><a href="/">Open Swamp Studio</a>\n',
  );
}

function send(request: IncomingMessage, response: ServerResponse, { path, bytes, type }: Found): void {
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', bytes);
  if (request.method === 'HEAD' || bytes === 0) {
    response.end();
    return;
  }
  // A file that grows meanwhile is sent as long as it was said to be.
  const file = createReadStream(path, { end: bytes - 1 });
  file.on('error', () => response.destroy());
  response.on('close', () => file.destroy());
  file.pipe(response);
}

/** To be saved, under the file's own name; quotes and whatever is not ASCII are only in the encoded one. */
function disposition(path: string): string {
  const name = basename(path).toWellFormed();
  const plain = name.replace(/[^\w.() -]/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, escape)}`;
}
