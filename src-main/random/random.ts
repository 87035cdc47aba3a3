import { createHash } from 'node:crypto';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/**
 * The random number tree: everything random draws from a stream addressed by what it is for, so that no two
 * uses share numbers and any of them can be drawn again alone (method.md, Seeds and stored work).
 *
 * Everything here decides results. Whoever changes an address, the generator or a distribution must raise the
 * version number of each job kind's numerics; the golden values in random.test.ts hold it in place.
 */

/** What a stream is for. Ticket and rounds have their own, or epoch 0 of both would share its order. */
export type Purpose =
  /** Validation split. */
  | 'split'
  /** Initial weights. */
  | 'init'
  /** Batch order of the ticket's training. */
  | 'ticket'
  /** Flips and crops of the ticket's training. */
  | 'ticket-augment'
  /** Batch order of a particle. */
  | 'order'
  /** Flips and crops of a particle. */
  | 'augment'
  /** Random masks. */
  | 'mask'
  /** Places of cutout's squares, in the ticket and in a particle. */
  | 'ticket-cutout'
  | 'cutout'
  /** Mixup's shares and partners, in the ticket and in a particle. */
  | 'ticket-mixup'
  | 'mixup'
  /** Random vectors that a Hessian is multiplied by (analysis/hutchinson.ts, lanczos.ts). */
  | 'probe'
  /** Images that scores are computed on. */
  | 'score'
  /** Weights that an update of a mask grows (SET); `epoch` is the iteration. */
  | 'grow'
  | 'dropout'
  /** A corruption of test images, by its name; `round` is the severity, `epoch` the image. */
  | `corrupt-${string}`;

/** Address of a stream. */
export interface Place {
  readonly seed: number;
  readonly purpose: Purpose;
  readonly member?: number;
  readonly round?: number;
  readonly particle?: number;
  readonly epoch?: number;
}

/** A generator of 32 random bits a call. Stateful; never share one between two uses. */
export interface Stream {
  /** The next 32 bits, as a signed integer. */
  next(): number;
}

/**
 * The stream at a place: xoroshiro128+ (Blackman and Vigna 2018) whose 128 bits of state are the first 16 bytes,
 * big-endian, of SHA-256("seed/purpose/member/round/particle/epoch"). What is left out is 0.
 * @throws RangeError on a place that is not made of integers; all but the seed must not be negative.
 */
export function streamFor(place: Place): Stream {
  const { seed, purpose, member = 0, round = 0, particle = 0, epoch = 0 } = place;
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed ${seed} is not an integer`);
  for (const [name, value] of Object.entries({ member, round, particle, epoch }))
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError(`${name} ${value} is not an integer from 0`);
  const address = [seed, purpose, member, round, particle, epoch].join('/');
  const hash = createHash('sha256').update(address).digest();
  return xoroshiro128plusFromState([0, 4, 8, 12].map((at) => hash.readInt32BE(at)));
}

const WORDS = 2 ** 32;

/**
 * Uniform integer in 0 … range − 1, without bias: the 32 bits are divided into `range` equal buckets and what is
 * left over is drawn again. Division uses the high bits, the better ones of xoroshiro128+.
 * @param range 1 … 2^32.
 */
export function uniformInt(stream: Stream, range: number): number {
  if (!Number.isInteger(range) || range < 1 || range > WORDS)
    throw new RangeError(`range ${range} is not an integer in 1 … 2^32`);
  const bucket = Math.floor(WORDS / range);
  for (;;) {
    const value = Math.floor((stream.next() >>> 0) / bucket);
    if (value < range) return value;
  }
}

/** Uniform float64 in [0, 1) with 53 random bits: 27 of one word, then 26 of the next. */
export function uniform(stream: Stream): number {
  const high = stream.next() >>> 5;
  const low = stream.next() >>> 6;
  return (high * 2 ** 26 + low) / 2 ** 53;
}

/** Every order of 0 … n − 1 equally likely: Fisher and Yates's shuffle from the last place down. */
export function permutation(stream: Stream, n: number): Int32Array {
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  shuffle(stream, order);
  return order;
}

/** Shuffles in place, every order equally likely. */
export function shuffle(stream: Stream, values: Int32Array): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = uniformInt(stream, i + 1);
    const kept = values[i] as number;
    values[i] = values[j] as number;
    values[j] = kept;
  }
}

/**
 * Fills `out` with independent normal values of mean 0 and the given standard deviation: Marsaglia's polar method
 * in float64, both values of a pair used in turn, one rounding to float32.
 */
export function normal(stream: Stream, out: Float32Array, deviation: number): void {
  for (let i = 0; i < out.length; i += 2) {
    let x: number;
    let y: number;
    let s: number;
    do {
      x = 2 * uniform(stream) - 1;
      y = 2 * uniform(stream) - 1;
      s = x * x + y * y;
    } while (s >= 1 || s === 0);
    const factor = deviation * Math.sqrt((-2 * Math.log(s)) / s);
    out[i] = x * factor;
    if (i + 1 < out.length) out[i + 1] = y * factor;
  }
}
