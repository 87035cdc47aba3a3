import type { Preset } from './preset.ts';

/** The paper's ablation: what the particles do, and what SWA does. */
export const ablation: Preset = {
  name: 'ablation',
  title: 'The grid {SGD, SWA} × {1, 4 particles}: imp, multi-sgd(4), swamp(1), swamp(4)',
  notes: 'Nothing to set: digits, a few minutes. Twelve pruning rounds to 98.6 % sparsity.',
  config: {
    name: 'ablation',
    dataset: { kind: 'digits' },
    model: { kind: 'lenet', hidden: [300, 100] },
    recipe: {
      optimizer: { momentum: 0.9, weightDecay: 1e-4 },
      learningRate: 0.05,
      schedule: { kind: 'cosine' },
      batch: 128,
      epochs: 10,
    },
    ticket: { epochs: 2 },
    swa: { start: 0.5, learningRate: 0.05 },
    sparsity: { kind: 'geometric', fraction: 0.3, rounds: 12 },
    arms: [
      { kind: 'imp' },
      { kind: 'multi-sgd', particles: 4 },
      { kind: 'swamp', particles: 1 },
      { kind: 'swamp', particles: 4 },
    ],
    seeds: [1],
  },
};
