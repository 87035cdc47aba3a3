/** A point by what it costs and what it gives. */
export interface Placed {
  readonly x: number;
  readonly y: number;
}

/** Points that no other beats: as good for less, or better for as much; from the cheapest on. Equal ones stand together. Less of x is better. */
export function front<P extends Placed>(points: readonly P[], better: 'more' | 'less'): P[] {
  const sign = better === 'more' ? 1 : -1;
  const sorted = [...points].sort((a, b) => a.x - b.x || sign * (b.y - a.y));
  let last: P | undefined;
  return sorted.filter((point) => {
    const equal = point.x === last?.x && point.y === last.y;
    if (last && sign * point.y <= sign * last.y && !equal) return false;
    last = point;
    return true;
  });
}
