import { Worker } from 'node:worker_threads';
import { fromErrorData } from '../contract/error-data.ts';
import { LibraryError } from '../contract/errors.ts';
import type { DeskProgress, DeskSettings, FromDesk, ToDesk } from './messages.ts';
import { desks, type BytesTask, type DeskName, type DeskTask, type TaskInput } from './tasks.ts';

export type { DeskProgress } from './messages.ts';
export { deskOf, type DeskMethod, type DeskTask, type TaskInput } from './tasks.ts';

/** The desks of a host, each started when it is first asked for something. */
export class Desks {
  readonly #desks: Readonly<Record<DeskName, Desk>>;

  constructor(settings: DeskSettings) {
    this.#desks = { quick: new Desk(settings), slow: new Desk(settings), files: new Desk(settings) };
  }

  /**
   * Has a desk do a task. @param input as its schema has read it. @param onProgress called now and then where it
   * takes long. @returns JSON.
   * @throws SwampError as the task does; LibraryError where the thread died; the signal's reason.
   */
  async text<T extends DeskTask>(
    task: T,
    input: TaskInput<T>,
    signal?: AbortSignal,
    onProgress?: (progress: DeskProgress) => void,
  ): Promise<string> {
    return (await this.#desks[desks[task]].ask(task, input, signal, onProgress)) as string;
  }

  /** The same for a task that gives bytes. */
  async bytes<T extends BytesTask>(task: T, input: TaskInput<T>, signal?: AbortSignal): Promise<Uint8Array> {
    return (await this.#desks[desks[task]].ask(task, input, signal)) as Uint8Array;
  }

  /** Ends the threads. What they are at fails. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.#desks).map((desk) => desk.close()));
  }
}

interface Waiting {
  readonly resolve: (answer: string | Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
  readonly progress: (progress: DeskProgress) => void;
}

/** One thread, begun anew where it has died. */
class Desk {
  readonly #settings: DeskSettings;
  readonly #calls = new Map<number, Waiting>();
  #thread: Worker | null = null;
  #next = 0;

  constructor(settings: DeskSettings) {
    this.#settings = settings;
  }

  async ask(
    task: DeskTask,
    input: unknown,
    signal?: AbortSignal,
    onProgress: Waiting['progress'] = () => undefined,
  ): Promise<string | Uint8Array> {
    signal?.throwIfAborted();
    const id = this.#next++;
    const thread = (this.#thread ??= this.#start());
    const answer = new Promise<string | Uint8Array>((resolve, reject) =>
      this.#calls.set(id, { resolve, reject, progress: onProgress }),
    );
    const cancel = (): void => {
      this.#send(thread, { type: 'cancel', id });
      this.#calls.get(id)?.reject(signal?.reason);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    this.#send(thread, { type: 'call', id, task, input });
    try {
      return await answer;
    } finally {
      this.#calls.delete(id);
      signal?.removeEventListener('abort', cancel);
    }
  }

  async close(): Promise<void> {
    const thread = this.#thread;
    this.#thread = null;
    await thread?.terminate();
  }

  #send(thread: Worker, message: ToDesk): void {
    thread.postMessage(message);
  }

  #start(): Worker {
    const thread = new Worker(new URL('../desk.ts', import.meta.url), {
      workerData: this.#settings,
      execArgv: [],
    });
    // A host that has nothing else to do may end.
    thread.unref();
    let why = 'it ended without a word';
    thread.on('message', (message: FromDesk) => this.#take(message));
    thread.on('error', (error: unknown) => (why = error instanceof Error ? error.message : String(error)));
    thread.on('exit', () => this.#ended(thread, why));
    return thread;
  }

  #take(message: FromDesk): void {
    const waiting = this.#calls.get(message.id);
    if (message.type === 'result') waiting?.resolve(message.text);
    else if (message.type === 'bytes') waiting?.resolve(message.bytes);
    else if (message.type === 'progress') waiting?.progress(message.progress);
    else waiting?.reject(fromErrorData(message.error));
  }

  /** The next call starts another. */
  #ended(thread: Worker, why: string): void {
    if (this.#thread === thread) this.#thread = null;
    const error = new LibraryError(
      `the part of the host that reads the library has failed: ${why}`,
      'It starts anew: try again. Experiments go on meanwhile.',
    );
    for (const { reject } of this.#calls.values()) reject(error);
  }
}
