/** Median and quartiles, interpolated linearly between the two values next to them (as NumPy does by default). */
export function quartiles(values: readonly number[]): { low: number; median: number; high: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    const [low = NaN, high = low] = sorted.slice(below, below + 2);
    return low + (place - below) * (high - low);
  };
  return { low: at(0.25), median: at(0.5), high: at(0.75) };
}
