import type { Layout } from '../contract/parameters.ts';
import type { Initialisation } from '../contract/recipe.ts';
import { normal, streamFor } from '../random/random.ts';

/**
 * Initial weights as one flat vector: kernels He normal (He et al. 2015), standard deviation √(2 / fan), drawn
 * in layout order from the stream `seed/init/member`; scales 1; biases and offsets 0.
 */
export function initialise(
  layout: Layout,
  { fan }: Initialisation,
  { seed, member }: { seed: number; member: number },
): Float32Array {
  const weights = new Float32Array(layout.total);
  const stream = streamFor({ seed, purpose: 'init', member });
  for (const { role, shape, offset, size } of layout.parameters) {
    const values = weights.subarray(offset, offset + size);
    switch (role) {
      case 'kernel':
      case 'embedding':
        normal(stream, values, Math.sqrt(2 / fanOf(shape, fan)));
        break;
      case 'scale':
        values.fill(1);
        break;
      case 'bias':
      case 'offset':
        break;
    }
  }
  return weights;
}

/** Connections into (or out of) a unit: of a kernel [height, width, in, out] or [in, out]. */
function fanOf(shape: readonly number[], fan: 'in' | 'out'): number {
  const receptive = shape.slice(0, -2).reduce((product, side) => product * side, 1);
  return receptive * (shape.at(fan === 'in' ? -2 : -1) ?? 1);
}
