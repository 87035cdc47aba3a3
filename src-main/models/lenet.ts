import { z } from 'zod';
import type { ModelDefinition } from './model.ts';

const Options = z.strictObject({
  kind: z.literal('lenet'),
  /** Units of the hidden layers. */
  hidden: z.array(z.number().int().positive()).min(1).default([300, 100]),
});

/** LeNet-300-100 (LeCun et al. 1998): two hidden dense layers with ReLU; the lottery ticket papers' small network. */
export const lenet: ModelDefinition<z.infer<typeof Options>> = {
  kind: 'lenet',
  schema: Options,
  title: ({ hidden }) => `LeNet-${hidden.join('-')}`,
  defaults: {
    recipe: {
      optimizer: { momentum: 0, weightDecay: 0 },
      learningRate: 0.1,
      schedule: { kind: 'constant' },
      batch: 128,
      epochs: 40,
    },
    ticket: { epochs: 1 },
    swa: { start: 0.5, learningRate: 0.05 },
  },
  forward(net, images, { hidden }, classes) {
    let x = net.flatten(images);
    for (const [index, units] of hidden.entries()) x = net.relu(net.dense(`dense${index + 1}`, x, { units }));
    return net.dense('classifier', x, { units: classes, classifier: true });
  },
};
