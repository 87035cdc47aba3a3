import type { Registered } from '../../contract/registry.ts';

/** The stretch of a training that a schedule shapes. */
export interface Stretch {
  /** Peak learning rate. */
  readonly peak: number;
  /** T, iterations of the whole training. */
  readonly iterations: number;
  readonly iterationsPerEpoch: number;
  /** Iterations of warm-up before the schedule takes over; it is asked for iterations from here on. */
  readonly warmup: number;
}

/** What a file in this folder exports; registered by one line in registry.ts. */
export interface LearningRateSchedule<
  Options extends { kind: string } = { kind: string },
> extends Registered<Options> {
  /** Learning rate of the step that follows `iteration` steps, warmup ≤ iteration < T. */
  rate(options: Options, iteration: number, stretch: Stretch): number;
}

/** Half a cosine from `from` at progress 0 to `to` at progress 1 (Loshchilov and Hutter 2017, without restarts). */
export function cosineBetween(from: number, to: number, progress: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * progress))) / 2;
}
