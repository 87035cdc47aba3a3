import { csvLine } from '../../contract/csv.ts';
import type { Claim } from '../../contract/figures.ts';
import { missing } from '../format.ts';
import { plain, type Grid } from '../grid.ts';
import { valueText } from './units.ts';

/** A verdict in words. */
export const verdictWords: Readonly<Record<Claim['verdict'], string>> = {
  shown: 'shown',
  refuted: 'not shown: the opposite is',
  open: 'open',
};

function range({ low, high, unit }: Claim): string {
  return low === null || high === null ? missing : `${valueText(low, unit)} to ${valueText(high, unit)}`;
}

/** Claims held against what was measured, one a row. */
export function claimsGrid(claims: readonly Claim[]): Grid {
  return {
    caption: [
      'Claims and what was measured. Shown: the whole interval is on the claim’s side; open: it holds both sides, or there is none.',
    ],
    leading: ['claim'],
    heads: ['verdict', 'value', 'interval', ''],
    rows: claims.map((claim) => ({
      leading: [claim.text],
      cells: [
        verdictWords[claim.verdict],
        valueText(claim.value, claim.unit),
        range(claim),
        claim.interval,
      ].map(plain),
    })),
    named: true,
  };
}

/** The same with values as stored. RFC 4180, with CRLF. */
export function claimsCsv(claims: readonly Claim[]): string {
  const rows = claims.map(({ text, verdict, unit, value, low, high, interval }) => [
    text,
    verdict,
    unit,
    value ?? '',
    low ?? '',
    high ?? '',
    interval,
  ]);
  return [['claim', 'verdict', 'unit', 'value', 'low', 'high', 'interval'], ...rows].map(csvLine).join('');
}
