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
import type { ExperimentState } from '../contract/api/experiments.ts';
import { ConfigError, LibraryError } from '../contract/errors.ts';
import type { ExperimentId } from '../contract/ids.ts';
import type { LogEntry } from '../contract/log.ts';
import type { RunEvent } from '../contract/progress.ts';
import { LogBook } from '../store/logs.ts';
import type { Context, Handler } from './context.ts';
import { Feed } from './feed.ts';
import { handlers } from './methods/index.ts';
import { stateOf } from './methods/experiments.ts';
import { logEntryOf } from './narrate.ts';
import { Queue, type QueueOptions } from './queue.ts';

export type ServiceOptions = Omit<QueueOptions, 'tell'>;

/**
 * A host: does the methods of the contract over a library that it holds, and runs experiments one after another. Its
 * own process is a client like any other.
 */
export class Service implements Client {
  readonly queue: Queue;
  readonly #context: Context;
  readonly #watchers = new Set<(state: ExperimentState) => void>();
  readonly #feed = new Feed();
  readonly #log: LogBook;

  constructor({ library, ...options }: ServiceOptions) {
    this.#log = new LogBook(library.dir);
    this.queue = new Queue({ library, ...options, tell: (id, event) => this.#tell(id, event) });
    this.#context = {
      library,
      queue: this.queue,
      feed: this.#feed,
      log: this.#log,
      note: (id, entry) => this.#note(id, entry),
      app: options.app,
      since: new Date().toISOString(),
      changed: (id) => this.#changed(id),
    };
  }

  async call<M extends Method>(method: M, input: Input<M>, signal?: AbortSignal): Promise<Output<M>> {
    // A call never happens inside its caller: what it starts begins after the answer is on its way.
    await Promise.resolve();
    signal?.throwIfAborted();
    const parsed = checked(method, methods[method].input.safeParse(input));
    // The table's type ties each method to its own input; indexing by a union loses the tie.
    const handler = handlers[method] as unknown as Handler<Method>;
    const none = new AbortController().signal;
    return (await handler(parsed as never, this.#context, signal ?? none)) as Output<M>;
  }

  listen<E extends EventName>(
    event: E,
    filter: Filter<E>,
    handler: (payload: Payload<E>) => void,
  ): () => void {
    const wanted: unknown = checked(event, events[event].filter.safeParse(filter));
    const tell = handler as (payload: unknown) => void;
    if (event === 'run') {
      const { experiment } = wanted as Filter<'run'>;
      return this.#feed.listen(experiment, (each) => tell({ experiment, event: each }));
    }
    const { store } = this.#context.library;
    for (const { experiment } of this.queue.items) tell(stateOf(store.experiment(experiment)));
    this.#watchers.add(tell);
    return () => this.#watchers.delete(tell);
  }

  /** For a host that has just begun: sets right what a dead one left. @returns experiments that were cut short. */
  recover(): readonly ExperimentId[] {
    const { experiments } = this.#context.library.store.recover();
    const message = 'the process that ran it had ended without a word';
    for (const id of experiments) this.#note(id, { level: 'warning', what: 'interrupted', message });
    return experiments;
  }

  /** Ends what runs, as on Ctrl-C, and the workers. */
  async close(): Promise<void> {
    await this.queue.stop();
    await this.queue.close();
  }

  #tell(id: ExperimentId, event: RunEvent): void {
    const entry = logEntryOf(event);
    if (entry) this.#note(id, entry);
    this.#feed.tell(id, event);
    if (event.type !== 'progress' && event.type !== 'eta') this.#changed(id);
  }

  /** A log that cannot be written must not end what it tells of: a full disk shows where results are stored. */
  #note(id: ExperimentId, entry: Omit<LogEntry, 'time'>): void {
    try {
      this.#log.append(id, entry);
    } catch (error) {
      if (!(error instanceof LibraryError)) throw error;
    }
  }

  #changed(id: ExperimentId): void {
    if (this.#watchers.size === 0) return;
    const state = stateOf(this.#context.library.store.experiment(id));
    for (const watcher of [...this.#watchers]) watcher(state);
  }
}

type Parsed =
  | { success: true; data: unknown }
  | { success: false; error: { issues: readonly { path: PropertyKey[]; message: string }[] } };

/** @throws ConfigError that names what does not fit. */
function checked(what: string, parsed: Parsed): unknown {
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(
    ({ path, message }) => `${path.map(String).join('.') || 'input'}: ${message}`,
  );
  throw new ConfigError(
    `${what}: ${issues.join('; ')}`,
    'The two programs may be of different versions: use the same one.',
  );
}
