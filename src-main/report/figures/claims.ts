import { csvLine } from '../../contract/csv.ts';
import type { Claim } from '../../contract/figures.ts';
import { missing, wrap } from '../format.ts';
import { plain, type Grid } from '../grid.ts';
import { columnOf, valueText } from './units.ts';

/** A verdict in words. */
export const verdictWords: Readonly<Record<Claim['verdict'], string>> = {
  shown: 'shown',
  refuted: 'not shown: the opposite is',
  open: 'open',
};

/** `−0.10 to +0.50 points` */
function range({ low, high, unit }: Claim): string {
  if (low === null || high === null) return missing;
  const column = columnOf([low, high], unit);
  return `${column.text(low)} to ${column.text(high)} ${column.unit}`.trimEnd();
}

/** Claims for a terminal: two lines each, so that long ones stay whole. */
export function claimsText(claims: readonly Claim[], width: number): string {
  const verdict = Math.max(...claims.map((claim) => verdictWords[claim.verdict].length));
  const indent = ' '.repeat(verdict + 2);
  return claims
    .flatMap((claim) => {
      const said = `${valueText(claim.value, claim.unit)}, ${claim.low === null || claim.high === null ? 'no interval' : range(claim)} (${claim.interval})`;
      const lines = [...wrap(claim.text, width - indent.length), ...wrap(said, width - indent.length)];
      return lines.map((line, index) =>
        index === 0 ? `${verdictWords[claim.verdict].padEnd(verdict)}  ${line}` : `${indent}${line}`,
      );
    })
    .join('\n');
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
