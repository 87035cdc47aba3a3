/** A point by what it costs and what it gives. */
export interface Placed {
  readonly x: number;
  readonly y: number;
}

/** Points that no other beats: as good for less, or better for as much; from the cheapest on. Less of x is better. */
export function front<P extends Placed>(points: readonly P[], better: 'more' | 'less'): P[] {
  const sign = better === 'more' ? 1 : -1;
  const sorted = [...points].sort((a, b) => a.x - b.x || sign * (b.y - a.y));
  let best = -Infinity;
  return sorted.filter(({ y }) => {
    if (sign * y <= best) return false;
    best = sign * y;
    return true;
  });
}
