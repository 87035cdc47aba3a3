import { expect, test } from 'vitest';
import type { FromHost, ToHost } from '../src-main/contract/frames.ts';
import { LONGEST_FRAME, PROTOCOL } from '../src-main/contract/names.ts';
import { ConnectionLost, HostError, WireClient } from './client.ts';
import type { Wire } from './wires.ts';

const app = 'test';
const hello = { type: 'hello', protocol: PROTOCOL, app } as const;

/** A wire whose other end is the test. */
class FakeWire implements Wire {
  sent: ToHost[] = [];
  open = (): void => undefined;
  take = (_frame: FromHost): void => undefined;
  close = (): void => undefined;

  send(line: string): void {
    this.sent.push(JSON.parse(line) as ToHost);
  }
  onOpen(handler: () => void): void {
    this.open = handler;
  }
  onFrame(handler: (frame: FromHost) => void): void {
    this.take = handler;
  }
  onClose(handler: () => void): void {
    this.close = handler;
  }

  connect(): void {
    this.sent = [];
    this.open();
    this.take(hello);
  }
  types(): string[] {
    return this.sent.map(({ type }) => type);
  }
}

function made(): { wire: FakeWire; client: WireClient } {
  const wire = new FakeWire();
  return { wire, client: new WireClient(wire, app) };
}

test('a call that no wire would carry is refused, and the next one goes', async () => {
  const { wire, client } = made();
  wire.connect();
  const long = client.call('files.save', { out: 'picture.png', bytes: 'x'.repeat(LONGEST_FRAME) });
  await expect(long).rejects.toThrow(/16 MB/);
  void client.call('host.info', {});
  expect(wire.types()).toEqual(['hello', 'call']);
});

test('a call under way is lost with the connection; one made meanwhile waits until it is back, and is sent once', async () => {
  const { wire, client } = made();
  wire.connect();
  const underWay = client.call('host.info', {});
  wire.close();
  await expect(underWay).rejects.toThrow(ConnectionLost);
  const waits = client.call('host.engine', {});
  // Tries that come to nothing.
  wire.close();
  wire.close();
  wire.connect();
  expect(wire.types()).toEqual(['hello', 'call']);
  const [, call] = wire.sent;
  if (call?.type !== 'call') throw new Error('no call');
  wire.take({ type: 'result', id: call.id, output: { state: 'missing' } });
  expect(await waits).toEqual({ state: 'missing' });
  wire.close();
  wire.connect();
  expect(wire.types()).toEqual(['hello']);
});

test('a call that is given up before it was sent is never sent', async () => {
  const { wire, client } = made();
  const controller = new AbortController();
  const call = client.call('host.info', {}, controller.signal);
  controller.abort();
  await expect(call).rejects.toThrow('No longer wanted');
  wire.connect();
  expect(wire.types()).toEqual(['hello']);
});

test('what a host refuses is told, and not sent to the next', async () => {
  const { wire, client } = made();
  const call = client.call('host.info', {});
  wire.open();
  const error = { name: 'ConfigError', message: 'another version', hint: 'Update.', exitCode: 2 as const };
  wire.take({ type: 'refused', error });
  await expect(call).rejects.toThrow(HostError);
  expect(client.connection).toBe('refused');
  wire.close();
  wire.connect();
  expect(wire.types()).toEqual(['hello']);
});

test('what is listened to is asked for again when the connection is back', () => {
  const { wire, client } = made();
  wire.connect();
  const heard: unknown[] = [];
  const end = client.listen('changes', {}, (payload) => heard.push(payload));
  wire.close();
  wire.connect();
  const listen = wire.sent.find(({ type }) => type === 'listen');
  if (listen?.type !== 'listen') throw new Error('not listened');
  const payload = { experiments: [], queue: [] };
  wire.take({ type: 'event', id: listen.id, payload });
  expect(heard).toEqual([payload]);
  end();
  wire.close();
  wire.connect();
  expect(wire.types()).toEqual(['hello']);
});
