/**
 * Weights alive on the way from `start` to `end` (Zhu and Gupta 2018): s = s_f + (s_i − s_f)(1 − x)³, as a count
 * rounded half up, exact at both ends.
 * @param progress x, from 0 to 1; beyond that it is held.
 */
export function cubicAlive({ start, end }: { start: number; end: number }, progress: number): number {
  const left = 1 - Math.min(1, Math.max(0, progress));
  return end + Math.floor((start - end) * left ** 3 + 0.5);
}
