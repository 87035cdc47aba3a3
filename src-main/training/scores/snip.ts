import { z } from 'zod';
import { meanOver, scoringFeeds } from './images.ts';
import { imageOptions, imageSteps } from './options.ts';
import type { ScoreMethod } from './score.ts';

const Snip = z.strictObject({ kind: z.literal('snip'), ...imageOptions });

/** |w·g|: what the loss would change, to first order, if the connection were weakened (Lee et al. 2019). The largest stay. */
export const snip: ScoreMethod<z.infer<typeof Snip>> = {
  kind: 'snip',
  title: 'SNIP |w·g|',
  schema: Snip,
  cost: (options, at) => ({ steps: imageSteps(options, at), looks: 1 }),
  async score(options, inputs) {
    const { weights, prepared, context, spec } = inputs;
    const feeds = scoringFeeds(inputs, options);
    const program = context.workspace.lossGradient(spec.task, prepared, { temperature: 1 });
    program.write('weights', weights);
    const gradient = await meanOver(inputs, program, 'sum', feeds, 0, feeds.length);
    return gradient.map((value, index) => Math.abs(value * (weights[index] as number)));
  },
};
