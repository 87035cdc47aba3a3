import type { ComparedRound, Comparison } from '../contract/compare.ts';
import { count, fixed, flopUnit } from './format.ts';
import type { Palette } from './palette.ts';
import { allRounds, oneDenominator } from './select.ts';

/** What a chart's horizontal axis shows. */
export type XAxis = 'remaining' | 'inference' | 'training';
export const xAxes: readonly XAxis[] = ['remaining', 'inference', 'training'];
export type Scale = 'log' | 'linear';

export function xAxisBase(palette: Palette, name: string): Readonly<Record<string, unknown>> {
  return {
    name,
    nameLocation: 'middle',
    nameGap: 28,
    nameTextStyle: { color: palette.quiet, fontSize: 12 },
    axisLine: { show: true, onZero: false, lineStyle: { color: palette.line } },
    splitLine: { show: false },
  };
}

export function axisName(comparison: Comparison, x: XAxis, unit: string): string {
  switch (x) {
    case 'remaining':
      return oneDenominator(comparison)
        ? `Sparsity of ${count(comparison.denominator.weights)} weights`
        : "Sparsity of each network's own weights";
    case 'inference':
      return `Inference, ${unit} an image (pruned weights are free, ensembles in full)`;
    case 'training':
      return `Training up to the round, ${unit} (dense count)`;
  }
}

export interface Horizontal extends Readonly<Record<string, unknown>> {
  readonly min: number;
  readonly max: number;
  readonly inverse: boolean;
}

/** Numbers for the horizontal axis, and the axis for either scale. Sparser is always further right. */
export function horizontal(
  comparison: Comparison,
  x: XAxis,
  palette: Palette,
): {
  readonly of: (round: ComparedRound) => number;
  readonly unit: string;
  readonly log: Horizontal;
  readonly linear: Horizontal;
} {
  const all = comparison.arms.flatMap((arm) => arm.rounds);
  const raw = (round: ComparedRound): number =>
    x === 'inference' ? round.inferenceFlops : round.trainingFlops;
  const unit = flopUnit(Math.max(1, ...all.map(raw)));
  const of = (round: ComparedRound): number =>
    x === 'remaining' ? tidy(100 * round.remaining) : tidy(raw(round) / unit.size);
  const values = (
    x === 'remaining' ? allRounds(comparison).map((r) => 100 * r.remaining) : all.map(of)
  ).filter((value) => value > 0);
  const low = Math.min(...values, 100);
  const high = x === 'remaining' ? 100 : Math.max(...values);
  const lowest = values.length === 0 ? 1 : x === 'remaining' ? low : Math.min(...values);
  const inverse = x !== 'training';
  const ticks = logTicks(lowest, high);
  const marks = (custom: readonly number[]): Readonly<Record<string, unknown>> => ({
    axisLabel: { customValues: custom, color: palette.quiet, fontSize: 11, hideOverlap: true },
    axisTick: { customValues: custom, length: 4, lineStyle: { color: palette.line } },
  });
  const step = niceStep(high / 5);
  const linearMarks = Array.from({ length: Math.floor(high / step + 1e-9) + 1 }, (_, i) => tidy(i * step));
  return {
    of,
    unit: unit.name,
    log: {
      type: 'log',
      inverse,
      min: tidy(lowest * 0.94),
      max: tidy(high * 1.06),
      ...marks(ticks),
    },
    linear: { type: 'value', inverse, min: 0, max: tidy(high * 1.02), ...marks(linearMarks) },
  };
}

/** 1, 2, 5, 10, … within the range; every power of ten alone where that would be too many. */
function logTicks(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const steps = last - first > 4 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = first; power <= last; power++) {
    for (const step of steps) {
      const tick = tidy(step * 10 ** power);
      if (tick >= low * 0.94 && tick <= high * 1.06) ticks.push(tick);
    }
  }
  return ticks;
}

/** Decimals that the labels of the vertical axis need. A page gives its labels as many, so that they line up. */
export function axisDigits(interval: number): number {
  return Math.max(0, -Math.floor(Math.log10(interval) + 1e-9));
}

/** A place on the axis of remaining weights as sparsity: `100` → `dense`, `5` → `95 %`. */
export function sparsityLabel(remaining: number): string {
  if (remaining >= 100) return 'dense';
  const sparsity = tidy(100 - remaining);
  return `${fixed(sparsity, Math.min(4, (String(sparsity).split('.')[1] ?? '').length))} %`;
}

/** A range around the values that begins and ends on round numbers. */
export function range(values: readonly number[]): { min: number; max: number; interval: number } {
  if (values.length === 0) return { min: 0, max: 1, interval: 0.2 };
  const low = Math.min(...values);
  const high = Math.max(...values);
  const interval = niceStep(Math.max(high - low, Math.abs(high) * 1e-3, 1e-6) / 6);
  const min = tidy(Math.floor(low / interval) * interval);
  const max = tidy(Math.ceil(high / interval + 0.05) * interval);
  return { min: low >= 0 ? Math.max(0, min) : min, max, interval };
}

/** The next of 1, 2, 5 × 10ⁿ. */
export function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const lead = step / power;
  return tidy((lead <= 1.0001 ? 1 : lead <= 2.0001 ? 2 : lead <= 5.0001 ? 5 : 10) * power);
}

/** Six significant digits: enough for a screen, and free of 0.30000000000000004. */
export function tidy(value: number): number {
  return Number(value.toPrecision(6));
}

export function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? tidy(value) : null;
}
