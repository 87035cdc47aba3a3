import type { Axis } from '../../contract/figures.ts';

// Axes that several analyses share.

export const SPARSITY: Axis = { label: 'Sparsity', unit: 'sparsity', scale: 'log' };
export const TEST_ACCURACY: Axis = { label: 'Test accuracy', unit: 'share', scale: 'linear' };

/** `78.4 %` */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
