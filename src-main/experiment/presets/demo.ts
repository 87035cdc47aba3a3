import type { Preset } from './preset.ts';

/** The first thing anybody runs: real data that is in the package, minutes on two cores, every idea in it. */
export const demo: Preset = {
  name: 'demo',
  title: 'Handwritten digits, LeNet-300-100: IMP, an ensemble of two, SWAMP with four particles',
  notes: 'Nothing to set. Twelve pruning rounds to 98.6 % sparsity, a few minutes on two cores.',
  config: {
    name: 'demo',
    dataset: { kind: 'digits' },
    split: { validation: 0.1 },
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
    arms: [{ kind: 'imp' }, { kind: 'imp-ensemble', members: 2 }, { kind: 'swamp', particles: 4 }],
    seeds: [1],
  },
};
