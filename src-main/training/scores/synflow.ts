import { z } from 'zod';
import { aliveCount, applyMask, prunableOf } from '../../pruning/mask.ts';
import { chooseMask } from '../../pruning/scopes/registry.ts';
import { pause } from './images.ts';
import { synflowOptions } from './options.ts';
import type { ScoreMethod } from './score.ts';

const Synflow = z.strictObject({ kind: z.literal('synflow'), ...synflowOptions });

/**
 * Synaptic flow (Tanaka et al. 2020): |w · ∂R/∂w| of R = Σ logits, computed on weights |w|, an image of ones and batch
 * norm as identity. Pruned in many steps, each scored anew; no data are seen.
 */
export const synflow: ScoreMethod<z.infer<typeof Synflow>> = {
  kind: 'synflow',
  title: 'SynFlow',
  schema: Synflow,
  async score({ steps }, inputs) {
    const { weights, mask: start, prepared, context, spec } = inputs;
    const { layout } = prepared;
    const program = context.workspace.flowStep(spec.task, prepared);
    program.write('gradient', new Float32Array(weights.length));
    const magnitudes = weights.map(Math.abs);
    const before = aliveCount(start, layout);
    let mask = start;
    for (let step = 1; ; step++) {
      program.write('weights', magnitudes);
      program.run({});
      const gradient = program.read('gradient');
      const scores = magnitudes.map((magnitude, index) => magnitude * (gradient[index] as number));
      await pause(inputs, step, steps);
      if (step === steps) {
        // What earlier steps pruned is below all that is left, whose scores are 0 or more.
        for (const { offset, size } of prunableOf(layout))
          for (let at = offset; at < offset + size; at++) if (mask[at] === 0) scores[at] = -1;
        return scores;
      }
      const alive = stepCount(before, spec.alive, step / steps);
      mask = chooseMask(spec.scope, { scores, mask, layout, alive });
      applyMask(magnitudes, mask);
    }
  },
};

/** Weights alive at a share of the way from one number to another, exponentially. */
export function stepCount(from: number, to: number, share: number): number {
  return Math.floor(from * (to / from) ** share + 0.5);
}
