import { Worker } from 'node:worker_threads';
import type { BatchOrder, Source } from './batches.ts';
import { BatchPlan } from './batches.ts';
import { MixPlan, type Mix } from './mixup.ts';
import { Ring, type RingBuffers } from './ring.ts';

/** A batch as bytes; valid until the loader's following `next()`. */
export interface Batch {
  /** [batch, height, width, channels]. */
  readonly images: Uint8Array;
  /** [batch]. */
  readonly labels: Int32Array;
  /** How its images and labels are to be mixed; absent where the order asks for no mixup. */
  readonly mix?: Mix | undefined;
}

/** Batches in the order of a training, from any iteration on. */
export interface BatchLoader {
  readonly iterationsPerEpoch: number;
  /**
   * The next iteration's batch, synchronously. Its memory is used again by the following call.
   * @throws RangeError behind the last iteration.
   */
  next(): Batch;
  /** Ends the thread, if there is one. Batches must not be used any more. */
  close(): void;
}

/** What a loader is made of. */
export interface LoaderOptions {
  readonly source: Source;
  readonly order: BatchOrder;
  /** First iteration; not 0 where a training is resumed. */
  readonly start: number;
  /** T: behind the last iteration. */
  readonly end: number;
}

/** What the thread needs; the images in it are shared, not copied. */
export interface ThreadData extends LoaderOptions {
  readonly ring: RingBuffers;
}

/** Batches filled ahead. */
const AHEAD = 4;

/**
 * A loader of the kind that pays: a thread of its own where images are flipped, cropped or cut out and their
 * bytes are shared (as data sets of this folder load them); otherwise filling is a few copies and happens in `next()`.
 * Both give the same bytes.
 */
export function openLoader(options: LoaderOptions): BatchLoader {
  const { order, source } = options;
  const { flip, crop, cutout = 0 } = order.augment;
  const augmented = flip || crop > 0 || cutout > 0;
  const shared = source.images.buffer instanceof SharedArrayBuffer;
  return augmented && shared ? new ThreadLoader(options) : new PlainLoader(options);
}

/** Fills each batch when it is asked for. */
export class PlainLoader implements BatchLoader {
  readonly iterationsPerEpoch: number;
  readonly #plan: BatchPlan;
  readonly #options: LoaderOptions;
  readonly #mixes: MixPlan | null;
  readonly #images: Uint8Array;
  readonly #labels: Int32Array;
  #iteration: number;

  constructor(options: LoaderOptions) {
    this.#options = options;
    this.#plan = new BatchPlan(options.order);
    this.iterationsPerEpoch = this.#plan.iterationsPerEpoch;
    this.#iteration = options.start;
    const { batch } = options.order;
    this.#mixes = mixesOf(options);
    this.#images = new Uint8Array(batch * imageBytes(options));
    this.#labels = new Int32Array(batch);
  }

  next(): Batch {
    checkEnd(this.#iteration, this.#options.end);
    const iteration = this.#iteration++;
    this.#plan.fill(iteration, this.#options.source, this.#images, this.#labels);
    return { images: this.#images, labels: this.#labels, mix: this.#mixes?.at(iteration) };
  }

  close(): void {
    // There is nothing to end.
  }
}

/** A thread fills a ring of batches ahead; it sleeps while the ring is full and does not keep the process alive. */
export class ThreadLoader implements BatchLoader {
  readonly iterationsPerEpoch: number;
  readonly #ring: Ring;
  readonly #mixes: MixPlan | null;
  readonly #end: number;
  #iteration: number;
  #closed = false;

  constructor(options: LoaderOptions) {
    // Also checks the options here, where an error reaches the caller.
    this.iterationsPerEpoch = new BatchPlan(options.order).iterationsPerEpoch;
    this.#iteration = options.start;
    this.#end = options.end;
    this.#mixes = mixesOf(options);
    this.#ring = Ring.create(AHEAD, options.order.batch, imageBytes(options));
    const workerData: ThreadData = { ...options, ring: this.#ring.buffers };
    const worker = new Worker(new URL('./loader-thread.ts', import.meta.url), { workerData, execArgv: [] });
    worker.unref();
    // Errors reach next() through the ring; one that the thread could not report must not end the process.
    worker.on('error', () => this.#ring.fail());
  }

  next(): Batch {
    if (this.#closed) throw new RangeError('the batch loader is closed');
    checkEnd(this.#iteration, this.#end);
    const mix = this.#mixes?.at(this.#iteration);
    this.#iteration++;
    const { images, labels } = this.#ring.take();
    return { images, labels, mix };
  }

  close(): void {
    this.#closed = true;
    this.#ring.close();
  }
}

/** Mixes are a few draws a batch and are made where batches are taken. */
function mixesOf({ order }: LoaderOptions): MixPlan | null {
  const { mixup = 0 } = order;
  return mixup > 0 ? new MixPlan(order, mixup) : null;
}

function imageBytes({ source: { shape } }: LoaderOptions): number {
  return shape[0] * shape[1] * shape[2];
}

function checkEnd(iteration: number, end: number): void {
  if (iteration >= end) throw new RangeError(`there is no batch ${iteration}: training ends after ${end}`);
}
