import type {
  Client,
  EventName,
  Filter,
  Input,
  Method,
  Output,
  Payload,
} from '../src-main/contract/api/index.ts';
import type { FromHost, ToHost } from '../src-main/contract/frames.ts';
import type { Wire } from './wires.ts';

/** Of frames.ts, which needs zod; a test holds them equal. */
export const PROTOCOL = 1;

/** An error as the host tells it. */
export class HostError extends Error {
  /** What to do; empty where nothing is known. */
  readonly hint: string;

  constructor({
    name,
    message,
    hint,
  }: {
    readonly name: string;
    readonly message: string;
    readonly hint: string;
  }) {
    super(message);
    this.name = name;
    this.hint = hint;
  }
}

/** The connection went while a call was under way: whether it was done is not known. */
export class ConnectionLost extends HostError {
  constructor() {
    super({
      name: 'ConnectionLost',
      message: 'The connection to the host was lost.',
      hint: 'It is being restored; nothing that is stored is lost.',
    });
  }
}

interface Waiting {
  readonly resolve: (output: never) => void;
  readonly reject: (reason: Error) => void;
}

interface Listening {
  readonly event: EventName;
  readonly filter: unknown;
  readonly tell: (payload: never) => void;
}

/** How the connection is. */
export type Connection = 'connecting' | 'connected' | 'lost' | 'refused';

/**
 * The host's contract over a wire that may break: what is listened to is asked for again when it is back; calls that
 * were under way are rejected, and calls made meanwhile wait.
 */
export class WireClient implements Client {
  readonly #wire: Wire;
  readonly #calls = new Map<number, Waiting>();
  readonly #listening = new Map<number, Listening>();
  readonly #watchers = new Set<(connection: Connection, why: HostError | null) => void>();
  #waiting: ToHost[] = [];
  #next = 0;
  #connection: Connection = 'connecting';

  constructor(wire: Wire, app: string) {
    this.#wire = wire;
    wire.onOpen(() => {
      wire.send({ type: 'hello', protocol: PROTOCOL, app });
    });
    wire.onFrame((frame) => this.#take(frame));
    wire.onClose(() => {
      if (this.#connection === 'refused') return;
      this.#become('lost', null);
      // What was not sent yet still waits: told as lost it would be done all the same when the connection is back.
      const unsent = new Set(this.#waiting.flatMap((frame) => ('id' in frame ? frame.id : [])));
      for (const [id, { reject }] of [...this.#calls]) {
        if (unsent.has(id)) continue;
        this.#calls.delete(id);
        reject(new ConnectionLost());
      }
    });
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Tells whenever the connection changes. @returns ends it. */
  watch(handler: (connection: Connection, why: HostError | null) => void): () => void {
    this.#watchers.add(handler);
    return () => this.#watchers.delete(handler);
  }

  call<M extends Method>(method: M, input: Input<M>, signal?: AbortSignal): Promise<Output<M>> {
    return new Promise<Output<M>>((resolve, reject) => {
      const gone = (): DOMException => new DOMException('No longer wanted', 'AbortError');
      if (signal?.aborted) {
        reject(gone());
        return;
      }
      const id = this.#next++;
      const cancel = (): void => {
        if (!this.#calls.delete(id)) return;
        this.#waiting = this.#waiting.filter((frame) => !('id' in frame) || frame.id !== id);
        if (this.#connection === 'connected') this.#wire.send({ type: 'cancel', id });
        reject(gone());
      };
      signal?.addEventListener('abort', cancel, { once: true });
      const over = (): void => signal?.removeEventListener('abort', cancel);
      this.#calls.set(id, {
        resolve: (output) => {
          over();
          resolve(output);
        },
        reject: (reason) => {
          over();
          reject(reason);
        },
      });
      this.#send({ type: 'call', id, method, input });
    });
  }

  listen<E extends EventName>(
    event: E,
    filter: Filter<E>,
    handler: (payload: Payload<E>) => void,
  ): () => void {
    const id = this.#next++;
    this.#listening.set(id, { event, filter, tell: handler });
    if (this.#connection === 'connected') this.#wire.send({ type: 'listen', id, event, filter });
    return () => {
      if (this.#listening.delete(id) && this.#connection === 'connected')
        this.#wire.send({ type: 'unlisten', id });
    };
  }

  #send(frame: ToHost): void {
    if (this.#connection === 'connected') this.#wire.send(frame);
    else this.#waiting.push(frame);
  }

  #take(frame: FromHost): void {
    switch (frame.type) {
      case 'hello':
        this.#become('connected', null);
        for (const [id, { event, filter }] of this.#listening)
          this.#wire.send({ type: 'listen', id, event, filter });
        for (const waiting of this.#waiting.splice(0)) this.#wire.send(waiting);
        break;
      case 'refused':
        this.#become('refused', new HostError(frame.error));
        for (const { reject } of this.#calls.values()) reject(new HostError(frame.error));
        this.#calls.clear();
        this.#waiting = [];
        break;
      case 'result':
        this.#calls.get(frame.id)?.resolve(frame.output as never);
        this.#calls.delete(frame.id);
        break;
      case 'error':
        this.#calls.get(frame.id)?.reject(new HostError(frame.error));
        this.#calls.delete(frame.id);
        this.#listening.delete(frame.id);
        break;
      case 'event':
        this.#listening.get(frame.id)?.tell(frame.payload as never);
        break;
    }
  }

  #become(connection: Connection, why: HostError | null): void {
    this.#connection = connection;
    for (const watcher of this.#watchers) watcher(connection, why);
  }
}
