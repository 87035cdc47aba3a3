import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { LibraryError } from '../contract/errors.ts';
import { LONGEST_FRAME, PROTOCOL } from '../contract/names.ts';
import { serve } from '../transport/server.ts';
import { askForInvitation, giveInvitations } from './control.ts';
import { tellsPeers } from './peer.ts';
import { serveWeb, type WebServer } from './server.ts';

const info = { pid: 7, app: '1.0.0', library: '/l', since: '2026-01-01T00:00:00Z', queue: [] };
const hello = JSON.stringify({ type: 'hello', protocol: PROTOCOL, app: 'test' });

interface Site {
  readonly server: WebServer;
  readonly library: string;
  readonly address: string;
}

/** A server with a page of two files, over a host that knows nothing but itself. */
async function site(connectTo?: () => Promise<never>): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'swamp-web-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [library, pages] = [join(folder, 'library'), join(folder, 'pages')];
  mkdirSync(join(library, 'exports', 'sub'), { recursive: true });
  mkdirSync(join(pages, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(library, 'exports', 'sub', 'a "b" ü.npz'), 'network');
  symlinkSync(join(folder, 'secret.txt'), join(library, 'exports', 'link'));
  writeFileSync(join(pages, 'index.html'), '<!doctype html>page');
  writeFileSync(join(pages, 'assets', 'app-1a2b.js'), 'code');
  const host = await serve(
    {
      call: () => Promise.resolve(info as never),
      callText: () => Promise.resolve(JSON.stringify(info)),
      listen: () => () => undefined,
    } as Parameters<typeof serve>[0],
    { library, app: '1.0.0' },
  );
  const server = await serveWeb({
    port: 0,
    otherPort: false,
    library,
    pages,
    connect: connectTo ?? (() => Promise.resolve(connect(host.address))),
  });
  onTestFinished(async () => {
    await server.close();
    await host.close();
  });
  return { server, library, address: `127.0.0.1:${server.port}` };
}

interface Asked {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A request as it is given: paths are not tidied up, as `fetch` would. */
function ask(
  { server }: Site,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port: server.port, path, method, headers, agent: false },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => (text += part));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

/** Path and query of an address that lets in. */
const invitation = ({ server }: Site): string => server.invite().replace(/^http:\/\/[^/]+/, '');

async function letIn(place: Site): Promise<string> {
  const { headers } = await ask(place, invitation(place));
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

interface Heard {
  readonly lines: string[];
  /** Status of an upgrade that was refused. */
  readonly refused: number | null;
  readonly socket: WebSocket;
}

/** Opens a WebSocket and waits until it is open or refused. */
function open({ address }: Site, headers: Record<string, string>, path = '/socket'): Promise<Heard> {
  const socket = new WebSocket(`ws://${address}${path}`, { headers });
  onTestFinished(() => socket.terminate());
  const lines: string[] = [];
  socket.on('message', (data: Buffer) => lines.push(data.toString()));
  return new Promise((resolve) => {
    socket.on('open', () => resolve({ lines, refused: null, socket }));
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_, { statusCode }) =>
      resolve({ lines, refused: statusCode ?? 0, socket }),
    );
  });
}

describe('letting in', () => {
  test('an address is exchanged once for a session that scripts cannot read', async () => {
    const place = await site();
    const path = invitation(place);
    const first = await ask(place, path);
    expect(first.status).toBe(200);
    expect(first.headers['refresh']).toBe('0; url=/');
    expect(first.headers['set-cookie']?.[0]).toMatch(
      /^swamp-[0-9a-f]+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    const again = await ask(place, path);
    expect(again.status).toBe(401);
    expect(again.text).toMatch(/used already.*Run `swamp serve`/);
    expect(again.headers['set-cookie']).toBeUndefined();
  });

  test.each(['/?token=', '/?token=wrong', `/?token=${'A'.repeat(43)}`])('%s is refused', async (path) => {
    const place = await site();
    place.server.invite();
    expect((await ask(place, path)).status).toBe(401);
  });

  test.each(['/', '/index.html', '/assets/app-1a2b.js', '/exports/sub/x', '/nothing'])(
    'without a session %s is not answered',
    async (path) => {
      const place = await site();
      const { status, text } = await ask(place, path, { headers: { cookie: 'swamp-0=x; other=y' } });
      expect(status).toBe(401);
      expect(text).toContain('has not been let in');
    },
  );

  test.runIf(tellsPeers())('the address of a command line lets in programs of this user, once', async () => {
    const place = await site();
    const path = place.server.inviteOwn().replace(/^http:\/\/[^/]+/, '');
    expect(path).toMatch(/^\/\?own=[\w-]{43}$/);
    // What is good for one purpose is not good for the other.
    expect((await ask(place, path.replace('own=', 'token='))).status).toBe(401);
    expect((await ask(place, invitation(place).replace('token=', 'own='))).status).toBe(401);
    const first = await ask(place, path);
    expect([first.status, first.headers['refresh']]).toEqual([200, '0; url=/']);
    const cookie = first.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    expect((await ask(place, '/', { headers: { cookie } })).status).toBe(200);
    expect((await ask(place, path)).status).toBe(401);
  });

  // Only root can be somebody else.
  test.runIf(tellsPeers() && process.getuid?.() === 0)('and nobody else, who has read it there', async () => {
    const place = await site();
    const path = place.server.inviteOwn().replace(/^http:\/\/[^/]+/, '');
    const script = `exec 3<>/dev/tcp/127.0.0.1/${place.server.port}; printf 'GET ${path} HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3; cat <&3`;
    const { stdout } = await promisify(execFile)('/bin/bash', ['-c', script], { uid: 65534, gid: 65534 });
    expect(stdout).toMatch(/^HTTP\/1\.1 403.*of the user who serves/s);
    expect(stdout).not.toMatch(/set-cookie/i);
    // It was not used up.
    expect((await ask(place, path)).status).toBe(200);
  });

  test('a second start is told another address', async () => {
    const place = await site();
    const end = await giveInvitations(place.library, () => ({
      pid: 1,
      port: 2,
      url: place.server.invite(),
      own: place.server.inviteOwn(),
    }));
    const told = await askForInvitation(place.library);
    expect((await ask(place, told?.url.replace(/^http:\/\/[^/]+/, '') ?? '')).status).toBe(200);
    end();
    await vi.waitFor(async () => expect(await askForInvitation(place.library)).toBeNull(), 20_000);
  });
});

describe('requests', () => {
  test('get the page with a policy that lets it load its own files only', async () => {
    const place = await site();
    const cookie = await letIn(place);
    const page = await ask(place, '/', { headers: { cookie } });
    expect(page).toMatchObject({ status: 200, text: '<!doctype html>page' });
    expect(page.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    });
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline|https?:|\*/);
    const asset = await ask(place, '/assets/app-1a2b.js', { headers: { cookie } });
    expect(asset.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'private, max-age=31536000, immutable',
    });
    const head = await ask(place, '/', { method: 'HEAD', headers: { cookie } });
    expect(head).toMatchObject({ status: 200, text: '' });
  });

  test.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'localhost.',
    '127.0.0.2',
    '[::2]:1',
  ])('that name the host %s are refused, whatever they carry', async (host) => {
    const place = await site();
    const cookie = await letIn(place);
    expect((await ask(place, '/', { headers: { cookie, host } })).status).toBe(403);
    const token = invitation(place);
    expect((await ask(place, token, { headers: { host } })).status).toBe(403);
    // It was not used up.
    expect((await ask(place, token)).status).toBe(200);
  });

  test.each(['localhost:9999', '[::1]:22', 'LOCALHOST', '127.0.0.1:1'])(
    'that come through a tunnel, to %s, are answered',
    async (host) => {
      const place = await site();
      const cookie = await letIn(place);
      expect((await ask(place, '/', { headers: { cookie, host } })).status).toBe(200);
    },
  );

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is not answered', async (method) => {
    const place = await site();
    const cookie = await letIn(place);
    expect((await ask(place, '/', { method, headers: { cookie } })).status).toBe(405);
  });

  test.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/exports/../../secret.txt',
    '/exports/%2e%2e/%2e%2e/secret.txt',
    '/exports/link',
    '/exports/sub',
    '/exports/',
    '/exports/%00',
    '/exports/%ff',
    '/..%5csecret.txt',
    '/assets',
  ])('no file outside is found by %s', async (path) => {
    const place = await site();
    const cookie = await letIn(place);
    const { status, text } = await ask(place, path, { headers: { cookie } });
    expect(status).toBe(404);
    expect(text).not.toContain('secret');
  });

  test('get what was exported, to be saved', async () => {
    const place = await site();
    const cookie = await letIn(place);
    const path = `/exports/sub/${encodeURIComponent('a "b" ü.npz')}`;
    const { status, text, headers } = await ask(place, path, { headers: { cookie } });
    expect([status, text]).toEqual([200, 'network']);
    expect(headers['content-type']).toBe('application/octet-stream');
    expect(headers['content-disposition']).toBe(
      `attachment; filename="a _b_ _.npz"; filename*=UTF-8''a%20%22b%22%20%C3%BC.npz`,
    );
  });
});

describe('the socket', () => {
  test('carries frames to the host and back', async () => {
    const place = await site();
    const heard = await open(place, { cookie: await letIn(place), origin: `http://${place.address}` });
    expect(heard.refused).toBeNull();
    heard.socket.send(hello);
    heard.socket.send(JSON.stringify({ type: 'call', id: 1, method: 'host.info', input: {} }));
    await vi.waitFor(() => expect(heard.lines.join('\n')).toContain('"pid":7'), 20_000);
    expect(heard.lines[0]).toContain('"hello"');
  });

  test.each([
    ['a foreign origin', { origin: 'http://evil.example' }, 403],
    ['another server of this machine', { origin: 'http://127.0.0.1:1' }, 403],
    ['a page over https', { origin: 'https://127.0.0.1' }, 403],
    ['a sandboxed frame', { origin: 'null' }, 403],
    ['no origin', {}, 403],
    ['a foreign host', { host: 'evil.example', origin: 'http://evil.example' }, 403],
  ])('is refused to %s', async (_, headers, status) => {
    const place = await site();
    const cookie = await letIn(place);
    expect((await open(place, { cookie, ...headers })).refused).toBe(status);
  });

  test('is refused without a session, and elsewhere', async () => {
    const place = await site();
    const origin = `http://${place.address}`;
    expect((await open(place, { origin })).refused).toBe(401);
    expect((await open(place, { origin, cookie: 'swamp-1=x' })).refused).toBe(401);
    expect((await open(place, { origin, cookie: await letIn(place) }, '/other')).refused).toBe(404);
  });

  test('that is refused is not held open by who does not end it', async () => {
    const { server } = await site();
    const stranger = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    onTestFinished(() => void stranger.destroy());
    let text = '';
    stranger.on('data', (part: Buffer) => (text += part.toString()));
    const ended = new Promise((resolve) => stranger.on('end', resolve));
    stranger.write('GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await ended;
    expect(text).toContain('403');
    await server.close();
  });

  test.each([
    ['forged', '{"type":"nonsense"}', 'cannot be read'],
    ['before the hello', '{"type":"call","id":0,"method":"host.info","input":{}}', 'no hello'],
    ['two in one', `${hello}\n${hello}`, 'not one line'],
    ['of bytes', Buffer.from(hello), 'not one line'],
  ])('a frame that is %s ends it, with a reason', async (_, frame, why) => {
    const place = await site();
    const heard = await open(place, { cookie: await letIn(place), origin: `http://${place.address}` });
    const closed = new Promise((resolve) => heard.socket.on('close', resolve));
    heard.socket.send(frame);
    await closed;
    expect(heard.lines.at(-1)).toContain('"refused"');
    expect(heard.lines.at(-1)).toContain(why);
  });

  test('a frame that is too long ends it', async () => {
    const place = await site();
    const heard = await open(place, { cookie: await letIn(place), origin: `http://${place.address}` });
    const closed = new Promise((resolve) => heard.socket.on('close', resolve));
    heard.socket.send('x'.repeat(LONGEST_FRAME + 1));
    expect(await closed).toBe(1009);
  });

  test('says why where there is no host', async () => {
    const place = await site(() => Promise.reject(new LibraryError('the host ended', 'Its log is there.')));
    const heard = await open(place, { cookie: await letIn(place), origin: `http://${place.address}` });
    await vi.waitFor(() => expect(heard.lines.join()).toContain('the host ended'), 20_000);
  });
});
