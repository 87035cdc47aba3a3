import type { MeasuredComparison } from '../contract/compare.ts';
import { ExperimentConfig } from '../contract/experiment.ts';
import type { ExperimentId } from '../contract/ids.ts';
import { openStored } from '../experiment/analyses/keep.ts';
import type { OpenAnalysis } from '../experiment/analyses/plan.ts';
import { StoredResolution } from '../experiment/resolve.ts';
import { measureStored, prepareStored, type Prepared } from '../experiment/studio.ts';
import type { Library } from '../store/library.ts';
import type { PlanRequest } from './tasks.ts';

/** Jobs of the plans that are kept, all together: planning takes 40 µs a job, keeping one about 1 KB. */
const KEPT_JOBS = 60_000;
/** Comparisons that are kept: each takes some kilobytes. */
const KEPT_COMPARISONS = 5000;
/** Analyses that are kept open: one that is watched is read again and again. */
const KEPT_ANALYSES = 8;

interface Measured {
  /** What its plan is made from, and how its results stood. */
  readonly plan: string;
  readonly stand: string;
  readonly comparison: MeasuredComparison;
}

/** Experiments as they were planned and measured, kept as long as they are what they were. */
export class Shelf {
  readonly #library: Library;
  /** By what they are made from. The one used last is last. */
  readonly #plans = new Map<string, Prepared>();
  #jobs = 0;
  /** What an analysis is planned from never changes. */
  readonly #analyses = new Map<ExperimentId, OpenAnalysis>();
  readonly #measured = new Map<ExperimentId, Measured>();
  /** How results stood, as long as nothing was written. */
  readonly #stands = new Map<ExperimentId, string>();
  #written = -1;

  readonly #most: number;

  constructor(library: Library, { jobs = KEPT_JOBS } = {}) {
    this.#library = library;
    this.#most = jobs;
  }

  /** An experiment that could be stored, as `prepareStored` plans it. */
  plan({ config, resolution }: PlanRequest): Prepared {
    return this.#plan(textOf(config, resolution), config, resolution);
  }

  prepared(id: ExperimentId): Prepared {
    const { config, resolved } = this.#library.store.experiment(id);
    return this.#plan(textOf(config, resolved), config, resolved);
  }

  measured(id: ExperimentId): MeasuredComparison {
    const prepared = this.prepared(id);
    const plan = textOf(prepared.config, prepared.resolution);
    const stand = this.#stand(id);
    const known = this.#measured.get(id);
    const measured =
      known?.plan === plan && known.stand === stand
        ? known
        : { plan, stand, comparison: measureStored(this.#library, id, prepared) };
    keepLast(this.#measured, id, measured);
    for (const oldest of this.#measured.keys()) {
      if (this.#measured.size <= KEPT_COMPARISONS) break;
      this.#measured.delete(oldest);
    }
    return measured.comparison;
  }

  /** A stored analysis. @throws ConfigError where it is none */
  analysis(id: ExperimentId): OpenAnalysis {
    const open = this.#analyses.get(id) ?? openStored(this.#library, id);
    keepLast(this.#analyses, id, open);
    for (const oldest of this.#analyses.keys()) {
      if (this.#analyses.size <= KEPT_ANALYSES) break;
      this.#analyses.delete(oldest);
    }
    return open;
  }

  /** A plan that was just made. */
  keep(prepared: Prepared, text = textOf(prepared.config, prepared.resolution)): void {
    this.#jobs += prepared.plan.jobs.length - (this.#plans.get(text)?.plan.jobs.length ?? 0);
    keepLast(this.#plans, text, prepared);
    for (const [oldest, { plan }] of this.#plans) {
      if (this.#jobs <= this.#most || this.#plans.size === 1) break;
      this.#plans.delete(oldest);
      this.#jobs -= plan.jobs.length;
    }
  }

  #plan(text: string, config: unknown, resolution: unknown): Prepared {
    const prepared =
      this.#plans.get(text) ??
      prepareStored(ExperimentConfig.parse(config), StoredResolution.parse(resolution));
    this.keep(prepared, text);
    return prepared;
  }

  /** Looked up anew only where something was written meanwhile. */
  #stand(id: ExperimentId): string {
    const { store } = this.#library;
    if (store.written !== this.#written) this.#stands.clear();
    this.#written = store.written;
    const stand = this.#stands.get(id) ?? store.resultsStand(id);
    this.#stands.set(id, stand);
    return stand;
  }
}

function textOf(config: unknown, resolution: unknown): string {
  return JSON.stringify([config, resolution]);
}

/** The one used last is last. */
function keepLast<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key);
  map.set(key, value);
}

const shelves = new WeakMap<Library, Shelf>();

/** The shelf of a library. */
export function shelfOf(library: Library): Shelf {
  const shelf = shelves.get(library) ?? new Shelf(library);
  shelves.set(library, shelf);
  return shelf;
}
