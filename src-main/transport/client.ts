import { connect, type Socket } from 'node:net';
import {
  events,
  methods,
  type Client,
  type EventName,
  type Filter,
  type Input,
  type Method,
  type Output,
  type Payload,
} from '../contract/api/index.ts';
import { fromErrorData } from '../contract/error-data.ts';
import { ConfigError, LibraryError } from '../contract/errors.ts';
import { FromHost, type ToHost } from '../contract/frames.ts';
import { PROTOCOL } from '../contract/names.ts';
import { requireOwn } from './address.ts';
import { Lines } from './lines.ts';

/** A host that takes longer to answer at all is none. */
const HELLO_MS = 10_000;

interface Waiting {
  readonly method: Method;
  readonly resolve: (output: never) => void;
  readonly reject: (reason: unknown) => void;
}

/** A client of a host in another process. */
export interface SocketClient extends Client {
  /** Resolves when the connection is over, with the reason where it was not asked for. */
  readonly closed: Promise<Error | null>;
  close(): void;
}

/**
 * Attaches to a host.
 * @throws LibraryError where nobody answers there; ConfigError where the host is of another version.
 */
export async function attach(address: string, app: string): Promise<SocketClient> {
  const socket = await openSocket(address);
  try {
    const connection = new Connection(socket, app);
    await connection.greeted;
    return connection;
  } catch (cause) {
    throw noAnswer(address, cause);
  }
}

/**
 * Opens a connection over which nothing has been said yet.
 * @throws LibraryError where nobody listens there, or others than this user could.
 */
export async function openSocket(address: string): Promise<Socket> {
  try {
    requireOwn(address);
    const socket = connect(address);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return socket;
  } catch (cause) {
    throw noAnswer(address, cause);
  }
}

function noAnswer(address: string, cause: unknown): Error {
  if (cause instanceof ConfigError || cause instanceof LibraryError) return cause;
  return new LibraryError(
    `the host at ${address} does not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
    'It may have just ended: try again.',
    { cause },
  );
}

class Connection implements SocketClient {
  readonly greeted: Promise<void>;
  readonly closed: Promise<Error | null>;
  readonly #socket: Socket;
  readonly #lines = new Lines();
  readonly #calls = new Map<number, Waiting>();
  readonly #handlers = new Map<
    number,
    { readonly event: EventName; readonly tell: (payload: never) => void }
  >();
  readonly #greet = Promise.withResolvers<void>();
  #next = 0;
  #reason: Error | null = null;
  #ended = false;

  constructor(socket: Socket, app: string) {
    this.#socket = socket;
    this.greeted = this.#greet.promise;
    const timer = setTimeout(() => this.#fail(new Error('no answer came')), HELLO_MS);
    const settled = (): void => clearTimeout(timer);
    this.greeted.then(settled, settled);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => (this.#reason ??= error));
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        const gone = new LibraryError(
          `the connection to the host is lost${this.#reason ? `: ${this.#reason.message}` : ''}`,
          'Its process has ended. `swamp list` tells how the experiment stands, `swamp resume` goes on with it.',
        );
        const why = this.#ended ? null : this.#reason instanceof ConfigError ? this.#reason : gone;
        this.#greet.reject(why ?? gone);
        for (const { reject } of this.#calls.values()) reject(why ?? gone);
        this.#calls.clear();
        this.#handlers.clear();
        resolve(why);
      });
    });
    this.#send({ type: 'hello', protocol: PROTOCOL, app });
  }

  async call<M extends Method>(method: M, input: Input<M>, signal?: AbortSignal): Promise<Output<M>> {
    signal?.throwIfAborted();
    const id = this.#next++;
    const answer = new Promise<Output<M>>((resolve, reject) => {
      this.#calls.set(id, { method, resolve, reject });
    });
    if (this.#socket.destroyed) this.#calls.get(id)?.reject(new Error('the connection is closed'));
    const cancel = (): void => {
      this.#send({ type: 'cancel', id });
      this.#calls.get(id)?.reject(signal?.reason);
      this.#calls.delete(id);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    this.#send({ type: 'call', id, method, input });
    try {
      return await answer;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  listen<E extends EventName>(
    event: E,
    filter: Filter<E>,
    handler: (payload: Payload<E>) => void,
  ): () => void {
    const id = this.#next++;
    this.#handlers.set(id, { event, tell: handler });
    this.#send({ type: 'listen', id, event, filter });
    return () => {
      if (this.#handlers.delete(id)) this.#send({ type: 'unlisten', id });
    };
  }

  close(): void {
    this.#ended = true;
    this.#socket.end();
    // A host that hangs must not keep us.
    setTimeout(() => this.#socket.destroy(), 1000).unref();
  }

  #send(frame: ToHost): void {
    if (this.#socket.writable) this.#socket.write(`${JSON.stringify(frame)}\n`);
  }

  #fail(reason: Error): void {
    this.#reason ??= reason;
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    try {
      for (const line of this.#lines.add(chunk)) this.#take(FromHost.parse(JSON.parse(line)));
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #take(frame: FromHost): void {
    switch (frame.type) {
      case 'hello':
        // Where the versions differ the host's refusal, or ours, says so.
        if (frame.protocol === PROTOCOL) this.#greet.resolve();
        else
          this.#fail(
            new ConfigError(
              `the host speaks version ${frame.protocol} of the protocol (Swamp Studio ${frame.app}), this program version ${PROTOCOL}`,
              'Use the same version of Swamp Studio, or wait until the host has ended.',
            ),
          );
        break;
      case 'refused':
        this.#fail(fromErrorData(frame.error));
        break;
      case 'result': {
        const waiting = this.#calls.get(frame.id);
        this.#calls.delete(frame.id);
        if (!waiting) break;
        const parsed = methods[waiting.method].output.safeParse(frame.output);
        if (parsed.success) waiting.resolve(parsed.data as never);
        else
          waiting.reject(
            new Error(`the host's answer to ${waiting.method} cannot be read: ${parsed.error.message}`),
          );
        break;
      }
      case 'error':
        this.#calls.get(frame.id)?.reject(fromErrorData(frame.error));
        this.#calls.delete(frame.id);
        if (this.#handlers.has(frame.id)) this.#fail(fromErrorData(frame.error));
        break;
      case 'event': {
        const handler = this.#handlers.get(frame.id);
        if (handler) handler.tell(events[handler.event].payload.parse(frame.payload) as never);
        break;
      }
    }
  }
}
