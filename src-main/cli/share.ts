/** 0 to 1; `null` where it is not known. */
export function shareOf(done: number | undefined, total: number | undefined): number | null {
  return done !== undefined && total ? Math.min(1, done / total) : null;
}
