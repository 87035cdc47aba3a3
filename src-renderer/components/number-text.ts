/** What a text means: a number, `null` where there is nothing, else the text. */
export function numberOf(text: string, scale = 1): number | string | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) return trimmed;
  const value = Number(trimmed);
  return Number.isFinite(value) ? tidy(value / scale) : trimmed;
}

/** A value as it is shown; what is no number as it was typed. */
export function numberText(value: unknown, scale = 1): string {
  if (typeof value === 'number') return Number.isFinite(value) ? String(tidy(value * scale)) : '';
  return typeof value === 'string' ? value : '';
}

/** The value so much further, within bounds; `null` where there is no number to go on from. */
export function stepped(value: number | string | null, by: number, min: number, max: number): number | null {
  if (typeof value === 'string') return null;
  const next = tidy((value ?? 0) + by);
  return Math.min(Math.max(next, min), max);
}

/** Without the last digits' noise of binary fractions: 0.30000000000000004 is 0.3. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
