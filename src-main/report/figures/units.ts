import type { Unit, Value } from '../../contract/figures.ts';
import { bytes, count, fixed, flops, flopUnit, missing, sparsityPercent } from '../format.ts';

/** Numbers of figures by their unit, as people read them. A missing value is `–`. */

/** Four significant digits; powers of ten where there would be many zeros. */
export function readable(value: number, digits = 4): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  const short = Number(value.toPrecision(digits));
  const text = size >= 1e6 || size < 1e-3 ? short.toExponential() : String(short);
  return minus(text.replace('e+', 'e'));
}

/** With a minus sign in place of a hyphen. */
function minus(text: string): string {
  return text.replaceAll('-', '−');
}

function isMissing(value: Value | undefined): value is null | undefined {
  return value === null || value === undefined || !Number.isFinite(value);
}

/** A number by itself, with its unit: `67.21 %`, `+0.80 points`, `1.23 MFLOP`. */
export function valueText(value: Value | undefined, unit: Unit): string {
  if (isMissing(value)) return missing;
  switch (unit) {
    case 'share':
      return `${hundredths(100 * value)} %`;
    case 'sparsity':
      return sparsityPercent(value);
    case 'points':
      return `${value > 0 ? '+' : ''}${hundredths(100 * value)} points`;
    case 'count':
      return Number.isInteger(value) ? wholeText(value) : readable(value);
    case 'number':
      return readable(value);
    case 'flops':
      return signedly(value, flops);
    case 'bytes':
      return signedly(value, bytes);
    case 'ms':
      return Math.abs(value) >= 1000 ? `${readable(value / 1000, 3)} s` : `${readable(value, 3)} ms`;
  }
}

function wholeText(value: number): string {
  return value < 0 ? `−${count(-value)}` : count(value);
}

/** {@link flops} and {@link bytes} know sizes only. */
function signedly(value: number, text: (size: number) => string): string {
  return value < 0 ? `−${text(-value)}` : text(value);
}

/** Two decimals, or as many digits as a small one needs to be seen. */
function hundredths(value: number): string {
  const text = fixed(value, 2);
  return value !== 0 && Math.abs(value) < 0.1 ? readable(value, 2) : minus(text);
}

/** A value with the ends of its interval: `12.1 [11.4, 12.8]`. */
export function intervalText(
  {
    y,
    low,
    high,
  }: { readonly y: Value; readonly low?: Value | undefined; readonly high?: Value | undefined },
  unit: Unit,
): string {
  const text = valueText(y, unit);
  if (isMissing(low) && isMissing(high)) return text;
  return `${text} [${valueText(low, unit)}, ${valueText(high, unit)}]`;
}

/** How the numbers of a column are written: the unit stands in its head. */
export interface Column {
  /** `%`, `points`; empty where there is none, or every number has its own. */
  readonly unit: string;
  readonly text: (value: Value | undefined) => string;
}

/** Numbers under each other with the same decimals, as far as all of them can be seen with those. */
export function columnOf(values: readonly (Value | undefined)[], unit: Unit): Column {
  switch (unit) {
    case 'share':
      return { unit: '%', text: aligned(values, 100, decimalsOfShares) };
    case 'points':
      return { unit: 'points', text: plus(aligned(values, 100, decimalsOfShares)) };
    case 'number':
      return { unit: '', text: aligned(values, 1, decimalsOfNumbers) };
    case 'sparsity':
      return { unit: '%', text: (value) => valueText(value, unit).replace(' %', '') };
    case 'count':
    case 'flops':
    case 'bytes':
    case 'ms':
      return { unit: '', text: (value) => valueText(value, unit) };
  }
}

function plus(text: (value: Value | undefined) => string): (value: Value | undefined) => string {
  return (value) => `${!isMissing(value) && value > 0 ? '+' : ''}${text(value)}`;
}

/** Numbers that span more powers of ten than this are written one by one. */
const SPAN = 1e4;

function aligned(
  values: readonly (Value | undefined)[],
  factor: number,
  digitsOf: (least: number, largest: number, span: number) => number,
): (value: Value | undefined) => string {
  const sizes = values.flatMap((value) =>
    isMissing(value) || value === 0 ? [] : [Math.abs(factor * value)],
  );
  const least = sizes.reduce((a, b) => Math.min(a, b), Infinity);
  const largest = sizes.reduce((a, b) => Math.max(a, b), 0);
  const known = values.filter((value) => !isMissing(value)).map((value) => factor * (value ?? 0));
  const span =
    known.reduce((a, b) => Math.max(a, b), -Infinity) - known.reduce((a, b) => Math.min(a, b), Infinity);
  const digits = sizes.length === 0 ? 0 : digitsOf(least, largest, span);
  return (value) => {
    if (isMissing(value)) return missing;
    const shown = factor * value;
    const text = fixed(shown, digits);
    const hidden = shown !== 0 && Number(text) === 0;
    const apart = factor === 1 && largest > SPAN * least;
    return hidden || apart || Math.abs(shown) >= 1e7 ? readable(shown, 3) : minus(text);
  };
}

/** Decimals of percent: two, more where all of them are tiny. */
function decimalsOfShares(_: number, largest: number): number {
  return Math.max(2, Math.min(6, 1 - Math.floor(Math.log10(largest))));
}

/** Decimals with which the smallest one has three digits, and so has what tells them apart. */
function decimalsOfNumbers(least: number, _: number, span: number): number {
  const size = span > 0 ? Math.min(least, span) : least;
  return Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(size))));
}

/** Stored value × factor = number on an axis. */
export interface AxisUnit {
  readonly factor: number;
  /** Behind the axis' name; may be empty. */
  readonly name: string;
  /** Ticks say thousands, millions … themselves. */
  readonly prefixed: boolean;
}

/** The unit of an axis by its largest value; ticks of one that spans more than five powers of ten have their own prefixes. */
export function axisUnit(unit: Unit, least: number, largest: number): AxisUnit {
  const prefixed = least > 0 && largest / least > 1e5;
  switch (unit) {
    case 'share':
    case 'sparsity':
      return { factor: 100, name: '%', prefixed: false };
    case 'points':
      return { factor: 100, name: 'points', prefixed: false };
    case 'count':
      return { factor: 1, name: '', prefixed: true };
    case 'number':
      return { factor: 1, name: '', prefixed: false };
    case 'flops': {
      if (prefixed) return { factor: 1, name: 'FLOP', prefixed };
      const { size, name } = flopUnit(largest);
      return { factor: 1 / size, name, prefixed };
    }
    case 'bytes': {
      if (prefixed) return { factor: 1, name: 'bytes', prefixed };
      const step = largest >= 1 ? Math.min(4, Math.floor(Math.log10(largest) / 3 + 1e-12)) : 0;
      return { factor: 1000 ** -step, name: ['bytes', 'kB', 'MB', 'GB', 'TB'][step] ?? '', prefixed };
    }
    case 'ms':
      return largest >= 10_000
        ? { factor: 1e-3, name: 's', prefixed: false }
        : { factor: 1, name: 'ms', prefixed: false };
  }
}

/** Where values are stored otherwise than they are shown: for the head of a CSV column. */
export const storedAs: Readonly<Record<Unit, string>> = {
  share: ' (fraction)',
  sparsity: ' (fraction)',
  points: ' (difference of fractions)',
  count: '',
  number: '',
  flops: ' (FLOP)',
  bytes: ' (bytes)',
  ms: ' (ms)',
};

const powers = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];

/**
 * A tick of an axis: as many decimals as the step between ticks needs (`null`: as it needs itself), powers of ten where numbers are
 * huge or tiny.
 */
export function tickText(value: number, step: number | null, prefixed = false): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (prefixed && size >= 1e4) {
    const thousands = Math.min(5, Math.floor(Math.log10(size) / 3 + 1e-9));
    return minus(
      `${Number((value / 1000 ** thousands).toPrecision(6))}${['', 'k', 'M', 'G', 'T', 'P'][thousands] ?? ''}`,
    );
  }
  if (size >= 1e6 || size < 1e-4) return powerText(value);
  if (step === null) return minus(String(Number(value.toPrecision(6))));
  const digits = Math.min(8, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  return minus(fixed(value, digits));
}

/** `2 × 10⁻⁷` */
function powerText(value: number): string {
  const [lead = '1', power = '0'] = Number(value.toPrecision(6)).toExponential().split('e');
  const raised = [...power.replace('+', '')]
    .map((c) => (c === '-' ? '⁻' : (powers[Number(c)] ?? '')))
    .join('');
  const whole = `10${raised}`;
  return minus(lead === '1' ? whole : lead === '-1' ? `-${whole}` : `${lead} × ${whole}`);
}
