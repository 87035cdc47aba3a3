/** A Poisson distribution made ready for many draws. */
export interface PoissonTable {
  /** The count whose cumulative probability is the first above u, u uniform in [0, 1). */
  count(u: number): number;
}

/** Standard deviations from the mean outside of which nothing is ever drawn: less than 2^−53 lies there. */
const REACH = 12;

/**
 * Inversion by a table of cumulative probabilities, summed outwards from the mode, where terms are largest.
 * @param mean not negative; tables are of 24 standard deviations
 */
export function poissonTable(mean: number): PoissonTable {
  const mode = Math.floor(mean);
  const reach = Math.ceil(REACH * Math.sqrt(mean) + REACH);
  const first = Math.max(0, mode - reach);
  const terms = new Float64Array(mode + reach - first + 1);
  terms[mode - first] = 1;
  for (let k = mode; k > first; k--) terms[k - 1 - first] = ((terms[k - first] as number) * k) / mean;
  for (let k = mode + 1; k < first + terms.length; k++)
    terms[k - first] = ((terms[k - 1 - first] as number) * mean) / k;
  const total = terms.reduce((sum, term) => sum + term, 0);
  let sum = 0;
  const cumulative = terms.map((term) => (sum += term) / total);
  return {
    count(u) {
      let low = 0;
      let high = cumulative.length - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((cumulative[middle] as number) > u) high = middle;
        else low = middle + 1;
      }
      return first + low;
    },
  };
}
