import { reactive, watch } from 'vue';
import { recall, remember } from '../../lib/remembered.ts';

/** How training curves are drawn. */
export interface CurveChoices {
  /** Weight of what came before in the moving average, 0 (as measured) to below 1. */
  smoothing: number;
  /** Of the loss. */
  scale: 'linear' | 'log';
  x: 'iteration' | 'epoch';
}

export const MOST_SMOOTHING = 0.95;

function isChoices(value: unknown): value is CurveChoices {
  if (typeof value !== 'object' || value === null) return false;
  const { smoothing, scale, x } = value as Partial<Record<keyof CurveChoices, unknown>>;
  const fits = typeof smoothing === 'number' && smoothing >= 0 && smoothing <= MOST_SMOOTHING;
  return fits && (scale === 'linear' || scale === 'log') && (x === 'iteration' || x === 'epoch');
}

/** The choices, remembered on this machine. */
export function useCurveChoices(): CurveChoices {
  const choices = reactive<CurveChoices>({
    ...recall('run.curves', { smoothing: 0, scale: 'linear', x: 'iteration' }, isChoices),
  });
  watch(choices, (now) => remember('run.curves', { ...now }));
  return choices;
}

/**
 * Exponential moving average, begun without the pull of a first value: each point is the weighted mean of all before
 * it. @param weight of what came before, 0 to below 1. Gaps stay gaps.
 */
export function smoothed(values: readonly (number | null)[], weight: number): readonly (number | null)[] {
  if (weight === 0) return values;
  let sum = 0;
  let weights = 0;
  return values.map((value) => {
    if (value === null) return null;
    sum = weight * sum + (1 - weight) * value;
    weights = weight * weights + (1 - weight);
    return sum / weights;
  });
}
