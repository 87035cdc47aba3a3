import { z } from 'zod';
import { crashPoint } from '../../checkpoint/crash.ts';
import { aliveCount, applyMask, prunableOf } from '../../pruning/mask.ts';
import { chooseMask } from '../../pruning/scopes/registry.ts';
import { Breath } from '../breath.ts';
import { loadMask, saveMask, type KeptMask } from './kept-mask.ts';
import { synflowOptions } from './options.ts';
import type { ScoreMethod } from './score.ts';

const Synflow = z.strictObject({ kind: z.literal('synflow'), ...synflowOptions });

/** A pass of two images through the network in training steps: measured (docs/performance.md). */
const PASS = 0.2;

/**
 * Synaptic flow (Tanaka et al. 2020): |w · ∂R/∂w| of R = Σ logits, computed on weights |w|, an image of ones and batch
 * norm as identity. Pruned in many steps, each scored anew; no data are seen.
 */
export const synflow: ScoreMethod<z.infer<typeof Synflow>> = {
  kind: 'synflow',
  title: 'SynFlow',
  schema: Synflow,
  cost: ({ steps }) => ({ steps: PASS * steps, looks: steps }),
  async score({ steps }, inputs) {
    const { weights, mask: start, prepared, context, spec } = inputs;
    const { layout } = prepared;
    const program = context.workspace.flowStep(spec.task, prepared);
    program.write('gradient', new Float32Array(weights.length));
    const magnitudes = weights.map(Math.abs);
    const all = aliveCount(start, layout);
    let kept: KeptMask = loadMask(context) ?? { steps: 0, mask: start };
    applyMask(magnitudes, kept.mask);
    const breath = new Breath(context, () => saveMask(context, kept));
    for (let step = kept.steps + 1; ; step++) {
      program.write('weights', magnitudes);
      program.run({});
      const gradient = program.read('gradient');
      const scores = magnitudes.map((magnitude, index) => magnitude * (gradient[index] as number));
      crashPoint('score');
      await breath.take(step, steps);
      if (step === steps) {
        // What earlier steps pruned is below all that is left, whose scores are 0 or more.
        for (const { offset, size } of prunableOf(layout))
          for (let at = offset; at < offset + size; at++) if (kept.mask[at] === 0) scores[at] = -1;
        return scores;
      }
      const alive = stepCount(all, spec.alive, step / steps);
      kept = { steps: step, mask: chooseMask(spec.scope, { scores, mask: kept.mask, layout, alive }) };
      applyMask(magnitudes, kept.mask);
    }
  },
};

/** Weights alive at a share of the way from one number to another, exponentially. */
export function stepCount(from: number, to: number, share: number): number {
  return Math.floor(from * (to / from) ** share + 0.5);
}
