import { crashPoint } from '../../checkpoint/crash.ts';
import type { Mask } from '../../pruning/mask.ts';
import type { JobContext } from '../context.ts';

/** How far a score made in steps is: steps taken, and the mask after them. */
export interface KeptMask {
  readonly steps: number;
  readonly mask: Mask;
}

/** What was kept of a job that was stopped or died; `null`: nothing. */
export function loadMask({ partial }: JobContext): KeptMask | null {
  const saved = partial.load();
  const mask = saved?.tensors.get('mask');
  if (mask?.dtype !== 'BOOL') return null;
  crashPoint('restored');
  return { steps: Number(saved?.metadata['steps']), mask: mask.data };
}

export function saveMask({ partial }: JobContext, { steps, mask }: KeptMask): void {
  const tensors = new Map([['mask', { dtype: 'BOOL', shape: [mask.length], data: mask } as const]]);
  partial.save(tensors, { steps: String(steps) });
}
