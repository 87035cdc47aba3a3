import { statSync } from 'node:fs';
import type { ExperimentConfig } from '../contract/experiment.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import type { LoadWatch } from '../datasets/dataset.ts';
import { canonical } from '../experiment/keys.ts';
import { locationOf } from '../experiment/own-choice.ts';
import { readData, resolveRead, type ReadData, type ResolvedData } from '../experiment/resolve.ts';

/** Data sets that are remembered: without their images, which planning does not need. */
const KEPT = 16;

/** Data sets that were read lately, so that a draft that is changed is planned at once. */
export class DataShelf {
  /** The one used last is last. Two who want the same wait for one reading. */
  readonly #kept = new Map<string, Promise<ReadData>>();

  async resolve(config: ExperimentConfig, watch: LoadWatch): Promise<ResolvedData> {
    return resolveRead(config, await this.#read(config.dataset, watch));
  }

  async #read(spec: NamedSpec, watch: LoadWatch): Promise<ReadData> {
    const key = `${canonical(spec)} ${standOf(spec)}`;
    const known = this.#kept.get(key);
    this.#kept.delete(key);
    const reading = known ?? readData(spec, watch);
    this.#kept.set(key, reading);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(oldest);
    }
    try {
      return await reading;
    } catch (error) {
      if (this.#kept.get(key) === reading) this.#kept.delete(key);
      // Whoever began the reading may have given it up.
      if (known && !watch.signal?.aborted) return await this.#read(spec, watch);
      throw error;
    }
  }
}

/** Changes where the files are replaced or go away; jobs check the data themselves. */
function standOf(spec: NamedSpec): string {
  return locationOf(spec)
    .map((option) => {
      const path = spec[option];
      const found = typeof path === 'string' ? statSync(path, { throwIfNoEntry: false }) : undefined;
      return found ? `${found.ino} ${found.mtimeMs} ${found.size}` : 'gone';
    })
    .join();
}
