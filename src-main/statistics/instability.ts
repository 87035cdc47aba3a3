import { mean } from '../contract/statistics.ts';

/** Values along a line between two solutions, at the same α. */
export interface Line {
  readonly alpha: readonly number[];
  /** Share of wrong images. */
  readonly trainError: readonly number[];
  readonly testError: readonly number[];
}

/** One length of the ticket: the lines of its seeds. */
export interface TicketLines {
  /** T0. */
  readonly iterations: number;
  readonly lines: readonly Line[];
}

/** A length of the ticket of which lines are missing. */
export interface UnfinishedTicket {
  /** T0. */
  readonly iterations: number;
  /** Seeds whose line is there, of so many. */
  readonly seeds: number;
  readonly of: number;
}

/** What a length of the ticket comes to, means over seeds. */
export interface TicketStability {
  readonly iterations: number;
  readonly alpha: readonly number[];
  readonly trainError: readonly number[];
  readonly testError: readonly number[];
  /** Barriers of the error, each seed's own and then the mean. */
  readonly trainBarrier: number;
  readonly testBarrier: number;
  /** Whether the barrier on training images is below what counts as one. */
  readonly stable: boolean;
}

/** Barrier of values along a line: the largest of (value − the linear blend of the ends), at least 0 (method.md, Analyses). */
export function barrier(alpha: readonly number[], values: readonly number[]): number {
  const first = values[0] ?? NaN;
  const last = values.at(-1) ?? NaN;
  return Math.max(
    ...values.map((value, at) => value - ((1 - (alpha[at] ?? NaN)) * first + (alpha[at] ?? NaN) * last)),
  );
}

/**
 * Which lengths of the ticket are stable (Frankle et al. 2020): training images decide, so that the test set chooses nothing.
 * @param below an error barrier that is none, as a share of images; 0.02 in the paper
 * @returns by rising length; and the shortest from which on all are stable, `null` where the longest is not
 */
export function ticketStability(
  tickets: readonly TicketLines[],
  below: number,
): { readonly tickets: readonly TicketStability[]; readonly chosen: number | null } {
  const sorted = tickets
    .toSorted((a, b) => a.iterations - b.iterations)
    .map((each) => stabilityOf(each, below));
  let chosen: number | null = null;
  for (const { iterations, stable } of sorted.toReversed()) {
    if (!stable) break;
    chosen = iterations;
  }
  return { tickets: sorted, chosen };
}

function stabilityOf({ iterations, lines }: TicketLines, below: number): TicketStability {
  const alpha = lines[0]?.alpha ?? [];
  const along = (of: (line: Line) => readonly number[]): number[] =>
    alpha.map((_, at) => mean(lines.map((line) => of(line)[at] ?? NaN)));
  const barrierOf = (of: (line: Line) => readonly number[]): number =>
    mean(lines.map((line) => barrier(line.alpha, of(line))));
  const trainBarrier = barrierOf((line) => line.trainError);
  return {
    iterations,
    alpha,
    trainError: along((line) => line.trainError),
    testError: along((line) => line.testError),
    trainBarrier,
    testBarrier: barrierOf((line) => line.testError),
    stable: trainBarrier < below,
  };
}
