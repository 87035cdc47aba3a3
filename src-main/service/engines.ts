import { availableParallelism, cpus, totalmem } from 'node:os';
import type { CachedEngine, EnginePack, EngineState } from '../contract/api/host.ts';
import type { Output } from '../contract/api/index.ts';
import { EngineError, SwampError } from '../contract/errors.ts';
import type { EngineBuild } from '../contract/job.ts';
import type { StoredResolution } from '../experiment/resolve.ts';
import type { Report, Tasks } from './tasks.ts';

export type Variant = 'auto' | 'cpu' | 'cuda' | 'wasm';

/** An engine that is to be packed. */
export interface PackOrder {
  readonly variant: 'auto' | 'cpu' | 'cuda';
  readonly folder: string;
  /** The largest that a file may be, in bytes. */
  readonly piece: number;
}

/** Where engines come from. */
export interface EngineSource {
  /** The engine that is there already; `null` where it would have to be prepared. */
  find(variant: Variant): Promise<EngineBuild | null>;
  /** Downloads and builds what is missing. */
  prepare(variant: Variant, report: (report: Report) => void, signal: AbortSignal): Promise<EngineBuild>;
  /** The kind that a stored experiment goes on with. */
  variantOf(resolution: Pick<StoredResolution, 'backend'>): Promise<Variant>;
  /** A usable GPU's name. */
  gpu(): Promise<string | null>;
  /** Those on this machine, and where they are kept. */
  list(): Promise<{ readonly cache: string; readonly engines: CachedEngine[] }>;
  /** Makes one ready from a folder that `pack` wrote. */
  install(
    folder: string,
    report: (report: Report) => void,
    signal: AbortSignal,
  ): Promise<{ readonly engine: string; readonly already: boolean }>;
  /** Writes one into a folder, in pieces. */
  pack(order: PackOrder, report: (report: Report) => void, signal: AbortSignal): Promise<EnginePack>;
  /** What this machine needs and has. */
  diagnose(): Promise<Output<'host.diagnose'>>;
  /** What to say of an engine that computes here, or that would; empty: nothing. */
  advice(build: EngineBuild | null, gpu: string | null): Promise<string>;
}

/** What was found on disk or of the machine is taken for true for so long. */
const KEEP_MS = 10_000;

/** A preparation that several wait for. */
interface Preparation {
  readonly promise: Promise<EngineBuild>;
  readonly controller: AbortController;
  waiting: number;
}

/** The engines of a host: which is there, and preparing one, told as a task. */
export class Engines {
  readonly #source: EngineSource;
  readonly #tasks: Tasks;
  readonly #found = new Map<Variant, { readonly build: EngineBuild | null; readonly at: number }>();
  readonly #preparing = new Map<Variant, Preparation>();
  #gpu: { readonly name: string | null; readonly at: number } | null = null;
  #failure: unknown = null;

  constructor(source: EngineSource, tasks: Tasks) {
    this.#source = source;
    this.#tasks = tasks;
  }

  /** Looks only; `null` where it is not prepared. */
  async ready(variant: Variant): Promise<EngineBuild | null> {
    const known = this.#found.get(variant);
    if (known && performance.now() - known.at < KEEP_MS) return known.build;
    const build = await this.#source.find(variant);
    this.#found.set(variant, { build, at: performance.now() });
    return build;
  }

  /**
   * The engine, prepared where it is not there. Several who want the same wait for one preparation, which ends when the
   * last of them leaves.
   * @throws EngineError; the signal's reason.
   */
  async prepare(variant: Variant, signal: AbortSignal): Promise<EngineBuild> {
    signal.throwIfAborted();
    const there = await this.ready(variant).catch(() => null);
    if (there) return there;
    const shared = this.#preparing.get(variant) ?? this.#begin(variant);
    shared.waiting += 1;
    const left = Promise.withResolvers<never>();
    const leave = (): void => left.reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    try {
      signal.throwIfAborted();
      return await Promise.race([shared.promise, left.promise]);
    } catch (error) {
      if (signal.aborted || !isAbort(error)) throw error;
      throw new EngineError(
        'the preparation of the engine was stopped',
        'It goes on where it was: resume the experiment, or prepare the engine in the settings.',
      );
    } finally {
      signal.removeEventListener('abort', leave);
      shared.waiting -= 1;
      if (shared.waiting === 0) shared.controller.abort(signal.reason);
    }
  }

  /** The engine that a stored experiment needs. @throws as `prepare`. */
  async of(resolution: StoredResolution, signal: AbortSignal): Promise<EngineBuild> {
    return await this.prepare(await this.#source.variantOf(resolution), signal);
  }

  /** Those on this machine. */
  list(): ReturnType<EngineSource['list']> {
    return this.#source.list();
  }

  diagnose(): ReturnType<EngineSource['diagnose']> {
    return this.#source.diagnose();
  }

  /** Makes one ready from a folder. @throws as `prepare`. */
  async install(folder: string, signal: AbortSignal): ReturnType<EngineSource['install']> {
    const what = { kind: 'engine', title: 'Installing the engine' } as const;
    try {
      const installed = await this.#tasks.run(what, signal, (report, signal) =>
        this.#source.install(folder, report, signal),
      );
      this.#failure = null;
      return installed;
    } finally {
      this.#found.clear();
    }
  }

  /** Writes one into a folder, prepared first where it is not there. @throws as `prepare`. */
  async pack(order: PackOrder, signal: AbortSignal): Promise<EnginePack> {
    const what = { kind: 'engine', title: 'Packing the engine' } as const;
    try {
      return await this.#tasks.run(what, signal, (report, signal) =>
        this.#source.pack(order, report, signal),
      );
    } finally {
      this.#found.clear();
    }
  }

  async state(): Promise<EngineState> {
    const gpu = await this.#gpuName();
    const machine = {
      gpu,
      processor: cpus()[0]?.model.trim() ?? '',
      cores: availableParallelism(),
      memoryBytes: totalmem(),
    };
    const failed = (error: unknown): EngineState => {
      const { message } = error instanceof Error ? error : new Error(String(error));
      const advice = error instanceof SwampError ? `${message} ${error.hint}` : message;
      return { state: 'failed', variant: null, tensorflow: null, ...machine, advice };
    };
    let build: EngineBuild | null;
    try {
      build = await this.ready('auto');
    } catch (error) {
      return failed(error);
    }
    const advice = await this.#source.advice(build, gpu);
    const none = { variant: null, tensorflow: null, ...machine, advice };
    if (this.#preparing.size > 0 && !build) return { state: 'preparing', ...none };
    if (build) {
      const { variant, tensorflow } = build;
      return { state: 'ready', variant, tensorflow, ...machine, advice };
    }
    return this.#failure === null ? { state: 'missing', ...none } : failed(this.#failure);
  }

  #begin(variant: Variant): Preparation {
    const controller = new AbortController();
    const what = { kind: 'engine', title: 'Preparing the engine' } as const;
    const promise = this.#tasks
      .run(what, controller.signal, (report, signal) => this.#source.prepare(variant, report, signal))
      .then((build) => {
        this.#failure = null;
        return build;
      })
      .catch((error: unknown) => {
        if (!isAbort(error)) this.#failure = error;
        throw error;
      })
      .finally(() => {
        this.#preparing.delete(variant);
        this.#found.clear();
      });
    // Whoever waits hears of it; where all have left nobody does.
    promise.catch(() => undefined);
    const preparation = { promise, controller, waiting: 0 };
    this.#preparing.set(variant, preparation);
    return preparation;
  }

  async #gpuName(): Promise<string | null> {
    if (this.#gpu && performance.now() - this.#gpu.at < KEEP_MS) return this.#gpu.name;
    const name = await this.#source.gpu();
    this.#gpu = { name, at: performance.now() };
    return name;
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
