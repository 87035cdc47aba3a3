import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { events, methods, type EventName, type HostClient, type Method } from '../contract/api/index.ts';
import { toErrorData } from '../contract/error-data.ts';
import { ClientGone, ConfigError, LibraryError } from '../contract/errors.ts';
import { ToHost, type FromHost } from '../contract/frames.ts';
import { LONGEST_FRAME, PROTOCOL } from '../contract/names.ts';
import { socketAddress } from './address.ts';
import { Lines } from './lines.ts';
import { Outbox, type ResultText } from './outbox.ts';

/** Calls of one connection that may be under way at a time. */
const MOST_CALLS = 256;
/** Bytes of answers that a client has not taken; above, it is not read from until it has. */
const MOST_UNTAKEN = 2 * LONGEST_FRAME;
/** A connection must say hello within this. */
const HELLO_MS = 10_000;
/** One that was refused has so long to read why. */
const PARTING_MS = 1000;

export interface SocketServer {
  /** Where it listens. */
  readonly address: string;
  /** Connections that have said hello. */
  readonly clients: number;
  /** Tells whenever one comes or goes. */
  onClients: () => void;
  close(): Promise<void>;
}

/**
 * Lets others attach to a host: opens the socket of its library and passes on calls and events. The caller holds the
 * library, so a socket that lies there is one that a dead host left.
 * @throws LibraryError where the socket cannot be opened.
 */
export async function serve(
  host: HostClient,
  { library, app }: { library: string; app: string },
): Promise<SocketServer> {
  const address = socketAddress(library);
  if (process.platform !== 'win32') rmSync(address, { force: true });
  const connections = new Set<Connection>();
  const changed = (): void => result.onClients();
  const server = createServer((socket) => {
    const connection = new Connection(socket, host, app, changed);
    connections.add(connection);
    socket.on('close', () => {
      connections.delete(connection);
      changed();
    });
  });
  const result: SocketServer = {
    address,
    get clients() {
      return [...connections].filter(({ greeted }) => greeted).length;
    },
    onClients: () => undefined,
    close: async () => {
      for (const connection of connections) connection.end();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        // Whoever does not read to the end is not waited for.
        setTimeout(() => {
          for (const connection of connections) connection.destroy();
        }, 500).unref();
      });
    },
  };
  await listening(server, address);
  return result;
}

function listening(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new LibraryError(
          `the host's socket ${address} cannot be opened: ${cause.message}`,
          'Check that you may write to its folder, or set XDG_RUNTIME_DIR to another.',
          { cause },
        ),
      ),
    );
    server.listen(address, resolve);
  });
}

/** One client. */
class Connection {
  greeted = false;
  /** It did not follow the protocol: whatever else it sends is not read. */
  #refused = false;
  readonly #socket: Socket;
  readonly #host: HostClient;
  readonly #app: string;
  readonly #outbox: Outbox;
  readonly #changed: () => void;
  readonly #lines = new Lines();
  readonly #calls = new Map<number, AbortController>();
  readonly #listening = new Map<number, () => void>();

  constructor(socket: Socket, host: HostClient, app: string, changed: () => void) {
    this.#socket = socket;
    this.#host = host;
    this.#app = app;
    this.#changed = changed;
    this.#outbox = new Outbox(socket);
    const timer = setTimeout(() => {
      if (!this.greeted) socket.destroy();
    }, HELLO_MS);
    socket.on('data', (chunk) => {
      if (!this.#refused) this.#receive(chunk);
    });
    socket.on('drain', () => socket.resume());
    // A client that dies is no error of ours; `close` follows.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      for (const call of this.#calls.values()) call.abort(new ClientGone());
      for (const end of this.#listening.values()) end();
    });
    this.#outbox.answer({ type: 'hello', protocol: PROTOCOL, app });
  }

  end(): void {
    this.#outbox.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    try {
      for (const line of this.#lines.add(chunk)) {
        this.#take(ToHost.parse(JSON.parse(line)));
        if (this.#refused) return;
      }
    } catch (error) {
      this.#refuse(`the message cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #refuse(why: string): void {
    const error = new ConfigError(why, 'Use the same version of Swamp Studio for both.');
    this.#refused = true;
    this.#outbox.answer({ type: 'refused', error: toErrorData(error) });
    this.#outbox.end();
    // One that keeps its end open is not waited for.
    setTimeout(() => this.#socket.destroy(), PARTING_MS).unref();
  }

  #take(frame: ToHost): void {
    if (frame.type === 'hello') {
      if (frame.protocol !== PROTOCOL) {
        this.#refuse(
          `the host speaks version ${PROTOCOL} of the protocol (Swamp Studio ${this.#app}), this program version ${frame.protocol} (${frame.app})`,
        );
      } else {
        this.greeted = true;
        this.#changed();
      }
      return;
    }
    if (!this.greeted) throw new Error('no hello came first');
    switch (frame.type) {
      case 'call':
        void this.#call(frame.id, frame.method, frame.input);
        break;
      case 'cancel':
        this.#calls.get(frame.id)?.abort();
        break;
      case 'listen':
        this.#listen(frame.id, frame.event, frame.filter);
        break;
      case 'unlisten':
        this.#listening.get(frame.id)?.();
        this.#listening.delete(frame.id);
        break;
    }
  }

  async #call(id: number, method: string, input: unknown): Promise<void> {
    const controller = new AbortController();
    let answer: FromHost | ResultText;
    try {
      if (!Object.hasOwn(methods, method)) throw unknown('method', method);
      if (this.#calls.has(id) || this.#calls.size >= MOST_CALLS)
        throw new ConfigError('too many calls at a time', '');
      this.#calls.set(id, controller);
      // Whoever does the method checks the input.
      const text = await this.#host.callText(method as Method, input as never, controller.signal);
      answer = { type: 'text', id, text };
    } catch (error) {
      answer = { type: 'error', id, error: toErrorData(error) };
    }
    if (this.#calls.get(id) === controller) this.#calls.delete(id);
    try {
      this.#outbox.answer(answer);
    } catch (error) {
      // An answer that is too long must not end the host.
      this.#outbox.answer({ type: 'error', id, error: toErrorData(error) });
    }
    if (this.#socket.writableLength > MOST_UNTAKEN) this.#socket.pause();
  }

  #listen(id: number, event: string, filter: unknown): void {
    try {
      if (!Object.hasOwn(events, event)) throw unknown('event', event);
      if (this.#listening.has(id) || this.#listening.size >= MOST_CALLS)
        throw new ConfigError('too many events are listened to', '');
      const { coalesce } = events[event as EventName];
      const end = this.#host.listen(event as EventName, filter as never, (payload) => {
        const key = (coalesce as (payload: unknown) => string | null)(payload);
        this.#outbox.event({ type: 'event', id, payload }, key === null ? null : `${id} ${key}`);
      });
      this.#listening.set(id, end);
    } catch (error) {
      this.#outbox.answer({ type: 'error', id, error: toErrorData(error) });
    }
  }
}

function unknown(what: string, name: string): ConfigError {
  return new ConfigError(
    `the host knows no ${what} "${name}"`,
    'It is of another version: end it, or use that version.',
  );
}
