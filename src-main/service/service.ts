import {
  events,
  methods,
  type EventName,
  type Filter,
  type HostClient,
  type Input,
  type Method,
  type Output,
  type Payload,
} from '../contract/api/index.ts';
import { ConfigError, LibraryError } from '../contract/errors.ts';
import type { ExperimentId, JobKey } from '../contract/ids.ts';
import type { LogEntry } from '../contract/log.ts';
import type { RunEvent } from '../contract/progress.ts';
import { tellTitles } from '../experiment/titles.ts';
import { LogBook } from '../store/logs.ts';
import { deskTask } from './desk-task.ts';
import { Desks, deskOf, type DeskMethod } from '../desk/desks.ts';
import { Changes } from './changes.ts';
import type { Context, Handler, HostMethod } from './context.ts';
import { Engines, type EngineSource } from './engines.ts';
import { Feed } from './feed.ts';
import { listeners, type Listener } from './listeners.ts';
import { handlers } from './methods/index.ts';
import { logEntryOf } from './narrate.ts';
import { planStored } from './planning.ts';
import { touchedBy } from './touched.ts';
import { Queue, type QueueOptions } from './queue.ts';
import { Tasks } from './tasks.ts';

export interface ServiceOptions extends Omit<QueueOptions, 'tell' | 'engine' | 'plan'> {
  readonly engines: EngineSource;
}

/** Between some experiments of older versions and the next. */
const TITLES_PAUSE_MS = 20;

/** Of callers who never give up. */
const NONE = new AbortController().signal;

/**
 * A host: does the methods of the contract over a library that it holds, and runs experiments one after another. Its
 * own process is a client like any other.
 */
export class Service implements HostClient {
  readonly queue: Queue;
  readonly engines: Engines;
  readonly #context: Context;
  readonly #feed = new Feed();
  readonly #tasks = new Tasks();
  readonly #desks: Desks;
  readonly #changes: Changes;
  readonly #log: LogBook;
  /** Experiments that run and have started a job. */
  readonly #begun = new Set<ExperimentId>();
  #closed = false;

  constructor({ library, app, engines }: ServiceOptions) {
    this.#log = new LogBook(library.dir);
    this.engines = new Engines(engines, this.#tasks);
    this.queue = new Queue({
      library,
      app,
      engine: (resolution, signal) => this.engines.of(resolution, signal),
      plan: (id, signal) => planStored(id, this.#desks, signal),
      tell: (id, event) => this.#tell(id, event),
    });
    this.#desks = new Desks({ library: library.dir });
    this.#changes = new Changes(() => this.queue.items);
    this.#context = {
      library,
      queue: this.queue,
      feed: this.#feed,
      desks: this.#desks,
      changes: this.#changes,
      tasks: this.#tasks,
      engines: this.engines,
      changed: (experiments) => this.#changes.add(experiments),
      note: (id, entry) => this.#note(id, entry),
      app,
      since: new Date().toISOString(),
    };
  }

  async call<M extends Method>(method: M, input: Input<M>, signal?: AbortSignal): Promise<Output<M>> {
    // A call never happens inside its caller: what it starts begins after the answer is on its way.
    await Promise.resolve();
    signal?.throwIfAborted();
    if (deskOf(method) !== null) return JSON.parse(await this.callText(method, input, signal)) as Output<M>;
    const parsed = checked(method, methods[method].input.safeParse(input));
    // The table's type ties each method to its own input; indexing by a union loses the tie.
    const handler = handlers[method as HostMethod] as unknown as Handler<M>;
    try {
      return await handler(parsed as never, this.#context, signal ?? NONE);
    } finally {
      // Some do a part before they fail.
      const touched = touchedBy(method, parsed);
      if (touched === null || touched.length > 0) this.#changes.add(touched);
    }
  }

  async callText<M extends Method>(method: M, input: Input<M>, signal?: AbortSignal): Promise<string> {
    if (deskOf(method) === null) return JSON.stringify(await this.call(method, input, signal));
    const parsed = checked(method, methods[method].input.safeParse(input));
    if (deskOf(method) === 'quick')
      return await this.#desks.text(method as DeskMethod, parsed as never, signal);
    const what = { kind: 'data', title: 'Reading data' } as const;
    return await deskTask(what, method as DeskMethod, parsed as never, this.#context, signal ?? NONE);
  }

  listen<E extends EventName>(
    event: E,
    filter: Filter<E>,
    handler: (payload: Payload<E>) => void,
  ): () => void {
    const wanted = checked(event, events[event].filter.safeParse(filter));
    // As in `call`: the table's type ties each event to its own filter.
    const listener = listeners[event] as unknown as Listener<E>;
    return listener(wanted as Filter<E>, this.#context, handler);
  }

  /** For a host that has just begun: sets right what a dead one left. @returns experiments that were cut short. */
  recover(): readonly ExperimentId[] {
    const { experiments } = this.#context.library.store.recover();
    const message = 'the process that ran it had ended without a word';
    for (const id of experiments) this.#note(id, { level: 'warning', what: 'interrupted', message });
    this.#tellTitles();
    // What cannot be removed now the next host removes; it is not to be seen.
    void this.#context.library.store.tidy().catch(() => undefined);
    return experiments;
  }

  /** What the run table needs of experiments from older versions, some at a time between other work. */
  #tellTitles(): void {
    if (this.#closed) return;
    let more: boolean;
    try {
      more = tellTitles(this.#context.library.store);
    } catch (error) {
      // A full disk must not end the host: the next one goes on with it.
      if (!(error instanceof LibraryError)) throw error;
      return;
    }
    if (more) setTimeout(() => this.#tellTitles(), TITLES_PAUSE_MS).unref();
    this.#changes.add(null);
  }

  /** Whether anything runs or waits. */
  get busy(): boolean {
    return !this.queue.empty || this.#tasks.busy;
  }

  /** Ends what runs, as on Ctrl-C, and the workers. */
  async close(): Promise<void> {
    this.#closed = true;
    const tasks = this.#tasks.close();
    await this.queue.stop();
    await tasks;
    await this.queue.close();
    this.#changes.close();
    await this.#desks.close();
  }

  #tell(id: ExperimentId, event: RunEvent): void {
    const entry = logEntryOf(event);
    if (entry) this.#note(id, entry);
    this.#feed.tell(id, event);
    if (this.#changesRows(id, event)) this.#changes.add([id]);
    if (event.type === 'finished' || event.type === 'failed') this.#tellSharing(id, event.key);
  }

  /** What a job comes to changes the other experiments that have it. */
  #tellSharing(id: ExperimentId, key: JobKey): void {
    const others = this.#context.library.store.sharing([key]).filter((other) => other !== id);
    if (others.length > 0) this.#changes.add(others);
  }

  /** Whether its rows are no longer what they were: single jobs change none, but for the first that starts. */
  #changesRows(id: ExperimentId, { type }: RunEvent): boolean {
    if (type === 'planned') this.#begun.delete(id);
    if (type === 'started' && !this.#begun.has(id)) {
      this.#begun.add(id);
      return true;
    }
    if (type === 'ended' || type === 'broken') this.#begun.delete(id);
    return !['started', 'progress', 'curve', 'finished', 'eta'].includes(type);
  }

  /** A log that cannot be written must not end what it tells of: a full disk shows where results are stored. */
  #note(id: ExperimentId, entry: Omit<LogEntry, 'time'>): void {
    try {
      this.#log.append(id, entry);
    } catch (error) {
      if (!(error instanceof LibraryError)) throw error;
    }
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
