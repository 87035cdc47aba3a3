import { csvLine } from '../../../src-main/contract/csv.ts';
import type { Grid } from '../../../src-main/report/grid.ts';

/** The cells of a table as they are shown, RFC 4180. */
export function gridCsv({ leading, heads, rows }: Grid): string {
  return [
    csvLine([...leading, ...heads]),
    ...rows.map((row) => csvLine([...row.leading, ...row.cells.map(({ text }) => text)])),
  ].join('');
}
