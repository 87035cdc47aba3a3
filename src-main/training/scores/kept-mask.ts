import { crashPoint } from '../../checkpoint/crash.ts';
import type { Mask } from '../../pruning/mask.ts';
import type { JobContext } from '../context.ts';
import { CHECKPOINTS } from '../loop.ts';

/** Keeps the mask of a score made in steps, so that a job that was stopped or died goes on where it was. */
export class KeptMask {
  readonly #context: JobContext;
  #savedAt = performance.now();

  constructor(context: JobContext) {
    this.#context = context;
  }

  /** What was kept: steps taken, and the mask after them. */
  load(): { readonly steps: number; readonly mask: Mask } | null {
    const saved = this.#context.partial.load();
    const mask = saved?.tensors.get('mask');
    if (mask?.dtype !== 'BOOL') return null;
    crashPoint('restored');
    return { steps: Number(saved?.metadata['steps']), mask: mask.data };
  }

  /** Saves where what is saved has become old. */
  keep(steps: number, mask: Mask): void {
    const { atEpochSeconds } = this.#context.checkpoints ?? CHECKPOINTS;
    if (performance.now() - this.#savedAt >= 1000 * atEpochSeconds) this.save(steps, mask);
  }

  save(steps: number, mask: Mask): void {
    const tensors = new Map([['mask', { dtype: 'BOOL', shape: [mask.length], data: mask } as const]]);
    this.#context.partial.save(tensors, { steps: String(steps) });
    this.#savedAt = performance.now();
  }
}
