import type { JobKey } from '../../contract/ids.ts';
import { barrier } from '../../statistics/instability.ts';
import type { AnalysisContext, Results } from './analysis.ts';
import {
  looksOf,
  measureAt,
  measurements,
  ofEach,
  type LooksOptions,
  type Measured,
  type Solution,
} from './looks.ts';

// Straight lines between solutions: a job each, and one for each end, which all lines there share.

/** A line that was asked for. */
export interface PlannedLine {
  /** For example `swamp(4), seed 2, round 3 → round 4`. */
  readonly label: string;
  readonly ends: readonly [JobKey, JobKey];
  readonly between: JobKey;
}

/** What was measured along a line, both ends included; `null` where the network gave no numbers. */
export interface MeasuredLine {
  readonly alpha: readonly number[];
  readonly values: Readonly<Record<Measured, readonly (number | null)[]>>;
}

/** Asks for a line. @param points values of α, both ends included */
export function planLine(
  context: AnalysisContext,
  from: Solution,
  to: Solution,
  { points, ...looks }: LooksOptions & { points: number },
): PlannedLine {
  const { run } = from;
  const label = `${from.label} → ${to.label}`;
  const between = context.add(
    { kind: 'connectivity', ...looksOf(run, looks), points, ends: false },
    [from, to].map(({ made }) => ({ name: 'solution', made })),
    label,
  );
  return {
    label,
    ends: [measureAt(context, from, run, looks), measureAt(context, to, run, looks)],
    between,
  };
}

/** Reads a line; `null` where any of it is not done. */
export function readLine(results: Results, { ends, between }: PlannedLine): MeasuredLine | null {
  const [from, to] = ends.map((key) => measurements(results, key));
  const inner = measurements(results, between);
  if (!from || !to || !inner) return null;
  return {
    alpha: [0, ...(results(between)?.series['alpha'] ?? []), 1],
    values: ofEach((name) => [...from[name], ...inner[name], ...to[name]]),
  };
}

/** The barrier of a value along a line; `null` where a value is lost. */
export function barrierOf({ alpha, values }: MeasuredLine, name: Measured): number | null {
  const found = barrier(
    alpha,
    values[name].map((value) => value ?? NaN),
  );
  return Number.isFinite(found) ? found : null;
}

/**
 * How far chance in the choice of images can be from a barrier of an error, for 95 % of choices: the barrier is the error at its α
 * less the blend of those at the ends, each of a share of so many images. As if they were errors on images of their own, which
 * is wider than the truth.
 */
export function imagesHalfWidth({ alpha, values }: MeasuredLine, name: Measured, images: number): number {
  const errors = values[name].map((value) => value ?? NaN);
  const [first = NaN, last = NaN] = [errors[0], errors.at(-1)];
  const blend = (at: number): number => (1 - at) * first + at * last;
  const variance = (share: number): number => (share * (1 - share)) / images;
  const heights = errors.map((error, at) => error - blend(alpha[at] ?? NaN));
  const top = heights.indexOf(Math.max(...heights));
  const at = alpha[top] ?? NaN;
  return (
    1.96 *
    Math.sqrt(variance(errors[top] ?? NaN) + (1 - at) ** 2 * variance(first) + at ** 2 * variance(last))
  );
}
