import { setImmediate } from 'node:timers/promises';
import { Stopped, type JobContext } from './context.ts';
import { CHECKPOINTS } from './loop.ts';

/** A long job between two pieces of its work: it says how far it is, lets the worker listen, and saves what it has. */
export class Breath {
  readonly #context: JobContext;
  readonly #save: () => void;
  #savedAt = performance.now();

  /** @param save writes the job's checkpoint */
  constructor(context: JobContext, save: () => void) {
    this.#context = context;
    this.#save = save;
  }

  /** @throws Stopped after saving, where the user asked to stop */
  async take(iteration: number, iterations: number): Promise<void> {
    const context = this.#context;
    context.progress({ iteration, iterations });
    await setImmediate();
    const { atEpochSeconds } = context.checkpoints ?? CHECKPOINTS;
    const stop = context.stopRequested();
    if (stop || performance.now() - this.#savedAt >= 1000 * atEpochSeconds) {
      this.#save();
      this.#savedAt = performance.now();
    }
    if (stop) throw new Stopped();
  }
}
