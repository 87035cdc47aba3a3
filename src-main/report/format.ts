/** Numbers and columns as people read them. Fractions come in, percent goes out; nothing here knows an experiment. */

/** What stands where a value is missing. */
export const missing = '–';

/** `0.672` → `67.2 %`. Not a number stays visible as `NaN`. */
export function percent(fraction: number, digits = 1): string {
  return Number.isFinite(fraction) ? `${fixed(100 * fraction, digits)} %` : 'NaN';
}

/** Sparsity in percent: one decimal, and two from 99 % on, where one would hide the differences. */
export function sparsityPercent(sparsity: number): string {
  return sparsity === 0 ? '0 %' : percent(sparsity, sparsityDigits(sparsity));
}

/** Decimals of a sparsity in percent, see {@link sparsityPercent}. */
export function sparsityDigits(sparsity: number): number {
  return sparsity >= 0.99 && sparsity < 1 ? 2 : 1;
}

/** A difference given in percentage points, without its sign: `0.83` → `0.8 points`. */
export function points(difference: number, digits = 1): string {
  return `${fixed(Math.abs(difference), digits)} points`;
}

/** `toFixed` without negative zero. */
export function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

/** Whole numbers with thousands separators: `266200` → `266,200`. */
export function count(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `2` → `two`; figures from thirteen on. */
export function numberWord(value: number): string {
  const words = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ');
  return words[value] ?? count(value);
}

const flopUnits = ['FLOP', 'kFLOP', 'MFLOP', 'GFLOP', 'TFLOP', 'PFLOP', 'EFLOP'] as const;

/** A decimal unit in which `largest` reads between 1 and 1000. */
export function flopUnit(largest: number): { readonly name: string; readonly size: number } {
  const step = largest >= 1 ? Math.min(flopUnits.length - 1, Math.floor(Math.log10(largest) / 3 + 1e-12)) : 0;
  return { name: flopUnits[step] ?? 'FLOP', size: 1000 ** step };
}

/** Floating-point operations: `1_234_000` → `1.23 MFLOP`. */
export function flops(value: number): string {
  if (!Number.isFinite(value)) return missing;
  const unit = flopUnit(value);
  return `${significant(value / unit.size)} ${unit.name}`;
}

/** Bytes in decimal units: `1_234_000` → `1.23 MB`. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = value >= 1 ? Math.min(units.length - 1, Math.floor(Math.log10(value) / 3 + 1e-12)) : 0;
  return `${significant(value / 1000 ** step)} ${units[step] ?? 'B'}`;
}

/** Three significant digits, never in exponent form. */
function significant(value: number): string {
  if (Number.isInteger(value) && value < 1000) return value.toString();
  return value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** Seconds → `0.4 s`, `12 s`, `3 min 20 s`, `2 h 05 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return missing;
  if (seconds < 1) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const ansi = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** Cells a text takes on a terminal, without its colour codes. Our texts hold no double-width characters. */
export function visibleWidth(text: string): number {
  return [...text.replace(ansi, '')].length;
}

/** Cut to `width` cells, with `…` where something was cut; colour codes are kept and closed. */
export function truncate(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  if (width <= 0) return '';
  let result = '';
  let cells = 0;
  let coloured = false;
  for (const piece of text.split(/(\u001b\[[0-9;?]*[A-Za-z])/)) {
    if (piece.startsWith('\u001b[')) {
      result += piece;
      coloured = true;
      continue;
    }
    for (const character of piece) {
      if (cells === width - 1) return `${result}…${coloured ? '\u001b[0m' : ''}`;
      result += character;
      cells++;
    }
  }
  return result;
}

export type Alignment = 'left' | 'right';

/** Pad every column to its widest cell. Colour codes do not count. Two spaces between columns. */
export function columns(
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[],
  gap = '  ',
): string[] {
  const widths = alignments.map((_, column) =>
    Math.max(0, ...rows.map((row) => visibleWidth(row[column] ?? ''))),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const space = ' '.repeat((widths[column] ?? 0) - visibleWidth(cell));
        return alignments[column] === 'right' ? space + cell : cell + space;
      })
      .join(gap)
      .trimEnd(),
  );
}

/** Break a text at spaces so that no line is longer than `width`; a longer word stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && visibleWidth(line) + 1 + visibleWidth(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}
