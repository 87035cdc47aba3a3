import type { Claim } from '../../../contract/figures.ts';
import { lessThanImp, type AgainstImp } from '../networks.ts';
import type { Measured } from './measured.ts';

/** Each arm with SWAMP against `imp`, from a sparsity on. */
export function claimsOf(found: readonly Measured[], against: AgainstImp, from: number): Claim[] {
  const unit = 'number';
  // One that is not as exact as asked for decides nothing.
  const largest = ({ eigenvalues }: Measured): number | null =>
    eigenvalues?.converged ? (eigenvalues.values[0] ?? null) : null;
  return [
    ...lessThanImp(found, against, { text: 'a lower Hessian trace', unit, from, of: ({ trace }) => trace }),
    ...lessThanImp(found, against, { text: 'a smaller largest eigenvalue', unit, from, of: largest }),
  ];
}
