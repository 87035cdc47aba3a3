import { randomUUID } from 'node:crypto';
import { toErrorData } from '../contract/error-data.ts';
import { ClientGone, ConfigError } from '../contract/errors.ts';
import type { Task } from '../contract/api/host.ts';

type Handler = (task: Task) => void;

/** How far something is. What is left out stays as it was. */
export interface Report {
  /** What it is at. */
  readonly step?: string;
  /** 0 to 1; `null` where it is not known. */
  readonly done?: number | null;
}

/** Most often that one task tells how far it is. */
const TELL_MS = 250;
/** A share says nothing about the time left before this. */
const GUESS_MS = 1000;
const GUESS_SHARE = 0.01;

/** What a host does beside experiments, told to whoever listens. */
export class Tasks {
  readonly #running = new Map<string, RunningTask>();
  readonly #handlers = new Set<Handler>();
  /** Of those under way. */
  readonly #ends = new Set<Promise<unknown>>();

  /** Whether something is under way. */
  get busy(): boolean {
    return this.#running.size > 0;
  }

  /** Tells of those under way, and from now on of all. @returns ends it. */
  listen(handler: Handler): () => void {
    // One handler may be given twice.
    const own: Handler = (task) => handler(task);
    for (const { task } of this.#running.values()) own(task);
    this.#handlers.add(own);
    return () => this.#handlers.delete(own);
  }

  /**
   * Does something long. It goes on where its caller's connection is lost, and ends where the caller no longer wants it or
   * it is cancelled.
   * @throws as `work` does; the signal's reason.
   */
  async run<T>(
    what: Pick<Task, 'kind' | 'title'>,
    caller: AbortSignal,
    work: (report: (report: Report) => void, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const running = new RunningTask(what, (task) => this.#tell(task));
    const { signal } = running;
    const leave = (): void => {
      if (!(caller.reason instanceof ClientGone)) running.cancel(caller.reason);
    };
    caller.addEventListener('abort', leave, { once: true });
    if (caller.aborted) leave();
    this.#running.set(running.id, running);
    running.report({});
    const end = Promise.withResolvers<void>();
    this.#ends.add(end.promise);
    try {
      signal.throwIfAborted();
      const result = await work((report) => running.report(report), signal);
      running.end('done', null);
      return result;
    } catch (error) {
      // What ends with its caller's connection has not failed.
      if (signal.aborted || error instanceof ClientGone) running.end('cancelled', null);
      else running.end('failed', error);
      throw error;
    } finally {
      this.#running.delete(running.id);
      this.#ends.delete(end.promise);
      end.resolve();
      caller.removeEventListener('abort', leave);
    }
  }

  /** @throws ConfigError where it is not under way. */
  cancel(id: string): void {
    const task = this.#running.get(id);
    if (!task) throw new ConfigError('this is over already', '');
    task.cancel(new DOMException('Cancelled', 'AbortError'));
  }

  /** Ends all that is under way, and waits until it has ended: some see a step through first. */
  async close(): Promise<void> {
    for (const task of this.#running.values()) task.cancel(new DOMException('The host ends', 'AbortError'));
    await Promise.allSettled(this.#ends);
  }

  #tell(task: Task): void {
    for (const handler of [...this.#handlers]) handler(task);
  }
}

/** One of them. */
class RunningTask {
  readonly id = randomUUID();
  task: Task;
  readonly #controller = new AbortController();
  readonly #tell: Handler;
  #toldAt = -Infinity;
  #timer: NodeJS.Timeout | null = null;
  /** When the share that is told began to grow, and what it was. */
  #since = { at: performance.now(), share: 0 };

  constructor(what: Pick<Task, 'kind' | 'title'>, tell: Handler) {
    this.#tell = tell;
    this.task = { id: this.id, ...what, step: '', done: null, state: 'running', seconds: null, error: null };
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  cancel(reason: unknown): void {
    this.#controller.abort(reason);
  }

  report({ step = this.task.step, done = this.task.done }: Report): void {
    if (this.task.state !== 'running') return;
    const before = this.task.done;
    // A share that begins again belongs to another step.
    if (done === null || before === null || done < before)
      this.#since = { at: performance.now(), share: done ?? 0 };
    this.task = { ...this.task, step, done, seconds: this.#left(done) };
    const wait = this.#toldAt + TELL_MS - performance.now();
    if (wait <= 0) this.#say();
    else this.#timer ??= setTimeout(() => this.#say(), wait);
  }

  end(state: 'done' | 'failed' | 'cancelled', error: unknown): void {
    const data = state === 'failed' ? toErrorData(error) : null;
    this.task = {
      ...this.task,
      state,
      done: state === 'done' ? 1 : this.task.done,
      seconds: null,
      error: data,
    };
    this.#say();
  }

  #left(done: number | null): number | null {
    const elapsed = performance.now() - this.#since.at;
    const grown = (done ?? 0) - this.#since.share;
    if (done === null || elapsed < GUESS_MS || grown < GUESS_SHARE) return null;
    return ((elapsed / 1000) * (1 - done)) / grown;
  }

  #say(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#toldAt = performance.now();
    this.#tell(this.task);
  }
}
