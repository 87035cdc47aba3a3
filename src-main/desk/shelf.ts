import type { MeasuredComparison } from '../contract/compare.ts';
import type { ExperimentId } from '../contract/ids.ts';
import { measureStored, storedExperiment, type Prepared } from '../experiment/studio.ts';
import type { Library } from '../store/library.ts';

/** Experiments that are kept: planning one takes tens of milliseconds, and pages ask again and again. */
const KEPT = 64;

interface Kept {
  /** What its plan is made from. */
  readonly plan: string;
  readonly prepared: Prepared;
  measured: { readonly at: string; readonly comparison: MeasuredComparison } | null;
}

/** Stored experiments as they were planned and measured, kept as long as they are what they were. */
class Shelf {
  readonly #library: Library;
  /** The one used last is last. */
  readonly #kept = new Map<ExperimentId, Kept>();

  constructor(library: Library) {
    this.#library = library;
  }

  prepared(id: ExperimentId): Prepared {
    return this.#take(id).kept.prepared;
  }

  measured(id: ExperimentId): MeasuredComparison {
    const { kept, counts } = this.#take(id);
    // Results change only where jobs change their states.
    if (kept.measured?.at !== counts)
      kept.measured = { at: counts, comparison: measureStored(this.#library, id, kept.prepared) };
    return kept.measured.comparison;
  }

  #take(id: ExperimentId): { kept: Kept; counts: string } {
    const { config, resolved, counts } = this.#library.store.experiment(id);
    const plan = JSON.stringify([config, resolved]);
    const known = this.#kept.get(id);
    const kept =
      known?.plan === plan ? known : { plan, prepared: storedExperiment(this.#library, id), measured: null };
    this.#kept.delete(id);
    this.#kept.set(id, kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(oldest);
    }
    return { kept, counts: JSON.stringify(counts) };
  }
}

const shelves = new WeakMap<Library, Shelf>();

/** The shelf of a library. */
export function shelfOf(library: Library): Shelf {
  const shelf = shelves.get(library) ?? new Shelf(library);
  shelves.set(library, shelf);
  return shelf;
}
