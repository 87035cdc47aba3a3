/** Memory of a ring, to be handed to a thread. */
export interface RingBuffers {
  readonly control: SharedArrayBuffer;
  readonly images: SharedArrayBuffer;
  readonly labels: SharedArrayBuffer;
  readonly slots: number;
  /** Images a slot, and bytes an image. */
  readonly batch: number;
  readonly imageBytes: number;
}

interface Slot {
  readonly images: Uint8Array;
  readonly labels: Int32Array;
}

/** Words of `control`. Batches are counted modulo 2^32, which wraps without harm. */
const FILLED = 0;
const RELEASED = 1;
const STATE = 2;
/** Counts changes of the others. Whoever sleeps does so on this word, read before the others, so no change is missed. */
const CHANGES = 3;

const RUNNING = 0;
const CLOSED = 1;
const FAILED = 2;

/** How long the consumer waits for one batch before it gives up on the thread, milliseconds. */
const PATIENCE = 120_000;

/**
 * Slots for batches in shared memory with one thread that fills them in turn and one that takes them. Both sleep
 * in Atomics.wait while there is nothing to do.
 */
export class Ring {
  readonly buffers: RingBuffers;
  readonly #control: Int32Array;
  readonly #slots: readonly Slot[];
  /** Whether the consumer holds a slot. */
  #held = false;

  constructor(buffers: RingBuffers) {
    const { slots, batch, imageBytes } = buffers;
    this.buffers = buffers;
    this.#control = new Int32Array(buffers.control);
    this.#slots = Array.from({ length: slots }, (_, slot) => ({
      images: new Uint8Array(buffers.images, slot * batch * imageBytes, batch * imageBytes),
      labels: new Int32Array(buffers.labels, slot * batch * 4, batch),
    }));
  }

  static create(slots: number, batch: number, imageBytes: number): Ring {
    return new Ring({
      control: new SharedArrayBuffer(16),
      images: new SharedArrayBuffer(slots * batch * imageBytes),
      labels: new SharedArrayBuffer(slots * batch * 4),
      slots,
      batch,
      imageBytes,
    });
  }

  /**
   * Consumer: releases the slot taken before and waits for the next.
   * @throws Error where the other thread failed or fills nothing for two minutes.
   */
  take(): Slot {
    if (this.#held) this.#add(RELEASED);
    this.#held = false;
    const released = this.#read(RELEASED);
    for (;;) {
      const changes = this.#read(CHANGES);
      if (this.#read(FILLED) !== released) break;
      if (this.#read(STATE) !== RUNNING) throw new Error('the thread that loads batches ended');
      if (Atomics.wait(this.#control, CHANGES, changes, PATIENCE) === 'timed-out')
        throw new Error(`the thread that loads batches gave none for ${PATIENCE / 1000} s`);
    }
    this.#held = true;
    return this.#slot(released);
  }

  /** Filler: waits for a free slot; `null` once the ring is closed. Call {@link filled} when it holds a batch. */
  free(): Slot | null {
    for (;;) {
      const changes = this.#read(CHANGES);
      if (this.#read(STATE) !== RUNNING) return null;
      const filled = this.#read(FILLED);
      if (((filled - this.#read(RELEASED)) | 0) < this.buffers.slots) return this.#slot(filled);
      Atomics.wait(this.#control, CHANGES, changes);
    }
  }

  /** Filler: the slot that {@link free} gave holds the next batch. */
  filled(): void {
    this.#add(FILLED);
  }

  /** Consumer: no more batches; the filler ends. */
  close(): void {
    this.#end(CLOSED);
  }

  /** Filler, or who started it: it cannot go on; the consumer's `take` throws once it has taken what is there. */
  fail(): void {
    this.#end(FAILED);
  }

  #end(state: number): void {
    Atomics.store(this.#control, STATE, state);
    this.#wake();
  }

  #read(word: number): number {
    return Atomics.load(this.#control, word);
  }

  #add(word: number): void {
    Atomics.add(this.#control, word, 1);
    this.#wake();
  }

  #wake(): void {
    Atomics.add(this.#control, CHANGES, 1);
    Atomics.notify(this.#control, CHANGES);
  }

  #slot(count: number): Slot {
    return this.#slots[(count >>> 0) % this.#slots.length] as Slot;
  }
}
