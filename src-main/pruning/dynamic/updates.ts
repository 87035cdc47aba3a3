import { z } from 'zod';
import { ConfigError } from '../../contract/errors.ts';

/** Options of every rule that updates its mask now and then. */
export const every = z.number().int().positive();
export const until = z.number().gt(0).lte(1);

/** Iteration that a share of T falls on, rounded half up. */
export function shareOf(share: number, iterations: number): number {
  return Math.floor(share * iterations + 0.5);
}

interface Updating {
  readonly kind: string;
  readonly every: number;
  readonly until: number;
}

/**
 * After `every`, 2 · `every`, … steps, as long as that is before `until` · T.
 * @throws ConfigError where that is never.
 */
export function updatesBefore(options: Updating, iterations: number): number[] {
  const { every } = options;
  return Array.from({ length: lastUpdate(options, iterations) / every }, (_, at) => (at + 1) * every);
}

/** The last of them, without the others: counts are asked for at each update. @throws ConfigError where there is none. */
export function lastUpdate({ kind, every, until }: Updating, iterations: number): number {
  const end = shareOf(until, iterations);
  const last = every * Math.floor((end - 1) / every);
  if (last >= every) return last;
  throw new ConfigError(
    `arms: ${kind}, every ${every} steps until ${until} of ${iterations} steps: no update of the mask falls before step ${end}`,
    `Lower every to fewer than ${Math.max(2, end)} steps, or train for more epochs.`,
  );
}
