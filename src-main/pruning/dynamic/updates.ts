import { z } from 'zod';
import { ConfigError } from '../../contract/errors.ts';

/** Options of every rule that updates its mask now and then. */
export const every = z.number().int().positive();
export const until = z.number().gt(0).lte(1);

/** Iteration that a share of T falls on, rounded half up. */
export function shareOf(share: number, iterations: number): number {
  return Math.floor(share * iterations + 0.5);
}

/**
 * After `every`, 2 · `every`, … steps, as long as that is before `until` · T.
 * @throws ConfigError where that is never.
 */
export function updatesBefore(
  { kind, every, until }: { kind: string; every: number; until: number },
  iterations: number,
): number[] {
  const end = shareOf(until, iterations);
  const updates: number[] = [];
  for (let iteration = every; iteration < end; iteration += every) updates.push(iteration);
  if (updates.length > 0) return updates;
  throw new ConfigError(
    `arms: ${kind}, every ${every} steps until ${until} of ${iterations} steps: no update of the mask falls before step ${end}`,
    `Lower every to fewer than ${Math.max(2, end)} steps, or train for more epochs.`,
  );
}
