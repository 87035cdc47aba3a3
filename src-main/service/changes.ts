import type { Payload } from '../contract/api/index.ts';
import type { ExperimentId } from '../contract/ids.ts';

type Handler = (payload: Payload<'changes'>) => void;

/** Changes are gathered for so long before they are told together. */
const GATHER_MS = 200;

/** Tells that what is stored or queued is no longer what it was. */
export class Changes {
  readonly #queue: () => Payload<'changes'>['queue'];
  readonly #handlers = new Set<Handler>();
  #changed: Set<ExperimentId> | null = new Set();
  #timer: NodeJS.Timeout | null = null;

  constructor(queue: () => Payload<'changes'>['queue']) {
    this.#queue = queue;
  }

  /** @param experiments `null`: any may have changed. */
  add(experiments: readonly ExperimentId[] | null): void {
    if (this.#handlers.size === 0) return;
    if (experiments === null) this.#changed = null;
    else for (const id of experiments) this.#changed?.add(id);
    this.#timer ??= setTimeout(() => this.#tell(), GATHER_MS);
  }

  listen(handler: Handler): () => void {
    // One handler may be given twice.
    const own: Handler = (payload) => handler(payload);
    this.#handlers.add(own);
    own({ experiments: [], queue: this.#queue() });
    return () => this.#handlers.delete(own);
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#handlers.clear();
  }

  #tell(): void {
    this.#timer = null;
    const experiments = this.#changed === null ? null : [...this.#changed];
    this.#changed = new Set();
    const payload = { experiments, queue: this.#queue() };
    for (const handler of [...this.#handlers]) handler(payload);
  }
}
