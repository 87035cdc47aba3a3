import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { LONGEST_FRAME } from '../contract/names.ts';
import type { LinkState } from '../contract/shell.ts';
import { Link } from './link.ts';
import { Outgoing } from './outgoing.ts';

const hello = '{"type":"hello"}';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'swamp-link-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

describe('the link', () => {
  /** A host that only has connections. */
  async function pair(): Promise<{
    link: Link;
    states: LinkState[];
    given: (readonly string[])[];
    sockets: Socket[];
    heard: () => string;
    starts: () => number;
  }> {
    const socket = join(folder(), 'host.sock');
    const sockets: Socket[] = [];
    let heard = '';
    const server = createServer((each) => {
      sockets.push(each);
      each.on('data', (chunk: Buffer) => (heard += chunk.toString()));
      each.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    onTestFinished(() => {
      link.end();
      for (const each of sockets) each.destroy();
      server.close();
    });
    const states: LinkState[] = [];
    const given: (readonly string[])[] = [];
    let starts = 0;
    const link = new Link({
      start: () => {
        starts++;
        return Promise.resolve({ pid: 1, socket });
      },
      tell: (state) => states.push(state),
      give: (lines) => given.push(lines),
    });
    link.begin();
    await vi.waitFor(() => expect(states.at(-1)?.state).toBe('connected'), 20_000);
    await vi.waitFor(() => expect(sockets).toHaveLength(1), 20_000);
    return { link, states, given, sockets, heard: () => heard, starts: () => starts };
  }

  test('carries lines both ways, and refuses what is none', async () => {
    const { link, given, sockets, heard } = await pair();
    const taken = vi.fn();
    link.send(hello, taken);
    link.send('{"a":1}', taken);
    await vi.waitFor(() => expect(heard()).toBe(`${hello}\n{"a":1}\n`), 20_000);
    for (const bad of [1, null, {}, 'two\nlines']) expect(() => link.send(bad, taken)).toThrow(/one line/);
    expect(taken).toHaveBeenCalledTimes(6);
    sockets[0]?.write('{"b":1}\n{"c"');
    sockets[0]?.write(':2}\n');
    await vi.waitFor(() => expect(given.flat()).toEqual(['{"b":1}', '{"c":2}']), 20_000);
  });

  test('does not read more from the host than the page takes', async () => {
    const { link, given, sockets } = await pair();
    const [socket] = sockets;
    const line = `${'x'.repeat(64 * 1024)}\n`;
    for (let at = 0; at < 400; at++) socket?.write(line);
    await vi.waitFor(() => expect(given.length).toBeGreaterThan(0), 20_000);
    await vi.waitFor(() => {
      const before = given.length;
      return new Promise((resolve) => setTimeout(resolve, 50)).then(() => expect(given.length).toBe(before));
    }, 20_000);
    expect(given.flat().length).toBeLessThan(100);
    let taken = 0;
    await vi.waitFor(
      () => {
        while (taken < given.length) {
          link.took();
          taken++;
        }
        expect(given.flat()).toHaveLength(400);
      },
      { timeout: 20_000, interval: 1 },
    );
  });

  test('is made again when the host ends, and given up when that goes on', async () => {
    const { link, states, sockets, starts } = await pair();
    for (let loss = 1; loss <= 5; loss++) {
      await vi.waitFor(() => expect(sockets).toHaveLength(loss), 20_000);
      sockets[loss - 1]?.destroy();
    }
    await vi.waitFor(() => expect(states.at(-1)?.state).toBe('failed'), 20_000);
    expect(states.at(-1)?.message).toContain('5 times within a minute');
    expect(starts()).toBe(5);
    link.retry();
    await vi.waitFor(() => expect(states.at(-1)?.state).toBe('connected'), 20_000);
  });

  test('of a page that is gone is over', async () => {
    const { link, given, sockets, states } = await pair();
    link.begin();
    await vi.waitFor(() => expect(sockets).toHaveLength(2), 20_000);
    sockets[0]?.write('{"old":1}\n');
    sockets[1]?.write('{"new":1}\n');
    await vi.waitFor(() => expect(given.flat()).toEqual(['{"new":1}']), 20_000);
    expect(states.filter(({ state }) => state === 'lost')).toEqual([]);
  });

  test('sends nothing to a host that has not been greeted: it was meant for another', async () => {
    const { link, sockets, heard } = await pair();
    link.send(hello, () => undefined);
    await vi.waitFor(() => expect(heard()).toContain('hello'), 20_000);
    sockets[0]?.destroy();
    await vi.waitFor(() => expect(sockets).toHaveLength(2), 20_000);
    const taken = vi.fn();
    link.send('{"late":1}', taken);
    link.send(hello, taken);
    link.send('{"new":1}', taken);
    await vi.waitFor(() => expect(heard()).toContain('new'), 20_000);
    expect(heard()).not.toContain('late');
    expect(taken).toHaveBeenCalledTimes(3);
  });

  test('tells what a host that takes nothing has not taken, and cuts off who sends on and on', async () => {
    const { link, sockets, states } = await pair();
    link.send(hello, () => undefined);
    sockets[0]?.pause();
    const taken = vi.fn();
    const line = 'x'.repeat(LONGEST_FRAME / 2);
    link.send(line, taken);
    link.send(line, taken);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(taken).not.toHaveBeenCalled();
    for (let at = 0; at < 8; at++) link.send(line, taken);
    await vi.waitFor(() => expect(states.at(-2)?.message).toMatch(/takes nothing/), 20_000);
    expect(taken).toHaveBeenCalledTimes(10);
    await vi.waitFor(() => expect(states.at(-1)?.state).toBe('connected'), 20_000);
  });

  test('a host whose line never ends is one that is lost', async () => {
    const { states, sockets } = await pair();
    sockets[0]?.write(Buffer.alloc(LONGEST_FRAME + 2, 97));
    await vi.waitFor(
      () => expect(states.some(({ message }) => /longer than/.test(message))).toBe(true),
      20_000,
    );
    await vi.waitFor(() => expect(states.at(-1)?.state).toBe('connected'), 20_000);
  });
});

describe('what the page sends', () => {
  const line = 'x'.repeat(200 * 1024);

  test('waits in the page while the host takes nothing, and goes in its order when it does', () => {
    const sent: string[] = [];
    const outgoing = new Outgoing((each) => sent.push(each));
    const lines = Array.from({ length: 20 }, (_, at) => `${at}${line}`);
    for (const each of lines) outgoing.add(each);
    expect(sent.length).toBeLessThan(5);
    for (let at = 0; at < 20; at++) outgoing.taken();
    expect(sent).toEqual(lines);
  });

  test('is forgotten with the connection it was meant for', () => {
    const sent: string[] = [];
    const outgoing = new Outgoing((each) => sent.push(each));
    for (let at = 0; at < 20; at++) outgoing.add(line);
    outgoing.forget();
    for (let at = 0; at < 20; at++) outgoing.taken();
    outgoing.add(hello);
    expect(sent.length).toBeLessThan(6);
    expect(sent.at(-1)).toBe(hello);
  });
});
