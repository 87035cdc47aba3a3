import { z } from 'zod';
import { chooseByLayer, refuseEmpty } from './by-layer.ts';
import type { Scope } from './scope.ts';

const Uniform = z.strictObject({ kind: z.literal('uniform') });

/** Every layer keeps the same share of its weights; scores are compared within the layer. */
export const uniform: Scope<z.infer<typeof Uniform>> = {
  kind: 'uniform',
  title: 'Uniform: every layer keeps the same share',
  schema: Uniform,
  reach(_options, alive, layout) {
    refuseEmpty(layout, alive, () => alive / layout.prunable, 'uniform');
    return alive;
  },
  choose: (_options, from) => chooseByLayer(from, () => from.alive / from.layout.prunable),
};
