import { toErrorData } from '../contract/error-data.ts';
import type { Queued } from '../contract/api/host.ts';
import type { ExperimentId, RunId } from '../contract/ids.ts';
import type { EngineBuild } from '../contract/job.ts';
import type { RunEvent } from '../contract/progress.ts';
import type { StoredResolution } from '../experiment/resolve.ts';
import { cancelExperiment, type StopWish } from '../experiment/care.ts';
import { Studio, type Prepared } from '../experiment/studio.ts';
import type { Library } from '../store/library.ts';

export interface QueueOptions {
  readonly library: Library;
  readonly app: string;
  /** The engine that an experiment needs, made ready where it is not. */
  readonly engine: (resolution: StoredResolution, signal: AbortSignal) => Promise<EngineBuild>;
  /** An experiment's plan, made elsewhere. */
  readonly plan: (id: ExperimentId, signal: AbortSignal) => Promise<Prepared>;
  readonly tell: (id: ExperimentId, event: RunEvent) => void;
}

/** Milliseconds until a library that could not be written is tried again. */
const AGAIN_MS = 1000;

interface Item {
  readonly id: ExperimentId;
  /** Only what this run needs. */
  readonly only: RunId | undefined;
  readonly controller: AbortController;
  /** Resolves when it has left the queue. */
  readonly left: PromiseWithResolvers<void>;
  /** What it is to be when it stops before its end. */
  wish: StopWish;
}

/** Experiments that are wished to run, one after another in the order of being asked for. */
export class Queue {
  readonly #o: QueueOptions;
  readonly #items: Item[] = [];
  #running: Item | null = null;
  /** Kept from one experiment to the next: its workers are warm. */
  #studio: { readonly studio: Studio; readonly backend: StoredResolution['backend'] } | null = null;
  #idle = Promise.withResolvers<void>();
  /** Those that broke when the library could not be written: what ran of them is still called running there. */
  readonly #unwritten = new Set<ExperimentId>();
  #later: NodeJS.Timeout | undefined;
  /** Resolves when nobody uses the studio beside the queue. */
  #lent: Promise<void> = Promise.resolve();

  constructor(options: QueueOptions) {
    this.#o = options;
    this.#idle.resolve();
  }

  get items(): Queued[] {
    return this.#items.map((item) => ({
      experiment: item.id,
      phase: item === this.#running ? 'running' : 'waiting',
    }));
  }

  has(id: ExperimentId): boolean {
    return this.#items.some((item) => item.id === id);
  }

  get empty(): boolean {
    return this.#items.length === 0;
  }

  /** Resolves when nothing runs and nothing waits. */
  async whenEmpty(): Promise<void> {
    while (!this.empty) await this.#idle.promise;
  }

  /** Puts one at the end; it starts when its turn comes. */
  add(id: ExperimentId, only?: RunId): void {
    const { library, tell } = this.#o;
    if (this.empty) this.#idle = Promise.withResolvers<void>();
    library.store.setExperimentWish(id, 'run');
    this.#items.push({
      id,
      only,
      controller: new AbortController(),
      left: Promise.withResolvers<void>(),
      wish: 'stopped',
    });
    const ahead = this.#items.length - 1;
    if (ahead > 0) tell(id, { type: 'queued', ahead });
    if (this.#running === null) void this.#work();
  }

  /** Ends one early. Resolves when it has left the queue. The latest wish counts. */
  async leave(id: ExperimentId, wish: StopWish): Promise<void> {
    const item = this.#items.find((each) => each.id === id);
    if (!item) return;
    item.wish = wish;
    item.controller.abort();
    // One that waits leaves at once; one that runs saves first.
    if (item === this.#running) await item.left.promise;
    else this.#end(item, this.#conclude(item));
  }

  /** Ends all that run or wait. */
  async stop(): Promise<void> {
    // From the last on, so that none of them gets its turn meanwhile.
    await Promise.all(this.#items.toReversed().map(({ id }) => this.leave(id, 'stopped')));
  }

  /**
   * Lends the workers of the last experiment while none runs, for what is left to do with its results; the next one
   * waits. @returns `null` where one runs.
   */
  withStudio<T>(
    resolution: StoredResolution,
    signal: AbortSignal,
    use: (studio: Studio) => Promise<T>,
  ): Promise<T> | null {
    if (this.#running) return null;
    const result = this.#lent.then(async () => await use(await this.#studioFor(resolution, signal)));
    this.#lent = result.then(nothing, nothing);
    return result;
  }

  /** Ends the workers. */
  async close(): Promise<void> {
    const { studio } = this.#studio ?? {};
    this.#studio = null;
    await studio?.close();
  }

  async #work(): Promise<void> {
    for (let item = this.#items[0]; item; item = this.#items[0]) {
      this.#running = item;
      const last = await this.#run(item);
      this.#running = null;
      this.#end(item, last);
      if (last.type === 'broken') this.#unwritten.add(item.id);
      this.#setRight();
    }
  }

  /**
   * What broke is stopped and its running jobs wait. Where the library still cannot be written that is tried again:
   * before the next has its turn, and after a while.
   */
  #setRight(): void {
    clearTimeout(this.#later);
    if (this.#unwritten.size === 0 || this.#running !== null) return;
    const { library, tell } = this.#o;
    try {
      library.store.recover();
      for (const id of this.#unwritten) library.store.setExperimentWish(id, 'stopped');
      // Those that wait for their turn have not been cut short.
      for (const { id } of this.#items) library.store.setExperimentWish(id, 'run');
    } catch {
      this.#later = setTimeout(() => this.#setRight(), AGAIN_MS).unref();
      return;
    }
    const ended = [...this.#unwritten];
    this.#unwritten.clear();
    for (const id of ended) if (!this.has(id)) tell(id, { type: 'ended', state: 'stopped' });
  }

  /** @returns what is told last. */
  async #run(item: Item): Promise<RunEvent> {
    const { id, only, controller } = item;
    const { signal } = controller;
    try {
      await unlessAborted(this.#lent, signal);
      const prepared = await this.#o.plan(id, signal);
      const studio = await this.#studioFor(prepared.resolution, signal);
      signal.throwIfAborted();
      const emit = (event: RunEvent): void => this.#o.tell(id, event);
      const state = await studio.run(id, prepared, { emit, signal, stopAs: () => item.wish, only });
      return { type: 'ended', state };
    } catch (error) {
      if (signal.aborted && isAbort(error)) return this.#conclude(item);
      return this.#broken(id, error);
    }
  }

  /** It stopped before anything of it ran. Never throws: it leaves the queue whatever the library does. */
  #conclude({ id, wish }: Item): RunEvent {
    const { library } = this.#o;
    try {
      if (wish === 'cancelled') cancelExperiment(library, id);
      else library.store.setExperimentWish(id, wish);
      return { type: 'ended', state: wish };
    } catch (error) {
      return this.#broken(id, error);
    }
  }

  #broken(id: ExperimentId, error: unknown): RunEvent {
    try {
      this.#o.library.store.setExperimentWish(id, 'stopped');
    } catch {
      // The library that cannot be written is what is told of.
    }
    return { type: 'broken', error: toErrorData(error) };
  }

  #end(item: Item, last: RunEvent): void {
    this.#items.splice(this.#items.indexOf(item), 1);
    this.#o.tell(item.id, last);
    item.left.resolve();
    if (this.empty) this.#idle.resolve();
  }

  async #studioFor(resolution: StoredResolution, signal: AbortSignal): Promise<Studio> {
    const { library, engine, app } = this.#o;
    if (this.#studio?.backend === resolution.backend) return this.#studio.studio;
    const build = await engine(resolution, signal);
    await this.close();
    const studio = new Studio(library, build, app);
    this.#studio = { studio, backend: resolution.backend };
    return studio;
  }
}

/** Waits for it, or until nobody does any more. @throws the signal's reason. */
async function unlessAborted(end: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const given = Promise.withResolvers<void>();
  const give = (): void => given.reject(signal.reason as Error);
  signal.addEventListener('abort', give, { once: true });
  try {
    await Promise.race([end, given.promise]);
  } finally {
    signal.removeEventListener('abort', give);
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

const nothing = (): undefined => undefined;
