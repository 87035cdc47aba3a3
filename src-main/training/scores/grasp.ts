import { z } from 'zod';
import { prunableOf } from '../../pruning/mask.ts';
import { meanOver, scoringFeeds } from './images.ts';
import { graspOptions, imageSteps } from './options.ts';
import type { ScoreMethod } from './score.ts';

const Grasp = z.strictObject({ kind: z.literal('grasp'), ...graspOptions });

/** A Hessian-vector product in gradients of as many images: measured (docs/performance.md). */
const PRODUCT = 4;

/**
 * Gradient signal preservation (Wang et al. 2020): the weights with the largest −w·Hg go, those whose loss lowers the
 * norm of the gradient least or raises it. g is the gradient of the prunable weights that are alive, H·g the exact
 * Hessian-vector product on the same images.
 */
export const grasp: ScoreMethod<z.infer<typeof Grasp>> = {
  kind: 'grasp',
  title: 'GraSP −w·Hg',
  schema: Grasp,
  cost: (options, at) => ({ steps: (1 + PRODUCT) * imageSteps(options, at), looks: 1 }),
  async score({ temperature, ...images }, inputs) {
    const { weights, mask, prepared, context, spec } = inputs;
    const feeds = scoringFeeds(inputs, images);
    const steps = 2 * feeds.length;
    const gradients = context.workspace.lossGradient(spec.task, prepared, { temperature });
    gradients.write('weights', weights);
    const gradient = await meanOver(inputs, gradients, 'sum', feeds, 0, steps);
    const vector = new Float32Array(gradient.length);
    for (const { offset, size } of prunableOf(prepared.layout))
      for (let at = offset; at < offset + size; at++) if (mask[at] === 1) vector[at] = gradient[at] as number;
    const products = context.workspace.hessianVectorProduct(spec.task, prepared, {
      temperature,
      statistics: 'batch',
    });
    products.write('weights', weights);
    products.write('vector', vector);
    const product = await meanOver(inputs, products, 'product', feeds, feeds.length, steps);
    // The largest scores stay, so that the sign is the other one.
    return product.map((value, index) => value * (weights[index] as number));
  },
};
