import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Client, HostClient, Method } from '../contract/api/index.ts';
import { ConfigError, LibraryError } from '../contract/errors.ts';
import { LONGEST_FRAME, PROTOCOL } from '../contract/names.ts';
import type { ExperimentId, JobKey } from '../contract/ids.ts';
import type { RunEvent } from '../contract/progress.ts';
import { requireOwn, socketAddress } from './address.ts';
import { attach, type SocketClient } from './client.ts';
import { serve, type SocketServer } from './server.ts';

const experiment = 'demo-3f9a' as ExperimentId;
const where = { arm: 'imp', seed: 1, round: 0, rounds: 2, index: 0 };
const info = { pid: 7, app: '1.0.0', library: '/l', since: '2026-01-01T00:00:00Z', queue: [] };

const warning = (message: string): RunEvent => ({ type: 'warning', where, message });
const progress = (iteration: number): RunEvent => ({
  type: 'progress',
  where,
  progress: { key: 'a' as JobKey, iteration, iterations: 1e6 },
});

/** A host without a library: answers what a test says, and tells what it is told to tell. */
class FakeHost implements HostClient {
  answer: (method: Method, input: unknown, signal?: AbortSignal) => unknown = () => info;
  handlers: ((event: RunEvent) => void)[] = [];
  unlistened = 0;

  call: Client['call'] = async (method, input, signal) => (await this.answer(method, input, signal)) as never;

  callText: HostClient['callText'] = async (method, input, signal) =>
    JSON.stringify(await this.answer(method, input, signal));

  listen: Client['listen'] = (_event, filter, handler) => {
    const { experiment: wanted } = filter as { experiment: ExperimentId };
    this.handlers.push((event) => (handler as (payload: unknown) => void)({ experiment: wanted, event }));
    return () => (this.unlistened += 1);
  };

  tell(event: RunEvent): void {
    for (const handler of this.handlers) handler(event);
  }
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'swamp-socket-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function served(): Promise<{ host: FakeHost; server: SocketServer }> {
  const host = new FakeHost();
  const server = await serve(host, { library: folder(), app: '1.0.0' });
  onTestFinished(() => server.close());
  return { host, server };
}

async function pair(): Promise<{ host: FakeHost; server: SocketServer; client: SocketClient }> {
  const { host, server } = await served();
  const client = await attach(server.address, '1.0.0');
  onTestFinished(() => client.close());
  return { host, server, client };
}

/** What a connection that does not follow the protocol hears. */
async function raw(server: SocketServer, ...lines: (string | Buffer)[]): Promise<string> {
  const socket: Socket = connect(server.address);
  let heard = '';
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
  socket.on('error', () => undefined);
  for (const line of lines) socket.write(line);
  await new Promise((resolve) => socket.on('close', resolve));
  return heard;
}

const hello = (protocol: number): string => `${JSON.stringify({ type: 'hello', protocol, app: '0.0.1' })}\n`;

describe('calls', () => {
  test('are answered, many at a time', async () => {
    const { host, client } = await pair();
    host.answer = async (_method, input) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return { state: 'paused', ...(input as object) };
    };
    const ids = Array.from({ length: 50 }, (_, at) => `x-${at}` as ExperimentId);
    const answers = await Promise.all(ids.map((id) => client.call('experiments.pause', { experiment: id })));
    expect(answers).toEqual(ids.map(() => ({ state: 'paused' })));
  });

  test('errors arrive as what they were', async () => {
    const { host, client } = await pair();
    for (const error of [new ConfigError('wrong', 'mend it'), new LibraryError('full', 'free some')]) {
      host.answer = () => Promise.reject(error);
      const caught: unknown = await client.call('host.info', {}).catch((thrown: unknown) => thrown);
      expect(caught).toBeInstanceOf(error.constructor);
      const { message, hint, exitCode } = error;
      expect(caught).toMatchObject({ message, hint, exitCode });
    }
    host.answer = () => Promise.reject(new TypeError('our fault'));
    await expect(client.call('host.info', {})).rejects.toMatchObject({
      name: 'TypeError',
      message: 'our fault',
    });
  });

  test('that nobody waits for are told to the host', async () => {
    const { host, client } = await pair();
    const told = Promise.withResolvers<void>();
    host.answer = (_method, _input, signal) =>
      new Promise(() => signal?.addEventListener('abort', () => told.resolve()));
    const controller = new AbortController();
    const call = client.call('host.info', {}, controller.signal);
    setTimeout(() => controller.abort(), 10);
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    await told.promise;
  });

  test('an answer that is none is refused, and so is an unknown method', async () => {
    const { host, client } = await pair();
    host.answer = () => ({ pid: 'seven' });
    await expect(client.call('host.info', {})).rejects.toThrow(/answer to host.info cannot be read/);
    await expect(client.call('constructor' as Method, {})).rejects.toThrow(/no method "constructor"/);
  });

  test('answers of many megabytes arrive whole', async () => {
    const { host, client } = await pair();
    const app = 'ü'.repeat(7e6);
    host.answer = () => ({ ...info, app });
    expect((await client.call('host.info', {})).app === app).toBe(true);
  });

  test('an answer that is too long is an error for who asked, and nothing told before it is lost', async () => {
    const { host, client } = await pair();
    const heard: string[] = [];
    client.listen('run', { experiment }, ({ event }) =>
      heard.push(event.type === 'warning' ? event.message : ''),
    );
    await client.call('host.info', {});
    host.answer = () => {
      host.tell(warning('before'));
      return { ...info, app: 'x'.repeat(LONGEST_FRAME) };
    };
    await expect(client.call('host.info', {})).rejects.toThrow(/too long for one frame/);
    expect(heard).toEqual(['before']);
    host.answer = () => info;
    expect(await client.call('host.info', {})).toEqual(info);
  });

  test('of a client that does not take the answers are not read, until it does', async () => {
    const { host, server } = await served();
    let asked = 0;
    host.answer = () => {
      asked++;
      return 'x'.repeat(LONGEST_FRAME / 2);
    };
    const socket = connect(server.address);
    onTestFinished(() => void socket.destroy());
    // The hello is one line, too.
    let answered = -1;
    socket.on('data', (chunk: Buffer) => (answered += chunk.toString('latin1').split('\n').length - 1));
    socket.pause();
    socket.write(`${JSON.stringify({ type: 'hello', protocol: PROTOCOL, app: 'test' })}\n`);
    // Long enough that they do not come all at once.
    const input = 'y'.repeat(64 * 1024);
    for (let id = 0; id < 16; id++)
      socket.write(`${JSON.stringify({ type: 'call', id, method: 'host.info', input })}\n`);
    await vi.waitFor(async () => {
      expect(asked).toBeGreaterThan(0);
      const before = asked;
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(asked).toBe(before);
    }, 20_000);
    expect(asked).toBeLessThan(12);
    socket.resume();
    await vi.waitFor(() => expect([asked, answered]).toEqual([16, 16]), { timeout: 20_000 });
  });

  test('under way when the host ends are over', async () => {
    const { host, server, client } = await pair();
    host.answer = () => new Promise(() => undefined);
    const call = client.call('host.info', {});
    const caught = expect(call).rejects.toThrow(/connection to the host is lost/);
    await server.close();
    await caught;
    expect(await client.closed).toBeInstanceOf(LibraryError);
    await expect(client.call('host.info', {})).rejects.toThrow();
  });
});

describe('events', () => {
  test('come in order, and before the answer to a later call', async () => {
    const { host, client } = await pair();
    const heard: string[] = [];
    client.listen('run', { experiment }, ({ event }) =>
      heard.push(event.type === 'warning' ? event.message : ''),
    );
    await client.call('host.info', {});
    for (let at = 0; at < 100; at++) host.tell(warning(String(at)));
    await client.call('host.info', {});
    expect(heard).toEqual(Array.from({ length: 100 }, (_, at) => String(at)));
  });

  test('end when they are no longer listened to, and with the connection', async () => {
    const { host, client } = await pair();
    client.listen('run', { experiment }, () => undefined)();
    client.listen('run', { experiment }, () => undefined);
    await client.call('host.info', {});
    expect(host.unlistened).toBe(1);
    client.close();
    await vi.waitFor(() => expect(host.unlistened).toBe(2), 20_000);
  });

  test('of one kind replace each other for a slow reader; what counts once is not lost', async () => {
    const { host, server } = await served();
    const socket = connect(server.address);
    onTestFinished(() => void socket.destroy());
    socket.write(hello(PROTOCOL));
    socket.write(`${JSON.stringify({ type: 'listen', id: 1, event: 'run', filter: { experiment } })}\n`);
    await vi.waitFor(() => expect(host.handlers).toHaveLength(1), 20_000);
    socket.pause();
    const text = 'x'.repeat(2000);
    const started = performance.now();
    for (let at = 0; at < 2000; at++) {
      for (let step = 0; step < 100; step++) host.tell(progress(at * 100 + step));
      if (at % 4 === 0) host.tell(warning(`${at} ${text}`));
      if (at % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    // 200,000 events for somebody who does not read cost no time.
    expect(performance.now() - started).toBeLessThan(20_000);
    let heard = '';
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    socket.resume();
    await vi.waitFor(() => expect(heard).toContain('"iteration":199999'), 20_000);
    const events = heard
      .split('\n')
      .slice(1, -1)
      .map((line) => (JSON.parse(line) as { payload: { event: RunEvent } }).payload.event);
    const warnings = events.flatMap((event) =>
      event.type === 'warning' ? [Number.parseInt(event.message)] : [],
    );
    expect(warnings).toEqual(Array.from({ length: 500 }, (_, at) => at * 4));
    const iterations = events.flatMap((event) =>
      event.type === 'progress' ? [event.progress.iteration] : [],
    );
    expect(iterations.length).toBeLessThan(1000);
    expect(iterations).toEqual(iterations.toSorted((a, b) => a - b));
  });
});

describe('whoever does not follow the protocol is refused', () => {
  test('another version', async () => {
    const { server } = await served();
    const heard = await raw(server, hello(PROTOCOL + 1));
    expect(heard).toContain(`"protocol":${PROTOCOL}`);
    expect(heard).toMatch(/"type":"refused".*version 2 \(0\.0\.1\)/);
  });

  test.each([
    ['no hello', '{"type":"call","id":0,"method":"host.info","input":{}}\n'],
    ['no JSON', 'GET / HTTP/1.1\n'],
    ['no frame', '{"type":"nonsense"}\n'],
    ['a frame that never ends', Buffer.alloc(LONGEST_FRAME + 2, 97)],
  ])('%s', async (_, line) => {
    const { server } = await served();
    expect(await raw(server, line)).toContain('"type":"refused"');
    await expect.poll(() => server.clients).toBe(0);
  });
});

describe('what comes after a refusal is not read', () => {
  const call = `${JSON.stringify({ type: 'call', id: 1, method: 'host.info', input: {} })}\n`;

  test.each([
    ['in the same piece', `${hello(PROTOCOL)}nonsense\n${call}`, ''],
    ['in a later one', `${hello(PROTOCOL)}nonsense\n`, call],
    ['after another version', `${hello(PROTOCOL)}${hello(PROTOCOL + 1)}${call}`, call],
  ])('%s, and the connection ends though the other side keeps it open', async (_, first, later) => {
    const { host, server } = await served();
    let asked = 0;
    host.answer = () => (asked++, info);
    const socket = connect({ path: server.address, allowHalfOpen: true });
    onTestFinished(() => void socket.destroy());
    let heard = '';
    const ended = new Promise((resolve) => socket.on('end', resolve));
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    socket.write(first);
    await ended;
    // It is told once, and goes on sending until it is cut off.
    const sending = setInterval(() => socket.write(later || call), 20);
    onTestFinished(() => clearInterval(sending));
    await closed;
    expect(heard.match(/"refused"/g)).toHaveLength(1);
    expect(asked).toBe(0);
    await expect.poll(() => server.clients).toBe(0);
  });
});

describe('the address', () => {
  test('is short and in a folder of this user alone, however long the path of the library', () => {
    const address = socketAddress(folder(), { XDG_RUNTIME_DIR: `/tmp/${'long/'.repeat(30)}` });
    expect(Buffer.byteLength(address)).toBeLessThan(104);
    expect(statSync(dirname(address)).mode & 0o777).toBe(0o700);
    const other = socketAddress(folder(), {});
    expect(other).not.toBe(address);
  });

  test('a folder that others may enter is not trusted', async () => {
    const open = join(folder(), 'open');
    const address = socketAddress(folder(), { XDG_RUNTIME_DIR: open });
    chmodSync(dirname(address), 0o755);
    expect(() => requireOwn(address)).toThrow(/not a folder that only you may enter/);
    await expect(attach(address, '1.0.0')).rejects.toThrow(LibraryError);
    expect(socketAddress(folder(), { XDG_RUNTIME_DIR: open })).not.toContain(open);
  });

  test('where nobody listens is told', async () => {
    await expect(attach(socketAddress(folder()), '1.0.0')).rejects.toThrow(/does not answer/);
  });
});
