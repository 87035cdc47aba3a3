import { ConfigError } from '../contract/errors.ts';
import type { Swa } from '../contract/recipe.ts';

/** Length of a training. */
export interface Span {
  /** T. */
  readonly iterations: number;
  readonly iterationsPerEpoch: number;
}

/** Iterations after which the averaging phase begins: `start` · T, rounded half up. */
export function swaStartIteration(swa: Swa, iterations: number): number {
  return Math.floor(swa.start * iterations + 0.5);
}

/**
 * When SWA takes its snapshots (Izmailov et al. 2018; method.md, round r of SWAMP), as numbers of iterations done,
 * rising, from 1 to T. Its phase begins after S = swaStartIteration iterations; the weights there, still those of
 * a falling rate, are not a snapshot. With `every: 'epoch'`: the end of each epoch after S. With `every: k`:
 * S + k, S + 2k, …
 * @throws ConfigError where there would be none.
 */
export function snapshotIterations({ iterations, iterationsPerEpoch, swa }: Span & { swa: Swa }): number[] {
  const start = swaStartIteration(swa, iterations);
  const step = swa.every === 'epoch' ? iterationsPerEpoch : swa.every;
  const first = swa.every === 'epoch' ? (Math.floor(start / step) + 1) * step : start + step;
  const snapshots: number[] = [];
  for (let iteration = first; iteration <= iterations; iteration += step) snapshots.push(iteration);
  if (snapshots.length === 0)
    throw new ConfigError(
      `swa: no snapshot falls into iterations ${start + 1} … ${iterations} ` +
        `(start ${swa.start}, every ${swa.every}, ${iterationsPerEpoch} iterations an epoch)`,
      'Train for more epochs, lower swa.start, or set swa.every to fewer iterations.',
    );
  return snapshots;
}
