import { demo } from './demo.ts';
import type { Preset } from './preset.ts';

/** The paper's ablation: what the particles do, and what SWA does. */
export const ablation: Preset = {
  name: 'ablation',
  title: 'The grid {SGD, SWA} × {1, 4 particles}: imp, multi-sgd(4), swamp(1), swamp(4)',
  notes: 'Nothing to set: digits, a few minutes. Twelve pruning rounds to 98.6 % sparsity.',
  config: {
    ...demo.config,
    name: 'ablation',
    arms: [
      { kind: 'imp' },
      { kind: 'multi-sgd', particles: 4 },
      { kind: 'swamp', particles: 1 },
      { kind: 'swamp', particles: 4 },
    ],
  },
};
