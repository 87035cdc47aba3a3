import { z } from 'zod';
import type { Layers } from './layers.ts';
import type { ModelDefinition } from './model.ts';

const Options = z.strictObject({
  kind: z.literal('resnet'),
  /** 6n + 2: three stages of n blocks of two convolutions. */
  depth: z
    .number()
    .int()
    .min(8)
    .refine((depth) => (depth - 2) % 6 === 0, { message: 'must be 6n + 2: 8, 14, 20, 32, 44, 56, 110' })
    .default(20),
  /** Channels of the first stage; the others have twice and four times as many. */
  width: z.number().int().positive().default(16),
});

/**
 * CIFAR ResNet (He et al. 2016, section 4.2) with projection shortcuts (1×1 convolution and batch norm) where
 * the shape changes. 3×3 convolutions are padded by 1 on every side, at stride 2 as well.
 */
export const resnet: ModelDefinition<z.infer<typeof Options>> = {
  kind: 'resnet',
  schema: Options,
  title: ({ depth, width }) => `ResNet-${depth} (width ${width})`,
  defaults: {
    recipe: {
      optimizer: { momentum: 0.9, weightDecay: 1e-4 },
      learningRate: 0.1,
      schedule: { kind: 'step', milestones: [80, 120], factor: 0.1 },
      batch: 128,
      epochs: 160,
      augment: { flip: true, crop: 4 },
    },
    ticket: { iterations: 1000 },
    swa: { start: 0.5, learningRate: 0.05 },
  },
  forward(net, images, { depth, width }, classes) {
    const blocks = (depth - 2) / 6;
    let channels = width;
    let x = convolution(net, 'stem', images, { filters: width, size: 3, stride: 1 });
    x = net.relu(x);
    for (let stage = 1; stage <= 3; stage++) {
      const filters = width * 2 ** (stage - 1);
      for (let block = 1; block <= blocks; block++) {
        const stride = stage > 1 && block === 1 ? 2 : 1;
        const name = `stage${stage}/block${block}`;
        let h = net.relu(convolution(net, `${name}/conv1`, x, { filters, size: 3, stride }));
        h = convolution(net, `${name}/conv2`, h, { filters, size: 3, stride: 1 });
        const reshape = stride !== 1 || filters !== channels;
        const shortcut = reshape ? convolution(net, `${name}/shortcut`, x, { filters, size: 1, stride }) : x;
        x = net.relu(net.add(h, shortcut));
        channels = filters;
      }
    }
    return net.dense('classifier', net.globalAveragePool(x), { units: classes, classifier: true });
  },
};

/** Convolution and the batch norm behind it. */
function convolution<T>(
  net: Layers<T>,
  name: string,
  x: T,
  { filters, size, stride }: { filters: number; size: number; stride: number },
): T {
  return net.batchNorm(`${name}/bn`, net.conv2d(name, x, { filters, size, stride, padding: (size - 1) / 2 }));
}
