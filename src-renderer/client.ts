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
import { LONGEST_FRAME, PROTOCOL } from '../src-main/contract/names.ts';
import type { Wire } from './wires.ts';

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

const tooLong = {
  name: 'ConfigError',
  message: `That is more than the ${LONGEST_FRAME / 2 ** 20} MB that go to the host at once.`,
  hint: 'Choose less of it, or a smaller picture.',
};

/** Characters take one to three bytes. */
function isTooLong(line: string): boolean {
  return 3 * line.length > LONGEST_FRAME && new TextEncoder().encode(line).length > LONGEST_FRAME;
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
  /** Calls that are sent when the connection is there, by their numbers. */
  readonly #unsent = new Map<number, string>();
  #next = 0;
  #connection: Connection = 'connecting';

  constructor(wire: Wire, app: string) {
    this.#wire = wire;
    wire.onOpen(() => {
      this.#tell({ type: 'hello', protocol: PROTOCOL, app });
    });
    wire.onFrame((frame) => this.#take(frame));
    wire.onClose(() => {
      if (this.#connection === 'refused') return;
      this.#become('lost', null);
      // What was not sent yet still waits: told as lost it would be done all the same when the connection is back.
      for (const [id, { reject }] of [...this.#calls]) {
        if (this.#unsent.has(id)) continue;
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
      const line = JSON.stringify({ type: 'call', id, method, input } satisfies ToHost);
      // Whoever carries it would drop it, or the connection with it.
      if (isTooLong(line)) {
        reject(new HostError(tooLong));
        return;
      }
      const cancel = (): void => {
        if (!this.#calls.delete(id)) return;
        this.#unsent.delete(id);
        if (this.#connection === 'connected') this.#tell({ type: 'cancel', id });
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
      if (this.#connection === 'connected') this.#wire.send(line);
      else this.#unsent.set(id, line);
    });
  }

  listen<E extends EventName>(
    event: E,
    filter: Filter<E>,
    handler: (payload: Payload<E>) => void,
  ): () => void {
    const id = this.#next++;
    this.#listening.set(id, { event, filter, tell: handler });
    if (this.#connection === 'connected') this.#tell({ type: 'listen', id, event, filter });
    return () => {
      if (this.#listening.delete(id) && this.#connection === 'connected')
        this.#tell({ type: 'unlisten', id });
    };
  }

  #tell(frame: ToHost): void {
    this.#wire.send(JSON.stringify(frame));
  }

  #take(frame: FromHost): void {
    switch (frame.type) {
      case 'hello':
        this.#become('connected', null);
        for (const [id, { event, filter }] of this.#listening)
          this.#tell({ type: 'listen', id, event, filter });
        for (const line of this.#unsent.values()) this.#wire.send(line);
        this.#unsent.clear();
        break;
      case 'refused':
        this.#become('refused', new HostError(frame.error));
        for (const { reject } of this.#calls.values()) reject(new HostError(frame.error));
        this.#calls.clear();
        this.#unsent.clear();
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
