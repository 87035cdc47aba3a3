import type { JobKey } from '../../../contract/ids.ts';
import { mean } from '../../../contract/statistics.ts';
import type { Results } from '../analysis.ts';
import type { Place } from '../networks.ts';

/** The largest eigenvalues, and how far one lies at most from each. */
interface Eigenvalues {
  readonly values: readonly number[];
  readonly errors: readonly number[];
  readonly converged: boolean;
}

/** What its jobs found. `null`: not done yet, or not asked for; `lost`: a product was not finite. */
export interface Measured extends Place {
  /** z·Hz of each probe. */
  readonly probes: readonly number[] | null;
  readonly trace: number | null;
  readonly eigenvalues: Eigenvalues | null;
  /** Rows of the matrix. */
  readonly alive: number | null;
  readonly lost: boolean;
  readonly missing: boolean;
}

export function measured(
  { trace, search, ...look }: Place & { readonly trace: JobKey; readonly search: JobKey | null },
  results: Results,
): Measured {
  const probing = results(trace)?.series ?? null;
  const searching = search === null ? null : (results(search)?.series ?? null);
  const lost = [probing, searching].some((series) => (series?.['lost']?.length ?? 0) > 0);
  const probes = lost ? null : (probing?.['probe'] ?? null);
  const values = lost ? null : (searching?.['eigenvalue'] ?? null);
  return {
    ...look,
    ...{ probes, lost },
    trace: probes && mean(probes),
    eigenvalues: values && {
      values,
      errors: searching?.['error'] ?? [],
      converged: searching?.['converged']?.[0] === 1,
    },
    alive: probing?.['alive']?.[0] ?? null,
    missing: probing === null || (search !== null && searching === null),
  };
}
