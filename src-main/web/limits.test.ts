import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import type * as Fs from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { serveWeb, type WebOptions, type WebServer } from './server.ts';
import { uploadsFolder } from './upload.ts';

// What those may take of the server who send too much, too slowly, or nothing.

const disk = vi.hoisted(() => ({ free: Infinity, full: false }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof Fs>();
  return {
    ...fs,
    statfsSync: () => ({ bavail: disk.free, bsize: 1 }),
    createWriteStream: ((...given) => {
      const file = fs.createWriteStream(...given);
      if (!disk.full) return file;
      file.destroy();
      const write = (_part: unknown, _code: unknown, done: (error: Error) => void): void =>
        done(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));
      return new Writable({ write });
    }) as typeof fs.createWriteStream,
  };
});
beforeEach(() => void Object.assign(disk, { free: 2 ** 40, full: false }));

interface Site {
  readonly server: WebServer;
  readonly library: string;
  readonly cookie: string;
}

async function site(limits: WebOptions['limits'] = {}): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'swamp-limits-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [library, pages] = [join(folder, 'library'), join(folder, 'pages')];
  for (const each of [library, pages]) mkdirSync(each);
  const server = await serveWeb({
    ...{ port: 0, otherPort: false, library, pages, limits },
    connect: () => Promise.reject(new Error('no host is needed')),
  });
  onTestFinished(() => server.close());
  const cookie = (await fetch(server.invite())).headers.get('set-cookie')?.split(';')[0] ?? '';
  return { server, library, cookie };
}

/** A connection on which a test writes what it likes. */
class Sender {
  heard = '';
  readonly socket: Socket;
  readonly closed: Promise<void>;

  constructor({ server }: Site) {
    this.socket = connect(server.port, '127.0.0.1');
    this.socket.on('data', (part: Buffer) => (this.heard += part.toString()));
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => this.socket.on('close', () => resolve()));
    onTestFinished(() => void this.socket.destroy());
  }

  say(...lines: string[]): void {
    this.socket.write(lines.map((line) => `${line}\r\n`).join(''));
  }

  /** Announces a file. */
  announce({ server, cookie }: Site, bytes: number, name = 'a.swamp'): void {
    const origin = `http://127.0.0.1:${server.port}`;
    this.say(`POST /upload?name=${name} HTTP/1.1`, `Host: 127.0.0.1:${server.port}`, `Cookie: ${cookie}`);
    this.say(`Origin: ${origin}`, `Content-Length: ${bytes}`, '');
  }

  /** Sends bytes for as long as it is let. @returns how many the system took. */
  async pour(most: number): Promise<number> {
    const part = Buffer.alloc(256 * 1024, 97);
    while (!this.socket.destroyed && this.socket.bytesWritten < most)
      if (!this.socket.write(part))
        await Promise.race([this.closed, new Promise((resolve) => this.socket.once('drain', resolve))]);
    return this.socket.bytesWritten;
  }
}

const kept = ({ library }: Site): string[] =>
  existsSync(uploadsFolder(library)) ? readdirSync(uploadsFolder(library)) : [];

describe('whoever has not said what they want is not waited for', () => {
  test.each([
    ['nothing', () => undefined],
    ['half of a line', (sender: Sender) => sender.say('GET / HTTP/1.1', 'Host: localh')],
    [
      'a header now and then',
      (sender: Sender) => {
        sender.say('GET / HTTP/1.1', 'Host: localhost');
        const timer = setInterval(() => sender.say('X-More: of this'), 30);
        onTestFinished(() => clearInterval(timer));
      },
    ],
  ])('who says %s', async (_, speak) => {
    const sender = new Sender(await site({ headersMs: 300 }));
    const started = performance.now();
    speak(sender);
    await sender.closed;
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(sender.heard).not.toContain('200');
  });
});

describe('what is refused is not read', () => {
  test.each([
    ['too large a file', 413, { bytes: 64 * 2 ** 30 }],
    ['more than the disk has room for', 507, { bytes: 2 ** 30, free: 2 ** 20 }],
    ['a file of another kind', 400, { bytes: 2 ** 30, name: 'a.exe' }],
  ])('%s', async (_, status, { bytes, free, name }: { bytes: number; free?: number; name?: string }) => {
    const place = await site();
    disk.free = free ?? disk.free;
    const sender = new Sender(place);
    sender.announce(place, bytes, name);
    const poured = await sender.pour(256 * 2 ** 20);
    await sender.closed;
    expect(sender.heard).toMatch(new RegExp(`^HTTP/1.1 ${status} .*connection: close`, 'is'));
    // What the system's buffers took, not what was meant to come.
    expect(poured).toBeLessThan(64 * 2 ** 20);
    expect(kept(place)).toEqual([]);
  });

  test.each(['GET', 'POST', 'PUT'])('what comes with %s of a page', async (method) => {
    const place = await site();
    const sender = new Sender(place);
    sender.say(`${method} / HTTP/1.1`, 'Host: localhost', `Cookie: ${place.cookie}`);
    sender.say('Transfer-Encoding: chunked', '', '5', 'hello');
    await sender.closed;
    expect(sender.heard).toMatch(/^HTTP\/1.1 4(05|13) /);
  });
});

describe('a file on its way', () => {
  test('of which nothing comes is given up, and nothing of it stays', async () => {
    const place = await site({ silentMs: 150 });
    const sender = new Sender(place);
    sender.announce(place, 100);
    sender.socket.write('some');
    await sender.closed;
    await vi.waitFor(() => expect(kept(place)).toEqual([]), 20_000);
  });

  test('of which a byte comes now and then is given up as well', async () => {
    const place = await site({ silentMs: 200, slowest: 100_000 });
    const sender = new Sender(place);
    sender.announce(place, 10_000);
    const timer = setInterval(() => sender.socket.write('x'), 20);
    onTestFinished(() => clearInterval(timer));
    await sender.closed;
    await vi.waitFor(() => expect(kept(place)).toEqual([]), 20_000);
  });

  test('counts for the next one: together they do not fill the disk', async () => {
    const place = await site();
    disk.free = 10_000_000;
    const [first, second, third] = [new Sender(place), new Sender(place), new Sender(place)];
    first.announce(place, 6_000_000);
    await vi.waitFor(() => expect(kept(place)).toHaveLength(1), 20_000);
    second.announce(place, 6_000_000);
    await vi.waitFor(() => expect(second.heard).toContain('507'), 20_000);
    // One that gives up gives its room back.
    first.socket.destroy();
    await vi.waitFor(() => expect(kept(place)).toEqual([]), 20_000);
    third.announce(place, 6_000_000);
    third.socket.write(Buffer.alloc(6_000_000));
    await vi.waitFor(() => expect(third.heard).toContain('200'), 20_000);
  });

  test('for which the disk has no room after all is told so', async () => {
    const place = await site();
    disk.full = true;
    const sender = new Sender(place);
    sender.announce(place, 50 * 2 ** 20);
    await sender.pour(50 * 2 ** 20);
    await sender.closed;
    expect(sender.heard).toMatch(/^HTTP\/1.1 507 .*Free some space/s);
    expect(kept(place)).toEqual([]);
  });

  test('ends with serving, which it does not hold up, and leaves nothing', async () => {
    const place = await site();
    const sender = new Sender(place);
    sender.announce(place, 2 ** 30);
    sender.socket.write('some');
    await vi.waitFor(() => expect(kept(place)).toHaveLength(1), 20_000);
    const started = performance.now();
    await place.server.close();
    expect(performance.now() - started).toBeLessThan(15_000);
    await sender.closed;
    expect(existsSync(uploadsFolder(place.library))).toBe(false);
  });
});
