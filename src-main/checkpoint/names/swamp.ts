import type { Tensor } from '../tensor.ts';
import type { Naming, Source } from './naming.ts';

const MASK_PREFIX = 'mask/';

/** Our own names, as `swamp export` writes them (docs/export.md). */
export const swamp: Naming = {
  kind: 'swamp',
  title: 'as exported here: stage1/block1/conv1/kernel, mask/…',
  sort(tensors) {
    const weights = new Map<string, Tensor>();
    const masks = new Map<string, Tensor>();
    for (const [name, tensor] of tensors) {
      if (name.startsWith(MASK_PREFIX)) masks.set(name.slice(MASK_PREFIX.length), tensor);
      else weights.set(name, tensor);
    }
    return { weights, masks };
  },
  sources({ parameters, statistics }) {
    return new Map<string, Source>([
      ...parameters.map(({ name, shape }): [string, Source] => [name, { names: [name], shape }]),
      ...statistics.flatMap(({ name, channels }) =>
        ['mean', 'variance'].map((part): [string, Source] => [
          `${name}/${part}`,
          { names: [`${name}/${part}`], shape: [channels] },
        ]),
      ),
    ]);
  },
};
