import { spawn, type ChildProcess } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { ConfigError, DataError, ExitCode, SwampError } from '../contract/errors.ts';
import {
  FromWorker,
  type CheckOrder,
  type CheckResult,
  type EngineBuild,
  type JobOrder,
  type JobProgress,
  type ProbeOrder,
  type ProbeResult,
  type ToWorker,
  type WorkerSettings,
} from '../contract/job.ts';
import type { UseOrder, UseResult } from '../contract/use.ts';
import { engineEnvironment } from '../engine/environment.ts';
import type { Executor, JobOutcome } from './executor.ts';

export interface LocalOptions {
  /** The worker's entry, a TypeScript file. */
  readonly entry: string;
  readonly engine: EngineBuild;
  readonly library: string;
  /** Worker processes. */
  readonly workers: number;
  /** Intra-op threads of each. */
  readonly threads: number;
  readonly app: string;
}

/** Errors of a worker that say that what it was given is wrong. */
const BAD_INPUT: readonly string[] = [ConfigError.name, DataError.name];

/** Lines of a worker's output that are kept for the message when it dies. */
const LOG_LINES = 20;

/** Worker processes on this machine; started when first needed, kept warm, replaced when one dies. */
export class LocalExecutor implements Executor {
  readonly size: number;
  readonly #options: LocalOptions;
  readonly #idle: WorkerProcess[] = [];
  readonly #all = new Set<WorkerProcess>();

  constructor(options: LocalOptions) {
    this.#options = options;
    this.size = options.workers;
    process.on('exit', this.#killAll);
  }

  async run(order: JobOrder, onProgress: (progress: JobProgress) => void): Promise<JobOutcome> {
    return await this.#with((worker) => worker.run(order, onProgress));
  }

  async probe(order: ProbeOrder): Promise<ProbeResult> {
    return await this.#with((worker) => worker.probe(order));
  }

  async check(order: CheckOrder): Promise<CheckResult> {
    return await this.#with((worker) => worker.check(order));
  }

  async use(order: UseOrder, onProgress: (done: number, total: number) => void): Promise<UseResult> {
    return await this.#with((worker) => worker.use(order, onProgress));
  }

  stop(): void {
    for (const worker of this.#all) worker.stop();
  }

  async close(): Promise<void> {
    process.off('exit', this.#killAll);
    await Promise.all([...this.#all].map((worker) => worker.close()));
  }

  /** Whoever leaves without closing (a second Ctrl-C, a fault) leaves no worker behind. */
  readonly #killAll = (): void => {
    for (const worker of this.#all) worker.kill();
  };

  async #with<T>(use: (worker: WorkerProcess) => Promise<T>): Promise<T> {
    let worker = this.#idle.pop();
    // One may have died while it had nothing to do.
    while (worker && !worker.alive) {
      this.#all.delete(worker);
      worker = this.#idle.pop();
    }
    worker ??= this.#start();
    try {
      return await use(worker);
    } finally {
      if (worker.alive) this.#idle.push(worker);
      else this.#all.delete(worker);
    }
  }

  #start(): WorkerProcess {
    const worker = new WorkerProcess(this.#options);
    this.#all.add(worker);
    return worker;
  }
}

/** Where this process keeps what sources compile to, for workers to share; it saves a third of their start. */
function compileCache(): Record<string, string> {
  const folder = getCompileCacheDir();
  // The folder is one for this version of Node, below the one that is named.
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}

/** One worker: one job at a time. */
class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #log: string[] = [];
  readonly #exited: Promise<void>;
  #alive = true;
  #listen: (message: FromWorker) => void = () => undefined;
  #died: (reason: string) => void = () => undefined;

  constructor({ entry, engine, library, threads, app }: LocalOptions) {
    const settings: WorkerSettings = { engine, library, app };
    this.#child = spawn(process.execPath, ['--disable-warning=DEP0044', entry], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A process group of its own: Ctrl-C in a terminal reaches the host alone, which decides what becomes of the
      // job. A worker that is still starting could not ignore it. It ends with the channel, however the host ends.
      detached: process.platform !== 'win32',
      env: {
        ...process.env,
        ...engineEnvironment(engine, threads),
        ...compileCache(),
        SWAMP_WORKER: JSON.stringify(settings),
      },
    });
    this.#child.on('message', (raw) => this.#receive(raw));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.#keep(text));
    }
    this.#exited = new Promise((resolve) => {
      this.#child.on('error', (error) => this.#keep(error.message));
      this.#child.on('close', (code, signal) => {
        this.#alive = false;
        this.#died(`the worker ended with ${signal ?? `exit code ${code}`}${this.#tail()}`);
        resolve();
      });
    });
  }

  get alive(): boolean {
    return this.#alive;
  }

  run(order: JobOrder, onProgress: (progress: JobProgress) => void): Promise<JobOutcome> {
    return new Promise((resolve) => {
      this.#died = (reason) => resolve({ kind: 'lost', reason });
      this.#listen = (message) => {
        switch (message.type) {
          case 'progress':
            onProgress(message.progress);
            break;
          case 'done':
            resolve({ kind: 'done', result: message.result });
            break;
          case 'failed':
            resolve({ kind: 'failed', failure: message.failure });
            break;
          case 'stopped':
            resolve({ kind: 'stopped' });
            break;
          case 'probed':
          case 'checked':
          case 'using':
          case 'used':
            break;
        }
      };
      this.#send({ type: 'run', order });
    });
  }

  async probe(order: ProbeOrder): Promise<ProbeResult> {
    const answer = await this.#ask({ type: 'probe', order }, 'A training step could not be timed');
    if (answer.type !== 'probed') throw new Error(`unexpected answer ${answer.type}`);
    return answer.result;
  }

  async check(order: CheckOrder): Promise<CheckResult> {
    const answer = await this.#ask({ type: 'check', order }, `${order.file} could not be checked`);
    if (answer.type !== 'checked') throw new Error(`unexpected answer ${answer.type}`);
    return answer.result;
  }

  async use(order: UseOrder, onProgress: (done: number, total: number) => void): Promise<UseResult> {
    const failing = `${order.network.path} could not be run`;
    const answer = await this.#ask({ type: 'use', order }, failing, onProgress);
    if (answer.type !== 'used') throw new Error(`unexpected answer ${answer.type}`);
    return answer.result;
  }

  /** Sends a request that is not a job and waits for its answer. */
  #ask(
    message: ToWorker,
    failing: string,
    onProgress: (done: number, total: number) => void = () => undefined,
  ): Promise<FromWorker> {
    return new Promise((resolve, reject) => {
      this.#died = (reason) => {
        reject(
          new SwampError(`${failing}: ${reason}`, 'Run `swamp doctor` to check the engine.', ExitCode.engine),
        );
      };
      this.#listen = (answer) => {
        if (answer.type === 'using') onProgress(answer.done, answer.total);
        else if (answer.type === 'failed') {
          const { name, message, hint } = answer.failure;
          const code = BAD_INPUT.includes(name) ? ExitCode.usage : ExitCode.job;
          reject(new SwampError(`${failing}: ${message}`, hint, code));
        } else resolve(answer);
      };
      this.#send(message);
    });
  }

  stop(): void {
    this.#send({ type: 'stop' });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async close(): Promise<void> {
    if (this.#alive) this.#child.kill('SIGTERM');
    await this.#exited;
  }

  #send(message: ToWorker): void {
    if (!this.#child.connected) return;
    // A worker that has just died reports itself by its exit; the failed write adds nothing.
    this.#child.send(message, () => undefined);
  }

  #receive(raw: unknown): void {
    this.#listen(FromWorker.parse(raw));
  }

  #keep(text: string): void {
    this.#log.push(...text.split('\n').filter((line) => line.trim() !== ''));
    this.#log.splice(0, this.#log.length - LOG_LINES);
  }

  #tail(): string {
    return this.#log.length === 0 ? '' : `; it last said:\n${this.#log.join('\n')}`;
  }
}
