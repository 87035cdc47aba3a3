import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { ExperimentId, JobKey } from '../contract/ids.ts';
import { LONGEST_FRAME, PROTOCOL } from '../contract/names.ts';
import type { RunEvent } from '../contract/progress.ts';
import { serve } from '../transport/server.ts';
import { relay } from './relay.ts';

// A page that does not read, and a host that does not: neither slows the other's process or fills this one.

const experiment = 'demo-3f9a' as ExperimentId;
const where = { arm: 'imp', seed: 1, round: 0, rounds: 2, index: 0 };
const PATIENCE = { timeout: 20_000 };
const hello = JSON.stringify({ type: 'hello', protocol: PROTOCOL, app: 'test' });

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'swamp-relay-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A window, its end at the server, and the relay between that and a host. */
async function through(reach: () => Promise<Socket>): Promise<{ page: WebSocket; end: WebSocket }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload: LONGEST_FRAME });
  onTestFinished(() => void server.close());
  const connected = new Promise<WebSocket>((resolve) => server.once('connection', resolve));
  await vi.waitFor(() => expect(server.address()).not.toBeNull(), 20_000);
  const page = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => page.terminate());
  const opened = once(page, 'open');
  const end = await connected;
  await opened;
  end.on('error', () => undefined);
  await relay(end, reach);
  return { page, end };
}

/** A host that is nothing but a socket. */
async function bare(): Promise<{ reach: () => Promise<Socket>; socket: Promise<Socket> }> {
  const path = join(folder(), 'host.sock');
  const server: Server = createServer();
  const socket = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
  void socket.then((each) => {
    each.on('error', () => undefined);
    onTestFinished(() => void each.destroy());
  });
  return { reach: () => Promise.resolve(connect(path)), socket };
}

test('a page that does not read slows no training, and is told how it stands when it reads again', async () => {
  let tell: (event: RunEvent) => void = () => undefined;
  const host = await serve(
    {
      call: () => Promise.reject(new Error('nobody asks')),
      callText: () => Promise.reject(new Error('nobody asks')),
      listen: (_event: unknown, _filter: unknown, handler: (payload: unknown) => void) => {
        tell = (event) => handler({ experiment, event });
        return () => undefined;
      },
    } as Parameters<typeof serve>[0],
    { library: folder(), app: '1.0.0' },
  );
  onTestFinished(() => host.close());
  const { page, end } = await through(() => Promise.resolve(connect(host.address)));
  let heard = '';
  page.on('message', (data: Buffer) => (heard += `${data.toString()}\n`));
  page.send(hello);
  page.send(JSON.stringify({ type: 'listen', id: 1, event: 'run', filter: { experiment } }));
  await vi.waitFor(() => expect(heard).toContain('hello'), 20_000);
  await vi.waitFor(() => {
    tell({ type: 'warning', where, message: 'listened to' });
    return vi.waitFor(() => expect(heard).toContain('listened to'), { timeout: 200 });
  }, 20_000);
  page.pause();

  // Progress of a long training, and what each epoch has to say: more than all buffers on the way take.
  const text = 'x'.repeat(20_000);
  const memory = process.memoryUsage().rss;
  const said: string[] = [];
  let slowest = 0;
  for (let at = 0; at < 1000; at++) {
    const started = performance.now();
    for (let step = 0; step < 100; step++)
      tell({
        type: 'progress',
        where,
        progress: { key: 'a' as JobKey, iteration: at * 100 + step, iterations: 1e6 },
      });
    if (at % 2 === 0) {
      said.push(String(at));
      tell({ type: 'warning', where, message: `${at} ${text}` });
    }
    slowest = Math.max(slowest, performance.now() - started);
    await new Promise((resolve) => setImmediate(resolve));
    expect(end.bufferedAmount).toBeLessThan(2 ** 20);
  }
  // A hundred steps are told in a moment, though nobody takes them.
  expect(slowest).toBeLessThan(10_000);
  expect(process.memoryUsage().rss - memory).toBeLessThan(400 * 2 ** 20);
  expect(heard).not.toContain('"iteration":99999');

  page.resume();
  await vi.waitFor(() => expect(heard).toContain('"iteration":99999'), PATIENCE);
  const warnings = [...heard.matchAll(/"message":"(\d+) x/g)].map(([, at]) => at);
  expect(warnings).toEqual(said);
  // Of progress only the newest of each time that was left.
  expect(heard.match(/"progress"/g)?.length).toBeLessThan(5000);
});

test('no more is read from a host than the page takes', async () => {
  const { reach, socket } = await bare();
  const { page, end } = await through(reach);
  page.pause();
  const host = await socket;
  const line = `${'x'.repeat(64 * 1024)}\n`;
  let written = 0;
  const fill = (): void => {
    while (written < 4000 && host.write(line)) written++;
  };
  host.on('drain', fill);
  fill();
  await vi.waitFor(async () => {
    const before = host.bytesWritten - host.writableLength;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(host.bytesWritten - host.writableLength).toBe(before);
  }, PATIENCE);
  // Of 250 MB what the system's buffers hold.
  expect(written).toBeLessThan(1000);
  expect(end.bufferedAmount).toBeLessThan(2 ** 20);
  let taken = 0;
  page.on('message', () => taken++);
  page.resume();
  await vi.waitFor(() => expect(written).toBe(4000), PATIENCE);
  host.removeListener('drain', fill);
  await vi.waitFor(() => expect(taken).toBeGreaterThanOrEqual(4000), PATIENCE);
});

test('no more is read from a page than the host takes', async () => {
  const { reach, socket } = await bare();
  const { page, end } = await through(reach);
  const host = await socket;
  host.pause();
  const line = 'x'.repeat(1024 * 1024);
  for (let at = 0; at < 100; at++) page.send(line);
  await vi.waitFor(() => expect(end.isPaused).toBe(true), PATIENCE);
  await vi.waitFor(async () => {
    const before = page.bufferedAmount;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(page.bufferedAmount).toBe(before);
  }, PATIENCE);
  expect(page.bufferedAmount).toBeGreaterThan(50 * 2 ** 20);
  let bytes = 0;
  host.on('data', (chunk: Buffer) => (bytes += chunk.length));
  host.resume();
  await vi.waitFor(() => expect(bytes).toBe(100 * (line.length + 1)), PATIENCE);
});

test('what comes after a message that is refused does not reach the host', async () => {
  const { reach, socket } = await bare();
  const { page } = await through(reach);
  let heard = '';
  const host = await socket;
  host.on('data', (chunk: Buffer) => (heard += chunk.toString()));
  const ended = new Promise((resolve) => host.on('close', resolve));
  page.send(hello);
  page.send(Buffer.from('of bytes'));
  page.send('{"after":1}');
  await ended;
  expect(heard).not.toContain('after');
});

test('a host whose line never ends is cut off, with a reason', async () => {
  const { reach, socket } = await bare();
  const { page } = await through(reach);
  let heard = '';
  page.on('message', (data: Buffer) => (heard += data.toString()));
  const host = await socket;
  const cut = new Promise((resolve) => host.on('close', resolve));
  host.write(Buffer.alloc(LONGEST_FRAME + 2, 97));
  await cut;
  await vi.waitFor(() => expect(heard).toMatch(/"refused".*longer than/), 20_000);
});
