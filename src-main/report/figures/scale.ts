import type { Axis, Unit, Value } from '../../contract/figures.ts';
import { niceStep, sparsityLabel, tidy, type Scale } from '../axes.ts';
import type { Palette } from '../palette.ts';
import type { AxisName, FigureAxis, Option } from './drawing.ts';
import { axisUnit, tickText } from './units.ts';

/** Where values have their place on an axis, and what is written beside it. */
export interface AxisScale {
  readonly scale: Scale;
  /** Place of a value in the axis' numbers; `null` where it has none: missing, or not above zero on a logarithmic one. */
  readonly at: (value: Value | undefined) => number | null;
  readonly min: number;
  readonly max: number;
  /** Sparser is always further right. */
  readonly inverse: boolean;
  readonly ticks: readonly number[];
  readonly text: (tick: number) => string;
  /** With its unit. */
  readonly name: string;
}

export interface ScaleChoice {
  readonly scale?: Scale | undefined;
  /** `exact`: from the first value to the last; `padded`: with room for symbols; `round`: between round numbers. */
  readonly ends: 'exact' | 'padded' | 'round';
  /** Holds zero: lengths are compared. */
  readonly zero?: boolean;
  /** Ends of intervals: shown as far as they do not flatten everything else. */
  readonly around?: readonly (Value | undefined)[];
}

function isFiniteValue(value: Value | undefined): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

/** Values that a logarithmic axis has a place for. */
function logged(values: readonly (Value | undefined)[], unit: Unit): number[] {
  return values.filter(isFiniteValue).filter((value) => (unit === 'sparsity' ? value < 1 : value > 0));
}

/** An axis whose scale can be chosen, as {@link FigureAxis} says. */
export function figureAxis(
  axis: AxisName,
  { label, unit, scale }: Axis,
  values: readonly Value[],
): FigureAxis {
  const places = new Set(logged(values, unit));
  return { axis, label, scale, canLog: places.size > 1 };
}

/** What an axis' scale becomes: a logarithmic one needs a value that has a place on it. */
export function scaleOf(axis: Axis, values: readonly (Value | undefined)[], wanted?: Scale): Scale {
  return (wanted ?? axis.scale) === 'log' && logged(values, axis.unit).length > 0 ? 'log' : 'linear';
}

/** How many finite values have no place on an axis. */
export function lost(axis: Axis, values: readonly Value[], wanted?: Scale): number {
  if (scaleOf(axis, values, wanted) === 'linear') return 0;
  return values.filter(isFiniteValue).length - logged(values, axis.unit).length;
}

/** The axis for these values. */
export function axisScale(
  axis: Axis,
  values: readonly (Value | undefined)[],
  choice: ScaleChoice,
): AxisScale {
  const scale = scaleOf(axis, values, choice.scale);
  const kept = scale === 'log' ? logged(values, axis.unit) : values.filter(isFiniteValue);
  const around = (choice.around ?? []).filter(isFiniteValue);
  const left = axis.unit === 'sparsity' && scale === 'log';
  const sizes = [...kept, ...around].map(Math.abs).filter((size) => size > 0);
  const unit = axisUnit(axis.unit, least(sizes), most(sizes));
  const place = (value: number): number => tidy(unit.factor * (left ? 1 - value : value));
  const at = (value: Value | undefined): number | null => {
    if (!isFiniteValue(value)) return null;
    const placed = place(value);
    return scale === 'log' && placed <= 0 ? null : placed;
  };
  const shares = axis.unit === 'share' || axis.unit === 'sparsity';
  const whole = { ...choice, whole: axis.unit === 'count', most: shares ? 100 : Infinity };
  const places = kept.map(place);
  const range =
    scale === 'log'
      ? logRange(places, around.map(place), whole)
      : linearRange(places, around.map(place), whole);
  const step = stepOf(range.ticks);
  return {
    scale,
    at,
    ...range,
    inverse: left,
    text: left ? sparsityLabel : (tick) => tickText(tick, scale === 'log' ? null : step, unit.prefixed),
    // Ticks of sparsity have their own percent signs.
    name: unit.name === '' || left ? axis.label : `${axis.label}, ${unit.name}`,
  };
}

function least(values: readonly number[]): number {
  return values.reduce((low, value) => Math.min(low, value), Infinity);
}

function most(values: readonly number[]): number {
  return values.reduce((high, value) => Math.max(high, value), -Infinity);
}

/** Between ticks that stand evenly; of others the smallest one. */
function stepOf(ticks: readonly number[]): number {
  const steps = ticks.slice(1).map((tick, index) => Math.abs(tick - (ticks[index] ?? 0)));
  return steps.length === 0 ? Math.abs(ticks[0] ?? 1) || 1 : least(steps);
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly number[];
}

interface Ends extends ScaleChoice {
  /** Numbers that are counted. */
  readonly whole: boolean;
  /** No value is above it unless one already is: a share of more than all. */
  readonly most: number;
}

/** Intervals may take so many times the room of the values on either side: one that is wider leaves the picture. */
const ROOM_AROUND = 2.5;

function widened(values: readonly number[], around: readonly number[]): [number, number] {
  const [low, high] = [least(values), most(values)];
  const span = high - low;
  const limit = span > 0 ? ROOM_AROUND * span : Infinity;
  return [
    Math.max(low - limit, Math.min(low, least(around))),
    Math.min(high + limit, Math.max(high, most(around))),
  ];
}

function linearRange(
  values: readonly number[],
  around: readonly number[],
  { ends, zero, whole, most: top }: Ends,
): Range {
  if (values.length === 0) return { min: 0, max: 1, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] };
  let [low, high] = widened(values, around);
  if (zero) [low, high] = [Math.min(0, low), Math.max(0, high)];
  if (high - low <= 1e-9 * Math.max(Math.abs(low), Math.abs(high))) {
    // One value: in the middle of a range that its digits can be read in.
    const pad = low === 0 ? 1 : whole ? Math.max(1, Math.abs(low) * 0.1) : Math.abs(low) * 0.1;
    [low, high] = [low > 0 ? Math.max(0, low - pad) : low - pad, high + pad];
    if (zero) [low, high] = [Math.min(0, low), Math.max(0, high)];
  }
  const steps = niceStep((high - low) / 6);
  const step = whole ? Math.max(1, Math.round(steps)) : steps;
  let [min, max] = [low, high];
  if (ends === 'padded') {
    const pad = 0.04 * (high - low);
    [min, max] = [low >= 0 ? Math.max(0, low - pad) : low - pad, high + pad];
  } else if (ends === 'round') {
    min = zero && low === 0 ? 0 : Math.floor(low / step + 1e-9) * step;
    max = zero && high === 0 ? 0 : Math.ceil(high / step - 1e-9) * step;
    if (low >= 0) min = Math.max(0, min);
  }
  if (most(values) <= top) max = Math.min(top, max);
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  const ticks = Array.from({ length: Math.max(0, last - first) + 1 }, (_, index) =>
    tidy((first + index) * step),
  );
  return { min: ends === 'exact' ? min : tidy(min), max: ends === 'exact' ? max : tidy(max), ticks };
}

function logRange(values: readonly number[], around: readonly number[], { ends, most: top }: Ends): Range {
  const [lowest, highest] = [least(values), most(values)];
  const reach = Math.max(2, (highest / lowest) ** ROOM_AROUND);
  let low = Math.max(lowest / reach, Math.min(lowest, least(around.filter((value) => value > 0))));
  let high = Math.min(highest * reach, Math.max(highest, most(around)));
  const alone = high / low < 1 + 1e-9;
  if (alone) [low, high] = [low / 2, high * 2];
  else if (ends !== 'exact') {
    const pad = (high / low) ** 0.04;
    [low, high] = [low / pad, high * pad];
  }
  // A symbol at the end keeps its room.
  const capped = highest <= top;
  if (capped) high = Math.min(alone ? top : Math.max(top, highest * 1.02), high);
  return { min: tidy(low), max: tidy(high), ticks: logTicks(low, capped ? Math.min(top, high) : high) };
}

/** 1, 2, 5, 10, … within the range; of many powers of ten every so many; even steps where even those are too few. */
export function logTicks(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const every = Math.max(1, Math.ceil((last - first) / 10));
  const leads = last - first > 4 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = first; power <= last; power++) {
    if (power % every !== 0) continue;
    for (const lead of leads) {
      const tick = tidy(lead * 10 ** power);
      if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) ticks.push(tick);
    }
  }
  if (ticks.length > 2) return ticks;
  const step = niceStep((high - low) / 5);
  const start = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - start + 1 }, (_, index) =>
    tidy((start + index) * step),
  );
}

const small = (palette: Palette): Option => ({ color: palette.quiet, fontSize: 11 });

/** The horizontal axis of a chart over two axes. */
export function xAxisOption(scale: AxisScale, palette: Palette): Option {
  const { min, max, inverse, ticks, text, name } = scale;
  return {
    type: scale.scale === 'log' ? 'log' : 'value',
    min,
    max,
    inverse,
    name,
    nameLocation: 'middle',
    nameGap: 28,
    nameTextStyle: { color: palette.quiet, fontSize: 12 },
    axisLine: { show: true, onZero: false, lineStyle: { color: palette.line } },
    axisTick: { show: true, customValues: ticks, length: 4, lineStyle: { color: palette.line } },
    axisLabel: { ...small(palette), customValues: ticks, formatter: text, hideOverlap: true },
    splitLine: { show: false },
  };
}

/** The vertical one; its name stands above it. */
export function yAxisOption(scale: AxisScale, palette: Palette, left: number): Option {
  const { min, max, inverse, ticks, text, name } = scale;
  return {
    type: scale.scale === 'log' ? 'log' : 'value',
    min,
    max,
    inverse,
    name,
    nameLocation: 'end',
    nameGap: 14,
    nameTextStyle: { color: palette.quiet, fontSize: 12, align: 'left', padding: [0, 0, 0, 8 - left] },
    axisLine: { show: false, onZero: false },
    axisTick: { show: false, customValues: ticks },
    axisLabel: { ...small(palette), customValues: ticks, formatter: text },
    splitLine: { customValues: ticks, lineStyle: { color: palette.line, width: 1 } },
  };
}

/** Pixels left of a chart for the texts of its vertical axis. */
export function leftRoom(scale: AxisScale): number {
  const longest = Math.max(0, ...scale.ticks.map((tick) => scale.text(tick).length));
  return Math.max(52, Math.ceil(20 + 6.4 * longest));
}
