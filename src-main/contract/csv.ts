/**
 * A line of a CSV file with its CRLF (RFC 4180). Text is quoted where needed, and an apostrophe goes before what a
 * spreadsheet would run as a formula; a value that is not a number is left empty.
 */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map((cell) => (typeof cell === 'number' ? csvNumber(cell) : csvText(cell))).join(',')}\r\n`;
}

function csvNumber(value: number): string {
  return Number.isFinite(value) ? String(value) : '';
}

function csvText(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
