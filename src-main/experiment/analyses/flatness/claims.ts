import type { Claim } from '../../../contract/figures.ts';
import { lessThanImp } from '../networks.ts';
import type { Measured } from './measured.ts';

/** Each arm that averages particles against `imp`, from a sparsity on. */
export function claimsOf(found: readonly Measured[], from: number): Claim[] {
  const unit = 'number';
  const largest = ({ eigenvalues }: Measured): number | null => eigenvalues?.values[0] ?? null;
  return [
    ...lessThanImp(found, { text: 'a lower Hessian trace', unit, from, of: ({ trace }) => trace }),
    ...lessThanImp(found, { text: 'a smaller largest eigenvalue', unit, from, of: largest }),
  ];
}
