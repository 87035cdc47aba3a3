import type { Tensor } from '@tensorflow/tfjs-core';
import type { Pieces } from './pieces.ts';

/** Tensors by name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** State as a body sees it: the pieces of each vector. */
export type State = Readonly<Record<string, readonly Tensor[]>>;

/**
 * A step of gradient descent on a state vector, where TensorFlow computes in place and in one pass, by its own kernels:
 * v ← μv + g, w ← w − η·v; without a velocity w ← w − η·g.
 */
export interface Descent {
  /** Name of the state w. */
  readonly weights: string;
  /** Name of the state v and μ; its pieces are those of w. */
  readonly momentum: { readonly velocity: string; readonly factor: number } | null;
  /** g, one for each piece of w. */
  readonly gradients: readonly Tensor[];
  /** η, a scalar. */
  readonly rate: Tensor;
}

/** What a program is: a function of feeds and state, in tfjs ops, that is run once to be recorded, or each time. */
export interface ProgramDefinition {
  /**
   * Every row of the result depends on the same row of the feeds alone, and there is no next state: an engine that
   * is short of memory may take the rows in parts.
   */
  readonly byRows?: boolean;
  /**
   * Flat float32 vectors that live in the session between calls, by name: the shapes of the pieces in which the body
   * takes them. Pieces are variables of their own, so that nothing is cut up or joined while the program runs.
   */
  readonly state: Readonly<Record<string, Pieces>>;
  /**
   * @returns `fetch`, one float32 tensor that every call gives back; the state after the call, `next`, where it is
   *   named, else as `descent` makes it, else as it was.
   */
  body(feeds: Tensors, state: State): { fetch: Tensor; next?: State; descent?: Descent };
}

/** What a feed may be. */
export type TensorData = Float32Array | Int32Array | Uint8Array;

/** Arrays by feed name. They must not change during the call; afterwards they may. */
export type FeedValues = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly data: TensorData }>
>;

/**
 * A training step, an evaluation step or the like with its state: recorded as one Session call (recorded.ts), or
 * executed operation by operation (wasm/program.ts).
 */
export interface Program {
  /** Milliseconds spent inside Session calls so far, or in their place. */
  readonly sessionMs: number;
  /** Number of graphs recorded and held; none where nothing is recorded. */
  readonly recordings: number;
  /** Sets a state vector. The array is copied. Every one must be set before the first call. */
  write(name: string, values: Float32Array): void;
  /** A copy of a state vector. */
  read(name: string): Float32Array;
  /** One call: feeds in, `fetch` out, state advanced. */
  run(feeds: FeedValues): Float32Array;
  /** Frees what it holds: the state is gone, and must be written before the next call. */
  dispose(): void;
}
